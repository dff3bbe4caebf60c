// SPDX-License-Identifier: Apache-2.0
/** Presets that were resolved when the package was built: the quick way to run one as it is. */
import { readFileSync } from 'node:fs';
import type { RunSpec } from '../config/index.js';
import type { RunArguments } from './run-input.js';

/** `dist/`: the build puts them there, beside the command. */
const dist = new URL('../', import.meta.url);
const changes = [
  'trace', 'set', 'seed', 'slo', 'format', 'replicas', 'lanes', 'catalog', 'tariff',
] as const;

/** The resolved config of a preset that nothing changes; null when there is more to it. */
export function readyPreset(given: RunArguments): RunSpec | null {
  const { what = 'seed-session' } = given;
  if (!/^[a-z0-9-]+$/.test(what) || changes.some((key) => given[key] !== undefined)) return null;
  try {
    return JSON.parse(readFileSync(new URL(`presets/${what}.json`, dist), 'utf8')) as RunSpec;
  } catch {
    return null;
  }
}
