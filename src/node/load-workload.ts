// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunSpec } from '../config/index.js';
import { didYouMean } from '../config/suggest.js';
import type { Core } from '../core/index.js';
import { UserError } from '../core/user-error.js';
import { generateWorkload } from '../run/generate.js';
import { limitSessions, type Workload } from '../workload/index.js';
import { readTraceFile } from './files.js';

/** `data/` stands beside both `src/` and `dist/`. */
const folder = new URL('../../data/', import.meta.url);
const BUILTIN = 'builtin:';

/** Traces that ship with the package, by name. */
export function builtinTraces(): ReadonlyMap<string, string> {
  const files = readdirSync(folder).sort();
  return new Map(files.map((file) => [file.replace(/\..*$/, ''), file]));
}

/** Path of a trace as a config names it: a file, a folder, or `builtin:NAME`. */
function tracePath(path: string): string {
  if (!path.startsWith(BUILTIN)) return path;
  const name = path.slice(BUILTIN.length);
  const traces = builtinTraces();
  const file = traces.get(name);
  if (file !== undefined) return fileURLToPath(new URL(file, folder));
  throw new UserError(`no such built-in trace${didYouMean(name, [...traces.keys()])}`, {
    path: 'workload.path',
  }, { got: path, allowed: [...traces.keys()].map((known) => BUILTIN + known).join(', ') });
}

/** The workload that a config asks for: generated, or read from its trace. */
export async function loadWorkload(core: Core, spec: RunSpec): Promise<Workload> {
  const generated = generateWorkload(core, spec);
  if (generated !== null || spec.workload.kind !== 'trace') return generated!;
  const { path, format, maxSessions } = spec.workload;
  const builtin = path.startsWith(BUILTIN) ? { name: path.slice(BUILTIN.length) } : {};
  const options = { ...builtin, ...(format === 'auto' ? {} : { format }) };
  const workload = await readTraceFile(tracePath(path), options);
  return maxSessions === null ? workload : limitSessions(workload, maxSessions);
}
