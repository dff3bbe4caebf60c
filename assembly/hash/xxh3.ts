// SPDX-License-Identifier: Apache-2.0
/**
 * XXH3-64 with a seed, and chains of block hashes.
 *
 * Problem: name a block of tokens by its content and by everything before it, at memory speed, as
 * the KV routers of inference systems do.
 *
 * ```
 *  tokens  │ block 0 (u32 x size) │ block 1              │ block 2              │
 *               │ XXH3                 │ XXH3                 │ XXH3
 *  local       L0                     L1                     L2
 *               │                      │                      │
 *  seq      S0 = L0 ──────────► S1 = XXH3(S0, L1) ────► S2 = XXH3(S1, L2)
 *
 *  static scratch, dead after each call:
 *  ┌────────────────────────┬─────────────────────┐
 *  │ key: secret +- seed    │ 8 lanes of u64      │
 *  └ 192 bytes ─────────────┴ 64 bytes ───────────┘
 * ```
 *
 * With a parent P the chain continues: S0 = XXH3(P, L0).
 *
 * Invariants
 * - HASH-1  the result is that of the public XXH3-64 algorithm with the default secret, any length.
 * - HASH-2  SIMD and scalar builds agree.
 * - HASH-3  extending a chain in pieces gives the chain of the whole.
 *
 * Complexity: O(bytes).
 * Source: Collet, xxHash (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md); chain after
 * ai-dynamo/dynamo lib/tokens (https://github.com/ai-dynamo/dynamo).
 */
import { OK, BAD_ARGUMENT } from "../status";
import { inArena, inMemory } from "../arena";

const A1: u64 = 0x9e3779b1;
const A2: u64 = 0x85ebca77;
const A3: u64 = 0xc2b2ae3d;
const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;
const M1: u64 = 0x165667919e3779f9;
const M2: u64 = 0x9fb21c651e98df25;

const SECRET_BYTES: usize = 192;
const secret = memory.data<u64>([
  0xbe4ba423396cfeb8, 0x1cad21f72c81017c, 0xdb979083e96dd4de, 0x1f67b3b7a4a44072,
  0x78e5c0cc4ee679cb, 0x2172ffcc7dd05a82, 0x8e2443f7744608b8, 0x4c263a81e69035e0,
  0xcb00c391bb52283c, 0xa32e531b8b65d088, 0x4ef90da297486471, 0xd8acdea946ef1938,
  0x3f349ce33f76faa8, 0x1d4f0bc7c7bbdcf9, 0x3159b4cd4be0518a, 0x647378d9c97e9fc8,
  0xc3ebd33483acc5ea, 0xeb6313faffa081c5, 0x49daf0b751dd0d17, 0x9e68d429265516d3,
  0xfca1477d58be162b, 0xce31d07ad1b8f88f, 0x280416958f3acb45, 0x7e404bbbcafbd7af,
]);
const key = memory.data(192, 16);
const lanes = memory.data(64, 16);

// @ts-ignore: decorator
@inline
function s(offset: usize): u64 {
  return load<u64>(secret + offset);
}

/** Low half xor high half of the 128-bit product. */
function fold(a: u64, b: u64): u64 {
  const al = a & 0xffffffff;
  const ah = a >> 32;
  const bl = b & 0xffffffff;
  const bh = b >> 32;
  const low = al * bl;
  const cross = ah * bl + (low >> 32);
  const middle = al * bh + (cross & 0xffffffff);
  const high = ah * bh + (cross >> 32) + (middle >> 32);
  return ((middle << 32) | (low & 0xffffffff)) ^ high;
}

function final(h: u64): u64 {
  h ^= h >> 37;
  h *= M1;
  return h ^ (h >> 32);
}

function avalanche64(h: u64): u64 {
  h ^= h >> 33;
  h *= P2;
  h ^= h >> 29;
  h *= P3;
  return h ^ (h >> 32);
}

function mix(at: usize, k: usize, seed: u64): u64 {
  return fold(load<u64>(at) ^ (s(k) + seed), load<u64>(at, 8) ^ (s(k + 8) - seed));
}

function hash0to8(x: usize, len: u32, seed: u64): u64 {
  if (len == 0) return avalanche64(seed ^ s(56) ^ s(64));
  if (len < 4) {
    const combined: u32 =
      (<u32>load<u8>(x) << 16) |
      (<u32>load<u8>(x + (len >> 1)) << 24) |
      <u32>load<u8>(x + len - 1) |
      (len << 8);
    const flip = <u64>(load<u32>(secret) ^ load<u32>(secret, 4)) + seed;
    return avalanche64(<u64>combined ^ flip);
  }
  const q = seed ^ (<u64>bswap<u32>(<u32>seed) << 32);
  let h = <u64>load<u32>(x + len - 4) + (<u64>load<u32>(x) << 32);
  h ^= (s(8) ^ s(16)) - q;
  h ^= rotl<u64>(h, 49) ^ rotl<u64>(h, 24);
  h *= M2;
  h ^= (h >> 35) + <u64>len;
  h *= M2;
  return h ^ (h >> 28);
}

/** 9 to 16 bytes, given as their first and last 8. */
function hash9to16(first: u64, last: u64, len: u32, seed: u64): u64 {
  const a = first ^ ((s(24) ^ s(32)) + seed);
  const b = last ^ ((s(40) ^ s(48)) - seed);
  return final(<u64>len + bswap<u64>(a) + b + fold(a, b));
}

function hash17to240(x: usize, len: u32, seed: u64): u64 {
  let h = <u64>len * P1;
  if (len <= 128) {
    const n: u32 = (len + 31) >> 5;
    for (let i: u32 = 0; i < n; i++) {
      h += mix(x + (i << 4), i << 5, seed);
      h += mix(x + len - ((i + 1) << 4), (i << 5) + 16, seed);
    }
    return final(h);
  }
  for (let i: u32 = 0; i < 8; i++) h += mix(x + (i << 4), i << 4, seed);
  h = final(h);
  const n: u32 = len >> 4;
  for (let i: u32 = 8; i < n; i++) h += mix(x + (i << 4), ((i - 8) << 4) + 3, seed);
  return final(h + mix(x + len - 16, 119, seed));
}

/** The secret with the seed added to even words and subtracted from odd ones. */
function deriveKey(seed: u64): void {
  for (let i: usize = 0; i < SECRET_BYTES; i += 16) {
    store<u64>(key + i, s(i) + seed);
    store<u64>(key + i, s(i + 8) - seed, 8);
  }
}

// @ts-ignore: decorator
@inline
function step(lane: v128, x: usize, k: usize): v128 {
  const value = v128.load(x);
  const u = v128.xor(value, v128.load(k));
  const low = v128.shuffle<u32>(u, u, 0, 2, 0, 2);
  const high = v128.shuffle<u32>(u, u, 1, 3, 1, 3);
  const swapped = v128.shuffle<u64>(value, value, 1, 0);
  return i64x2.add(i64x2.add(lane, swapped), i64x2.extmul_low_i32x4_u(low, high));
}

// @ts-ignore: decorator
@inline
function scramble(lane: v128, k: usize): v128 {
  const h = v128.xor(v128.xor(lane, i64x2.shr_u(lane, 47)), v128.load(k));
  return i64x2.mul(h, i64x2.splat(A1));
}

/** Stripes 0 .. count-1 at 64 bytes each with a scramble after 16, then the last 64 bytes. */
function accumulateSimd(x: usize, len: u32, count: u32): void {
  let l0 = v128.load(lanes);
  let l1 = v128.load(lanes, 16);
  let l2 = v128.load(lanes, 32);
  let l3 = v128.load(lanes, 48);
  for (let i: u32 = 0; i <= count; i++) {
    const at = i < count ? x + (i << 6) : x + len - 64;
    const k = key + (i < count ? <usize>(i & 15) << 3 : 121);
    l0 = step(l0, at, k);
    l1 = step(l1, at + 16, k + 16);
    l2 = step(l2, at + 32, k + 32);
    l3 = step(l3, at + 48, k + 48);
    if ((i & 15) == 15 && i < count) {
      l0 = scramble(l0, key + 128);
      l1 = scramble(l1, key + 144);
      l2 = scramble(l2, key + 160);
      l3 = scramble(l3, key + 176);
    }
  }
  v128.store(lanes, l0);
  v128.store(lanes, l1, 16);
  v128.store(lanes, l2, 32);
  v128.store(lanes, l3, 48);
}

function accumulateScalar(x: usize, len: u32, count: u32): void {
  for (let i: u32 = 0; i <= count; i++) {
    const at = i < count ? x + (i << 6) : x + len - 64;
    const k = key + (i < count ? <usize>(i & 15) << 3 : 121);
    for (let j: usize = 0; j < 64; j += 8) {
      const v = load<u64>(at + j);
      const u = v ^ load<u64>(k + j);
      const other = lanes + (j ^ 8);
      store<u64>(other, load<u64>(other) + v);
      store<u64>(lanes + j, load<u64>(lanes + j) + (u & 0xffffffff) * (u >> 32));
    }
    if ((i & 15) == 15 && i < count) {
      for (let j: usize = 0; j < 64; j += 8) {
        const a = load<u64>(lanes + j);
        store<u64>(lanes + j, (a ^ (a >> 47) ^ load<u64>(key + 128 + j)) * A1);
      }
    }
  }
}

/** More than 240 bytes. The caller has derived the key for the seed. */
function hashLong(x: usize, len: u32): u64 {
  store<u64>(lanes, A3);
  store<u64>(lanes, P1, 8);
  store<u64>(lanes, P2, 16);
  store<u64>(lanes, P3, 24);
  store<u64>(lanes, P4, 32);
  store<u64>(lanes, A2, 40);
  store<u64>(lanes, P5, 48);
  store<u64>(lanes, A1, 56);
  const count: u32 = (len - 1) >> 6;
  if (ASC_FEATURE_SIMD) accumulateSimd(x, len, count);
  else accumulateScalar(x, len, count);
  let h = <u64>len * P1;
  for (let i: usize = 0; i < 64; i += 16) {
    const a = load<u64>(lanes + i) ^ load<u64>(key + 11 + i);
    h += fold(a, load<u64>(lanes + i, 8) ^ load<u64>(key + 19 + i));
  }
  return final(h);
}

/** Hash of [x, x+len); above 240 bytes the key must stand. */
function hash(x: usize, len: u32, seed: u64): u64 {
  if (len > 240) return hashLong(x, len);
  if (len > 16) return hash17to240(x, len, seed);
  if (len > 8) return hash9to16(load<u64>(x), load<u64>(x + len - 8), len, seed);
  return hash0to8(x, len, seed);
}

/** XXH3-64 of [data, data+len), 8 bytes little-endian to `out` in the arena. */
export function xxh3_64(data: usize, len: u32, seedLo: u32, seedHi: u32, out: usize): i32 {
  if (!inMemory(data, len) || !inArena(out, 8)) return BAD_ARGUMENT;
  const seed = (<u64>seedHi << 32) | <u64>seedLo;
  if (len > 240) deriveKey(seed);
  store<u64>(out, hash(data, len, seed));
  return OK;
}

/**
 * Hashes `blocks` blocks of `blockSize` tokens (u32): local hashes and chained ones, 8 bytes each,
 * to two places in the arena. `hasParent` continues the chain after the given sequence hash.
 */
export function block_hash_chain(
  tokens: usize,
  blocks: u32,
  blockSize: u32,
  seedLo: u32,
  seedHi: u32,
  hasParent: u32,
  parentLo: u32,
  parentHi: u32,
  localOut: usize,
  seqOut: usize,
): i32 {
  if (blockSize == 0 || blockSize > 0x10000 || blocks > 0x8000000) return BAD_ARGUMENT;
  const bytes: u32 = blockSize << 2;
  if (!inMemory(tokens, <u64>blocks * <u64>bytes)) return BAD_ARGUMENT;
  if (!inArena(localOut, blocks << 3) || !inArena(seqOut, blocks << 3)) return BAD_ARGUMENT;
  const seed = (<u64>seedHi << 32) | <u64>seedLo;
  if (bytes > 240) deriveKey(seed);
  let parent = (<u64>parentHi << 32) | <u64>parentLo;
  for (let i: u32 = 0; i < blocks; i++) {
    const local = hash(tokens + <usize>i * bytes, bytes, seed);
    parent = i > 0 || hasParent ? hash9to16(parent, local, 16, seed) : local;
    store<u64>(localOut + (<usize>i << 3), local);
    store<u64>(seqOut + (<usize>i << 3), parent);
  }
  return OK;
}
