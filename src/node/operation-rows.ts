// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { readConstants } from '../calibrate/constants-file.js';
import type { MeasuredRow } from '../calibrate/fit.js';
import { readOperationRows } from '../calibrate/rows.js';
import { UserError } from '../core/user-error.js';
import type { Fitted } from '../cost/op/index.js';

/** Text of a file. @throws UserError when it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'no such file' : `cannot be read (${code ?? String(error)})`;
    throw new UserError(what, { file });
  }
}

/** Measured operations of a CSV file. @throws UserError with file, line and column. */
export function readOperationFile(file: string): MeasuredRow[] {
  return readOperationRows(readText(file), file);
}

/** Constants that `kvloom calibrate --out` wrote. @throws UserError. */
export function readConstantsFile(file: string): Fitted {
  return readConstants(readText(file), file);
}
