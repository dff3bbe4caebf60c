// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockHasher } from '../../src/core/hash.js';
import { loadCore } from '../../src/core/load.js';
import { referenceHashChain, referenceXxh3 } from '../../src/core/reference/hash.js';
import { Status } from '../../src/core/status.js';

const builds = [
  ['simd', loadCore({ simd: 'on' })],
  ['scalar', loadCore({ simd: 'off' })],
] as const;
const ramp = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);
const seed64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });

/** Length, seed, hash of bytes 0, 1, 2, ...; from libxxhash 0.8 (XXH3_64bits_withSeed). */
const KNOWN: [number, bigint, bigint][] = [
  [0, 0x0n, 0x2d06800538d394c2n],
  [0, 0x539n, 0xd1f3e77444430ab9n],
  [0, 0xfedcba9876543210n, 0xe2bda2b8c0a330dan],
  [1, 0x0n, 0xc44bdff4074eecdbn],
  [1, 0x539n, 0xb4b0bf3d83911694n],
  [1, 0xfedcba9876543210n, 0x76761c489ed890a3n],
  [2, 0x0n, 0xd6645fc3051a9457n],
  [2, 0x539n, 0x9f078ede6b28f9b8n],
  [2, 0xfedcba9876543210n, 0x0d7ba10e1981087cn],
  [3, 0x0n, 0x5f4299fc161c9cbbn],
  [3, 0x539n, 0xeff71f3763b5e6f5n],
  [3, 0xfedcba9876543210n, 0xb74ff516bc39dc35n],
  [4, 0x0n, 0x60dab036a58211f2n],
  [4, 0x539n, 0xc9d326bec510e851n],
  [4, 0xfedcba9876543210n, 0x4a1077912f8c87d4n],
  [8, 0x0n, 0x3a1c2d7c85af88f8n],
  [8, 0x539n, 0x83b1d2cdaf40c762n],
  [8, 0xfedcba9876543210n, 0x0435f094545368d8n],
  [9, 0x0n, 0xe9612598145bb9dcn],
  [9, 0x539n, 0x768aa09aca5d568cn],
  [9, 0xfedcba9876543210n, 0xacdf45a4b7de3a0cn],
  [12, 0x0n, 0x5ace6a511c10894bn],
  [12, 0x539n, 0xbd1d4f7d4ad4cc4cn],
  [12, 0xfedcba9876543210n, 0xdb1cea3ee9997027n],
  [16, 0x0n, 0x8355e3a6f61770dbn],
  [16, 0x539n, 0xd6d1970c1b420fa4n],
  [16, 0xfedcba9876543210n, 0x27374e3ff9c7afc3n],
  [17, 0x0n, 0x9ef341a99de37328n],
  [17, 0x539n, 0xb85d3a18be1b7e5en],
  [17, 0xfedcba9876543210n, 0x4f08475fd538e43bn],
  [100, 0x0n, 0x004e4f921a64bd1cn],
  [100, 0x539n, 0x20f1a7eb4d519336n],
  [100, 0xfedcba9876543210n, 0x2d560198a976bc80n],
  [128, 0x0n, 0x85c6174c7ff4c46bn],
  [128, 0x539n, 0x9b6c133afae70932n],
  [128, 0xfedcba9876543210n, 0x6b7c94e73e9f5aaan],
  [129, 0x0n, 0xec7642b431ba3e5an],
  [129, 0x539n, 0x949391ab90617a96n],
  [129, 0xfedcba9876543210n, 0x1be7c5e875dae95bn],
  [200, 0x0n, 0xf42a8864feaf0703n],
  [200, 0x539n, 0x8f48307e44716ac5n],
  [200, 0xfedcba9876543210n, 0x7e3dbb9ecbbe8eddn],
  [240, 0x0n, 0x375a384d957fe865n],
  [240, 0x539n, 0x8067b84884fab949n],
  [240, 0xfedcba9876543210n, 0x282b69fdf9190d99n],
  [241, 0x0n, 0x02e8cd95421c6d02n],
  [241, 0x539n, 0x6276fbd6566332a7n],
  [241, 0xfedcba9876543210n, 0x9ab71a9d2d3d3d8an],
  [256, 0x0n, 0x9408a4433b952d71n],
  [256, 0x539n, 0xd438742b70788b22n],
  [256, 0xfedcba9876543210n, 0xa68efb4c7d9ac04cn],
  [1024, 0x0n, 0xa870f92984398d22n],
  [1024, 0x539n, 0xe0d2911e54d5fb0dn],
  [1024, 0xfedcba9876543210n, 0x95c3d3d05c3c3f46n],
  [1025, 0x0n, 0x78c86e91ee939852n],
  [1025, 0x539n, 0xf3009bae1f2dbeb4n],
  [1025, 0xfedcba9876543210n, 0x10ae023f178b91e5n],
  [2100, 0x0n, 0x4db59710f7f2644en],
  [2100, 0x539n, 0x7be104417299525cn],
  [2100, 0xfedcba9876543210n, 0x4f48e3fb1ceb5dedn],
];

interface ChainRow {
  op: string;
  block_size: number;
  salt_hash: string;
  tokens: number[];
  local_u64: string[];
  seq_u64: string[];
}

const golden = readFileSync(
  new URL('../conformance/golden-kv/hash-chain.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as ChainRow)
  .filter((row) => row.op === 'dynamo_xxh3');

describe.each(builds)('xxh3 (%s)', (_, core) => {
  it.each(KNOWN)('gives the known hash of %d bytes, seed %d', (n, seed, want) => {
    const hasher = new BlockHasher(core, seed);
    expect(hasher.hash(ramp(n))).toBe(want);
    expect(referenceXxh3(ramp(n), seed)).toBe(want);
    hasher.dispose();
  });

  it('equals the twin at every length up to 600 and around block ends', () => {
    const hasher = new BlockHasher(core, 0x0123456789abcdefn);
    const data = Uint8Array.from({ length: 4200 }, (_x, i) => (i * 167 + (i >> 3)) & 255);
    const lengths = Array.from({ length: 600 }, (_x, i) => i);
    for (const n of [...lengths, 1023, 1024, 1025, 1088, 2047, 2048, 2049, 2112, 4096, 4097]) {
      const bytes = data.subarray(0, n);
      expect(hasher.hash(bytes)).toBe(referenceXxh3(bytes, 0x0123456789abcdefn));
    }
    hasher.dispose();
  });

  it('equals the twin for random bytes and seeds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), seed64, (bytes, seed) => {
        const hasher = new BlockHasher(core, seed);
        expect(hasher.hash(bytes)).toBe(referenceXxh3(bytes, seed));
        hasher.dispose();
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('refuses ranges outside the memory and outputs outside the arena', () => {
    const out = core.take(64);
    const before = core.snapshot();
    const { exports } = core;
    const top = exports.arena_top();
    expect(exports.xxh3_64(0, 8, 0, 0, out)).toBe(Status.badArgument);
    expect(exports.xxh3_64(out, -1, 0, 0, out)).toBe(Status.badArgument);
    expect(exports.xxh3_64(-4, 8, 0, 0, out)).toBe(Status.badArgument);
    for (const bad of [0, top, exports.arena_base(), out + 4]) {
      expect(exports.xxh3_64(out, 8, 0, 0, bad)).toBe(Status.badArgument);
      const chained = exports.block_hash_chain(out, 1, 4, 0, 0, 0, 0, 0, out, bad);
      expect(chained).toBe(Status.badArgument);
      const local = exports.block_hash_chain(out, 1, 4, 0, 0, 0, 0, 0, bad, out);
      expect(local).toBe(Status.badArgument);
    }
    for (const [blocks, size] of [[1, 0], [1, -1], [-1, 4], [1 << 20, 65536], [100000, 4]]) {
      const chained = exports.block_hash_chain(out, blocks, size, 0, 0, 0, 0, 0, out, out + 32);
      expect(chained).toBe(Status.badArgument);
    }
    expect(core.snapshot()).toEqual(before);
    core.give(out, 64);
  });
});

describe.each(builds)('block hash chain (%s)', (_, core) => {
  it.each(golden)('equals the recorded chain, block size $block_size', (row) => {
    const hasher = new BlockHasher(core, BigInt(row.salt_hash));
    const { local, seq } = hasher.chain(row.tokens, row.block_size);
    expect([...local].map(String)).toEqual(row.local_u64);
    expect([...seq].map(String)).toEqual(row.seq_u64);
    hasher.dispose();
  });

  it('gives the constant of the doc test of dynamo', () => {
    const { seq } = new BlockHasher(core, 1337).chain([1, 2, 3, 4], 4);
    expect([...seq]).toEqual([14643705804678351452n]);
  });

  it('equals the twin, and continues from a parent (HASH-3)', () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 300 });
    const size = fc.constantFrom(1, 2, 3, 4, 16, 64);
    fc.assert(
      fc.property(tokens, size, seed64, fc.nat({ max: 20 }), (t, blockSize, seed, cut) => {
        const hasher = new BlockHasher(core, seed);
        const whole = hasher.chain(t, blockSize);
        const twin = referenceHashChain(t, blockSize, seed);
        expect([...whole.local]).toEqual(twin.local);
        expect([...whole.seq]).toEqual(twin.seq);
        const head = hasher.chain(t.slice(0, cut * blockSize), blockSize);
        const parent = head.seq.at(-1) ?? null;
        const tail = hasher.chain(t.slice(cut * blockSize), blockSize, parent);
        expect([...head.seq, ...tail.seq]).toEqual(twin.seq);
        hasher.dispose();
      }),
      { numRuns: 100, seed: 6 },
    );
  });

  it('hashes more tokens than the first buffer holds', () => {
    const hasher = new BlockHasher(core, 1);
    const tokens = Uint32Array.from({ length: 100000 }, (_x, i) => Math.imul(i, 2654435761));
    const { seq } = hasher.chain(tokens, 64);
    expect(seq.length).toBe(1562);
    const half = hasher.chain(tokens.subarray(0, 64 * 781), 64).seq;
    expect(seq[780]).toBe(half[780]);
    expect(() => hasher.chain(tokens, 0)).toThrow('blockSize: must be an integer');
    expect(hasher.chain([], 4).seq.length).toBe(0);
  });
});
