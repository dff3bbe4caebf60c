// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import type { Fitted, FittedFamily } from '../cost/op/fitted-family.js';
import { formOf } from '../cost/op/forms.js';
import { OPERATIONS, type OperationName } from '../cost/op/operation.js';

/** JSON text of constants, one system a line, so that a difference reads as one. */
export function writeConstants(fitted: Fitted): string {
  const text = JSON.stringify(fitted, null, 2);
  return text.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, inner: string) => {
    return `[${inner.replace(/\s*\n\s*/g, ' ')}]`;
  });
}

const WORDS = ['op', 'dtype', 'kvDtype', 'kernelSource', 'framework', 'version'] as const;

/**
 * Reads what `writeConstants` wrote.
 * @throws UserError with file and path for anything else.
 */
export function readConstants(text: string, file: string): Fitted {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new UserError(`not JSON: ${(error as Error).message}`, { file });
  }
  const { date, source, families } = (data ?? {}) as Partial<Fitted>;
  if (typeof date !== 'string' || typeof source !== 'string' || !Array.isArray(families)) {
    const allowed = 'what kvloom calibrate --out wrote: date, source, families';
    throw new UserError('not a file of constants', { file }, { allowed });
  }
  families.forEach((family, i) => checkFamily(family as FittedFamily, file, `families[${i}]`));
  return { date, source, families };
}

function checkFamily(family: FittedFamily, file: string, path: string): void {
  const fail = (field: string, what: string, got: unknown, allowed: string): never => {
    throw new UserError(what, { file, path: `${path}.${field}` }, { got, allowed });
  };
  for (const word of WORDS) {
    if (typeof family?.[word] !== 'string') fail(word, 'must be text', family?.[word], 'a word');
  }
  const names = Object.keys(OPERATIONS);
  if (!names.includes(family.op)) fail('op', 'unknown operation', family.op, names.join(', '));
  const form = formOf({ op: family.op as OperationName, dtype: family.dtype || 'bfloat16' });
  const count = form.constants.length;
  for (const [system, values] of Object.entries(family.systems ?? {})) {
    const numbers = Array.isArray(values) && values.every((v) => Number.isFinite(v));
    if (!numbers || values.length !== count) {
      fail(`systems.${system}`, 'must be constants', values, `${count} finite numbers`);
    }
  }
}
