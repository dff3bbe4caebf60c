// SPDX-License-Identifier: Apache-2.0
/**
 * Slow, obvious twin of assembly/hash/xxh3.ts: XXH3-64 with a seed in BigInt arithmetic.
 * Source: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
 */
const A1 = 0x9e3779b1n;
const A2 = 0x85ebca77n;
const A3 = 0xc2b2ae3dn;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const LOW32 = 0xffffffffn;

const SECRET = fromHex(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
);

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotl = (x: bigint, n: bigint): bigint => u64(x << n) | (x >> (64n - n));

function read(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]);
  return value;
}

const r32 = (bytes: Uint8Array, at: number): bigint => read(bytes, at, 4);
const r64 = (bytes: Uint8Array, at: number): bigint => read(bytes, at, 8);
const s = (at: number): bigint => r64(SECRET, at);

function byteswap(x: bigint, length: number): bigint {
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | ((x >> BigInt(8 * i)) & 0xffn);
  return value;
}

/** Low half xor high half of the 128-bit product of two u64. */
function fold(a: bigint, b: bigint): bigint {
  const product = u64(a) * u64(b);
  return u64(product) ^ (product >> 64n);
}

function final(x: bigint): bigint {
  let h = u64(x);
  h ^= h >> 37n;
  h = u64(h * 0x165667919e3779f9n);
  return h ^ (h >> 32n);
}

function avalanche64(x: bigint): bigint {
  let h = u64(x);
  h ^= h >> 33n;
  h = u64(h * P2);
  h ^= h >> 29n;
  h = u64(h * P3);
  return h ^ (h >> 32n);
}

function hash0to3(x: Uint8Array, seed: bigint): bigint {
  const n = x.length;
  if (n === 0) return avalanche64(seed ^ s(56) ^ s(64));
  const combined = (x[0] << 16) | (x[n >> 1] << 24) | x[n - 1] | (n << 8);
  const flip = (r32(SECRET, 0) ^ r32(SECRET, 4)) + seed;
  return avalanche64(BigInt(combined >>> 0) ^ u64(flip));
}

function hash4to8(x: Uint8Array, seed: bigint): bigint {
  const q = seed ^ (byteswap(seed & LOW32, 4) << 32n);
  let h = u64(r32(x, x.length - 4) + (r32(x, 0) << 32n)) ^ u64((s(8) ^ s(16)) - q);
  h ^= rotl(h, 49n) ^ rotl(h, 24n);
  h = u64(h * 0x9fb21c651e98df25n);
  h ^= (h >> 35n) + BigInt(x.length);
  h = u64(h * 0x9fb21c651e98df25n);
  return h ^ (h >> 28n);
}

function hash9to16(x: Uint8Array, seed: bigint): bigint {
  const a = r64(x, 0) ^ u64((s(24) ^ s(32)) + seed);
  const b = r64(x, x.length - 8) ^ u64((s(40) ^ s(48)) - seed);
  return final(BigInt(x.length) + byteswap(a, 8) + b + fold(a, b));
}

function hash17to240(x: Uint8Array, seed: bigint): bigint {
  const n = x.length;
  const mix = (at: number, k: number): bigint =>
    fold(r64(x, at) ^ u64(s(k) + seed), r64(x, at + 8) ^ u64(s(k + 8) - seed));
  let h = BigInt(n) * P1;
  if (n <= 128) {
    for (let i = 0; i < Math.ceil(n / 32); i++) {
      h += mix(16 * i, 32 * i) + mix(n - 16 * (i + 1), 32 * i + 16);
    }
    return final(h);
  }
  for (let i = 0; i < 8; i++) h += mix(16 * i, 16 * i);
  h = final(h);
  for (let i = 8; i < n >> 4; i++) h += mix(16 * i, 16 * (i - 8) + 3);
  return final(h + mix(n - 16, 119));
}

function hashLong(x: Uint8Array, seed: bigint): bigint {
  const n = x.length;
  const key = new Uint8Array(192);
  const view = new DataView(key.buffer);
  for (let i = 0; i < 192; i += 8) {
    view.setBigUint64(i, u64(s(i) + (i % 16 === 0 ? seed : -seed)), true);
  }
  const lanes = [A3, P1, P2, P3, P4, A2, P5, A1];
  const stripe = (at: number, k: number): void => {
    for (let i = 0; i < 8; i++) {
      const value = r64(x, at + 8 * i);
      const u = value ^ r64(key, k + 8 * i);
      lanes[i ^ 1] = u64(lanes[i ^ 1] + value);
      lanes[i] = u64(lanes[i] + (u & LOW32) * (u >> 32n));
    }
  };
  const whole = Math.floor((n - 1) / 1024);
  for (let block = 0; block < whole; block++) {
    for (let j = 0; j < 16; j++) stripe(1024 * block + 64 * j, 8 * j);
    for (let i = 0; i < 8; i++) {
      const a = lanes[i];
      lanes[i] = u64((a ^ (a >> 47n) ^ r64(key, 128 + 8 * i)) * A1);
    }
  }
  const rest = Math.floor((n - 1 - 1024 * whole) / 64);
  for (let j = 0; j < rest; j++) stripe(1024 * whole + 64 * j, 8 * j);
  stripe(n - 64, 121);
  let h = BigInt(n) * P1;
  for (let i = 0; i < 4; i++) {
    const k = 11 + 16 * i;
    h += fold(lanes[2 * i] ^ r64(key, k), lanes[2 * i + 1] ^ r64(key, k + 8));
  }
  return final(h);
}

/** XXH3-64 of `bytes`; `seed` is a u64. */
export function referenceXxh3(bytes: Uint8Array, seed: bigint): bigint {
  const n = bytes.length;
  if (n <= 3) return hash0to3(bytes, seed);
  if (n <= 8) return hash4to8(bytes, seed);
  if (n <= 16) return hash9to16(bytes, seed);
  return n <= 240 ? hash17to240(bytes, seed) : hashLong(bytes, seed);
}

function littleEndian(values: ArrayLike<number | bigint>, width: 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let i = 0; i < values.length; i++) {
    if (width === 4) view.setUint32(i * 4, Number(values[i]), true);
    else view.setBigUint64(i * 8, BigInt(values[i]), true);
  }
  return new Uint8Array(view.buffer);
}

/** Local and chained hashes of the whole blocks of `tokens`. */
export function referenceHashChain(
  tokens: ArrayLike<number>,
  blockSize: number,
  seed: bigint,
  parent: bigint | null = null,
): { local: bigint[]; seq: bigint[] } {
  const local: bigint[] = [];
  const seq: bigint[] = [];
  let last = parent;
  for (let end = blockSize; end <= tokens.length; end += blockSize) {
    const block = Array.from({ length: blockSize }, (_, i) => tokens[end - blockSize + i]);
    const hash = referenceXxh3(littleEndian(block, 4), seed);
    last = last === null ? hash : referenceXxh3(littleEndian([last, hash], 8), seed);
    local.push(hash);
    seq.push(last);
  }
  return { local, seq };
}
