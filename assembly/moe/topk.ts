// SPDX-License-Identifier: Apache-2.0
/**
 * Largest k of a run of keys, lowest index first on ties.
 *
 * Scores become keys: signed integers in the order of the floats, -0 equal to +0, NaN below
 * everything. Comparing integers lets four candidates be dismissed at once.
 */

/** Lower than the key of any number. */
export const NAN_KEY: i32 = i32.MIN_VALUE;

/** Keys and indices of the best so far, best first; one more than any k. Scratch, no state. */
export const MAX_K: u32 = 64;
const BEST: usize = memory.data(520, 16);

// @ts-ignore: decorator
@inline
export function bestKey(place: u32): i32 {
  return load<i32>(BEST + (<usize>place << 3));
}

// @ts-ignore: decorator
@inline
export function bestIndex(place: u32): u32 {
  return load<u32>(BEST + (<usize>place << 3), 4);
}

// @ts-ignore: decorator
@inline
export function keyOf(x: f32): i32 {
  if (isNaN<f32>(x)) return NAN_KEY;
  const bits = reinterpret<i32>(x + <f32>0);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** Starts a selection of k. */
export function begin(k: u32): void {
  for (let i: u32 = 0; i < k; i++) {
    store<i32>(BEST + (<usize>i << 3), NAN_KEY);
    store<u32>(BEST + (<usize>i << 3), 0xffffffff, 4);
  }
}

/** Offers (key, index); indices come in ascending order. */
// @ts-ignore: decorator
@inline
function offer(k: u32, key: i32, index: u32): void {
  let place = k - 1;
  while (place > 0 && before(key, place - 1)) {
    store<u64>(BEST + (<usize>place << 3), load<u64>(BEST + (<usize>(place - 1) << 3)));
    place--;
  }
  store<i32>(BEST + (<usize>place << 3), key);
  store<u32>(BEST + (<usize>place << 3), index, 4);
}

/** The same when all k places are taken: an index need not be looked at. */
// @ts-ignore: decorator
@inline
function insert(k: u32, key: i32, index: u32): void {
  let at = BEST + (<usize>(k - 1) << 3);
  while (at > BEST && key > load<i32>(at - 8)) {
    store<u64>(at, load<u64>(at - 8));
    at -= 8;
  }
  store<u64>(at, <u64>index << 32 | <u64><u32>key);
}

/** True when a new key stands before the one at a place: a free place has index -1. */
// @ts-ignore: decorator
@inline
function before(key: i32, place: u32): bool {
  return key > bestKey(place) || bestIndex(place) == 0xffffffff;
}

/** Offers keys[from..to), i32 at `keys`, in order. */
export function select(k: u32, keys: usize, from: u32, to: u32): void {
  let i = from;
  // Until k are in, each is taken.
  while (i < to && bestIndex(k - 1) == 0xffffffff) {
    offer(k, load<i32>(keys + (<usize>i << 2)), i);
    i++;
  }
  let least = bestKey(k - 1);
  if (ASC_FEATURE_SIMD) {
    while (i < to && (i & 3) != 0) {
      const key = load<i32>(keys + (<usize>i << 2));
      if (key > least) {
        insert(k, key, i);
        least = bestKey(k - 1);
      }
      i++;
    }
    for (; i + 4 <= to; i += 4) {
      const four = v128.load(keys + (<usize>i << 2));
      let mask = i32x4.bitmask(i32x4.gt_s(four, i32x4.splat(least)));
      while (mask) {
        const lane = <u32>ctz(mask);
        mask &= mask - 1;
        const key = load<i32>(keys + (<usize>(i + lane) << 2));
        if (key > least) {
          insert(k, key, i + lane);
          least = bestKey(k - 1);
        }
      }
    }
  }
  for (; i < to; i++) {
    const key = load<i32>(keys + (<usize>i << 2));
    if (key > least) {
      insert(k, key, i);
      least = bestKey(k - 1);
    }
  }
}
