// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the shared trace data that may not be part of the repository: `KVLOOM_DATA`, or
 * `../shared/data` next to the checkout. Tests that need it skip without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const DATA = process.env['KVLOOM_DATA'] ?? resolve(ROOT, '../shared/data');

/** Path below the shared data folder, or null (with a note on the console) when it is absent. */
export function sharedData(...parts: string[]): string | null {
  const path = join(DATA, ...parts);
  if (existsSync(path)) return path;
  console.info(`skipped: no ${path} (set KVLOOM_DATA to the shared data folder)`);
  return null;
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
