// SPDX-License-Identifier: Apache-2.0
/** The configs that ship with the package. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `presets/` stands beside both `src/` and `dist/`. */
const folder = new URL('../../presets/', import.meta.url);

export function presetNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

export function presetPath(name: string): string {
  return fileURLToPath(new URL(`${name}.yaml`, folder));
}

/** YAML text of a preset, null when there is none of that name. */
export function readPreset(name: string): string | null {
  return presetNames().includes(name) ? readFileSync(presetPath(name), 'utf8') : null;
}
