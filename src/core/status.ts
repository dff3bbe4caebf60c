// SPDX-License-Identifier: Apache-2.0
/** Mirror of assembly/status.ts. Kernel results below zero are one of these. */
export const Status = {
  ok: 0,
  full: -1,
  none: -2,
  badHandle: -3,
  badArgument: -4,
  noMemory: -5,
  unbalanced: -6,
  busy: -7,
  stale: -8,
} as const;

const MESSAGES: Readonly<Record<number, string>> = {
  [-1]: 'not enough free blocks, slots or evictable pages',
  [-2]: 'no such key, block or entry',
  [-3]: 'not a live handle of this kind',
  [-4]: 'argument out of range',
  [-5]: 'the arena has no room',
  [-6]: 'freed or unlocked more often than taken',
  [-7]: 'the object is in use',
  [-8]: 'the node behind this handle is gone',
};

/** A kernel refused a call that the program should not have made. State is unchanged. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  constructor(
    readonly operation: string,
    readonly status: number,
  ) {
    super(`${operation}: ${MESSAGES[status] ?? `status ${status}`}`);
  }
}

/** Returns `result` when it is a value, throws `KernelError` when it is a status below zero. */
export function check(operation: string, result: number): number {
  if (result < 0) throw new KernelError(operation, result);
  return result;
}
