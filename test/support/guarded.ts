// SPDX-License-Identifier: Apache-2.0
/** Raw calls of numeric kernels with guarded buffers: what a kernel may write, and what not. */
import { expect } from 'vitest';
import { Status } from '../../src/core/index.js';
import type { NumericCore } from '../../src/numeric/index.js';

/** An input, copied in, or the bytes of an output. */
export type GuardedItem = ArrayBufferView | number;

const CANARY = 64;
const FILL = 0xa5;
const OUTPUT = 0x5c;

const bytesOf = (item: GuardedItem): Uint8Array =>
  typeof item === 'number'
    ? new Uint8Array(item).fill(OUTPUT)
    : new Uint8Array(item.buffer, item.byteOffset, item.byteLength);

/** FNV-1a of memory, word by word, without [skipFrom, skipTo). */
function checksum(core: NumericCore, skipFrom: number, skipTo: number): number {
  const { u32 } = core;
  let hash = 0x811c9dc5;
  const from = core.exports.arena_base() >>> 2;
  for (let i = from; i < u32.length; i++) {
    if (i === skipFrom >>> 2) i = skipTo >>> 2;
    hash = Math.imul(hash ^ u32[i], 0x01000193);
  }
  return hash >>> 0;
}

export interface Guarded {
  readonly result: number;
  /** Bytes of the outputs after the call, in order. */
  readonly outputs: readonly Uint8Array[];
}

/**
 * Places the items with canaries around each, calls, and expects canaries, inputs and the rest of
 * the arena to be as before. A result that is no value must leave the outputs untouched as well.
 */
export function guardedCall(
  core: NumericCore,
  items: readonly GuardedItem[],
  call: (at: readonly number[]) => number,
): Guarded {
  const images = items.map(bytesOf);
  const room = (bytes: number): number => ((bytes + 15) & -16) + CANARY;
  const total = images.reduce((sum, { length }) => sum + room(length), CANARY);
  const region = core.take(total + 16);
  const first = (region + 15) & -16;
  core.u8.fill(FILL, region, region + total + 16);
  let next = first + CANARY;
  const at = images.map((image) => {
    const here = next;
    core.u8.set(image, here);
    next += room(image.length);
    return here;
  });
  const rest = checksum(core, region, region + total + 16);
  const before = core.u8.slice(region, region + total + 16);
  const result = call(at);
  const after = core.u8.slice(region, region + total + 16);
  const outputs = items.flatMap((item, i) => {
    if (typeof item !== 'number') return [];
    const bytes = after.slice(at[i] - region, at[i] - region + item);
    // What it may have written is put back, so that the whole region compares.
    if (result >= 0) after.fill(OUTPUT, at[i] - region, at[i] - region + item);
    return [bytes];
  });
  expect(Buffer.compare(before, after), 'a byte outside of the outputs changed').toBe(0);
  expect(checksum(core, region, region + total + 16), 'memory elsewhere changed').toBe(rest);
  core.give(region, total + 16);
  return { result, outputs };
}

/**
 * Calls again with each pointer made illegal in turn: misaligned, null, below the arena, beyond the
 * end, and outputs laid over every other buffer. All must be refused and write nothing.
 */
export function expectPointersRefused(
  core: NumericCore,
  items: readonly GuardedItem[],
  call: (at: readonly number[]) => number,
  /** Items that may be 0: not given. */
  optional: readonly number[] = [],
): void {
  const refused = (change: (at: number[]) => void): void => {
    const { result } = guardedCall(core, items, (at) => {
      const other = [...at];
      change(other);
      return call(other);
    });
    expect(result).toBe(Status.badArgument);
  };
  const end = core.u8.length;
  items.forEach((item, i) => {
    const size = bytesOf(item).length;
    const illegal = [16, end - size + 4, end + 64, 0xfffffff0];
    // Bytes need no alignment.
    if (!(item instanceof Uint8Array) && !(typeof item === 'number' && item % 4 !== 0)) {
      illegal.push(-1);
    }
    if (!optional.includes(i)) illegal.push(0);
    for (const bad of illegal) {
      refused((at) => {
        at[i] = bad === -1 ? at[i] + 1 : bad;
      });
    }
    if (typeof item !== 'number') return;
    items.forEach((_, j) => {
      if (i !== j) {
        refused((at) => {
          at[i] = at[j];
        });
      }
    });
  });
}
