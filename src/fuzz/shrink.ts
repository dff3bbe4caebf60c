// SPDX-License-Identifier: Apache-2.0
import { OPERATION_BYTES, SETUP_BYTES, operationCount } from './program.js';

/**
 * The smallest body found that still fails: operations are taken out in chunks, then one by one,
 * then single bytes are set to 0. Deterministic; `budget` bounds the number of runs.
 */
export function shrink(
  body: Uint8Array,
  fails: (candidate: Uint8Array) => boolean,
  budget = 20_000,
): Uint8Array {
  let best = body;
  let left = budget;
  const better = (candidate: Uint8Array): boolean => {
    if (left <= 0) return false;
    left--;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (;;) {
    const before = best;
    removeOperations(() => best, better);
    clearBytes(() => best, better);
    if (best === before || left <= 0) return best;
  }
}

type Better = (candidate: Uint8Array) => boolean;

function without(body: Uint8Array, from: number, operations: number): Uint8Array {
  const start = SETUP_BYTES + from * OPERATION_BYTES;
  const end = start + operations * OPERATION_BYTES;
  return joined(body.subarray(0, start), body.subarray(end));
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

/** From the back: what follows the failure goes first, then what the rest does not need. */
function removeOperations(best: () => Uint8Array, better: Better): void {
  for (let size = operationCount(best()); size >= 1; size = Math.floor(size / 2)) {
    for (let from = operationCount(best()) - size; from >= 0; from -= size) {
      better(without(best(), from, size));
    }
  }
}

function clearBytes(best: () => Uint8Array, better: Better): void {
  for (let at = 0; at < best().length; at++) {
    for (const value of [0, 1]) {
      if (best()[at] <= value) break;
      const candidate = best().slice();
      candidate[at] = value;
      if (better(candidate)) break;
    }
  }
}
