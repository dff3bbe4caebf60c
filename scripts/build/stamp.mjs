// SPDX-License-Identifier: Apache-2.0
/** What the outputs on disk were built from: one content hash a stage. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, filesBelow, readText, root, writeAtomic } from './files.mjs';

const stampFile = join(cacheDir, 'stamp.json');

/** Written by the build itself, so never an input of it. */
const generated = /^(src\/\w+|assembly)\/generated\/|\.tmp$/;

export function hashInputs(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesBelow)) {
    if (generated.test(file)) continue;
    hash.update(`${file}\0`).update(readFileSync(join(root, file))).update('\0');
  }
  return hash.digest('hex');
}

export function readStamp() {
  try {
    return JSON.parse(readText(stampFile) ?? '{}');
  } catch {
    return {};
  }
}

export function writeStamp(stamp) {
  writeAtomic(stampFile, JSON.stringify(stamp) + '\n');
}
