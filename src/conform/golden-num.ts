// SPDX-License-Identifier: Apache-2.0
/** Numeric vectors: recognises their manifest and hands the folder to whoever knows its arrays. */
import type { NumericCore } from '../numeric/index.js';
import type { ConformCheck } from './golden-file.js';
import { isNumManifest, numFolder } from './num-folder.js';
import type { NumFolder, ReadFile } from './num-folder.js';
import { quantChecks } from './num-quant.js';

interface Family {
  /** Files of arrays that it answers for. */
  readonly files: readonly string[];
  readonly checks: (numeric: NumericCore, folder: NumFolder) => ConformCheck[];
}

const FAMILIES: readonly Family[] = [
  { files: ['codec.bin', 'nvfp4.bin', 'kv.bin'], checks: quantChecks },
];

/** Checks of a numeric `manifest.json`; none when it is another kind of manifest. */
export function numericChecks(
  numeric: () => NumericCore,
  manifest: unknown,
  path: string,
  read: ReadFile,
): ConformCheck[] {
  if (!isNumManifest(manifest)) return [];
  const folder = numFolder(manifest, path, read);
  const known = new Set(FAMILIES.flatMap(({ files }) => files));
  const unknown = Object.keys(manifest['files'] as object).filter((file) => !known.has(file));
  return [
    ...FAMILIES.flatMap(({ checks }) => checks(numeric(), folder)),
    ...unknown.map((part): ConformCheck => ({
      part,
      run: () => ({ status: 'skipped', note: 'no kernel for this file' }),
    })),
  ];
}
