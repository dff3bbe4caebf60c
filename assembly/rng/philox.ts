// SPDX-License-Identifier: Apache-2.0
/**
 * Counter-based random numbers: every draw has an address.
 *
 * Problem: a shared generator makes each draw depend on all draws before it, so that a new feature,
 * a fork or a worker shifts every result. Here a draw is a pure function of its address.
 *
 * ```
 *  key (64 bits)        counter (128 bits)
 *  ┌─────────┬─────────┐ ┌─────────┬────────┬───────┬──────┐   10 rounds   ┌────┬────┬────┬────┐
 *  │ seed lo │ seed hi │ │ purpose │ entity │ index │ lane │ ────────────► │ w0 │ w1 │ w2 │ w3 │
 *  └─────────┴─────────┘ └─────────┴────────┴───────┴──────┘               └────┴────┴────┴────┘
 *  16 bytes of static scratch hold the four words; they are dead after each call.
 * ```
 *
 * Invariants
 * - RNG-1  a draw depends on seed, purpose, entity, index and lane alone.
 * - RNG-2  a uniform lies in [0, 1) and is a multiple of 2^-53.
 *
 * Complexity: O(1), 20 multiplications of 32 x 32 bits.
 * Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011
 * (Philox4x32-10); checked against the known answers of their Random123 library.
 */
import { OK, BAD_ARGUMENT } from "../status";
import { inArena } from "../arena";

export const words = memory.data(16, 8);

/** The four words of one address into `words`. */
export function philox(k0: u32, k1: u32, c0: u32, c1: u32, c2: u32, c3: u32): void {
  for (let round: i32 = 0; round < 10; round++) {
    const p: u64 = <u64>c0 * 0xd2511f53;
    const q: u64 = <u64>c2 * 0xcd9e8d57;
    c0 = <u32>(q >> 32) ^ c1 ^ k0;
    c1 = <u32>q;
    c2 = <u32>(p >> 32) ^ c3 ^ k1;
    c3 = <u32>p;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  store<u32>(words, c0);
  store<u32>(words, c1, 4);
  store<u32>(words, c2, 8);
  store<u32>(words, c3, 12);
}

/** The low 64 bits (w1, w0) of one address. */
export function draw64(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  lane: u32,
): u64 {
  philox(seedLo, seedHi, purpose, entity, index, lane);
  return load<u64>(words);
}

/** One random word: w0. */
export function rng_u32(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  lane: u32,
): u32 {
  return <u32>draw64(seedLo, seedHi, purpose, entity, index, lane);
}

/** Uniform in [0, 1): the upper 53 of the 64 bits (w1, w0). */
export function rng_f64(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  lane: u32,
): f64 {
  const bits = draw64(seedLo, seedHi, purpose, entity, index, lane);
  return <f64>(<i64>(bits >> 11)) * reinterpret<f64>(0x3ca0000000000000);
}

/** All four words of one address to `out` (16 bytes in the arena). */
export function rng_block(
  seedLo: u32,
  seedHi: u32,
  purpose: u32,
  entity: u32,
  index: u32,
  lane: u32,
  out: usize,
): i32 {
  if (!inArena(out, 16)) return BAD_ARGUMENT;
  philox(seedLo, seedHi, purpose, entity, index, lane);
  memory.copy(out, words, 16);
  return OK;
}
