// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import { type FittedServing, SERVING_CONSTANTS } from '../cost/serving/index.js';

/** JSON text of serving constants, one group of effects a line. */
export function writeServingConstants(fitted: FittedServing): string {
  const text = JSON.stringify(fitted, null, 2);
  return text.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, inner: string) => {
    return `[${inner.replace(/\s*\n\s*/g, ' ')}]`;
  });
}

/**
 * Reads what `writeServingConstants` wrote.
 * @throws UserError with file and path for anything else.
 */
export function readServingConstants(text: string, file: string): FittedServing {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new UserError(`not JSON: ${(error as Error).message}`, { file });
  }
  const { date, source, cells, effects } = (data ?? {}) as Partial<FittedServing>;
  const described = typeof date === 'string' && typeof source === 'string';
  if (!described || typeof cells !== 'object' || typeof effects !== 'object') {
    const allowed = 'what kvloom calibrate --serving --out wrote: date, source, cells, effects';
    throw new UserError('not a file of serving constants', { file }, { allowed });
  }
  const count = SERVING_CONSTANTS.length;
  for (const [group, values] of Object.entries(effects)) {
    const numbers = Array.isArray(values) && values.every((v) => Number.isFinite(v));
    if (numbers && values.length === count) continue;
    const place = { file, path: `effects.${group}` };
    throw new UserError('must be effects', place, { got: values, allowed: `${count} numbers` });
  }
  return data as FittedServing;
}
