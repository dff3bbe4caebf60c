// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, test } from 'vitest';
import {
  boundOf, contextAttention, contextMla, decodeAttention, emptyCost, FITTED, formOf, gemmBf16,
  gemmBlock, gemmFp8, moeWithLoad, nccl, operation, type Operation, peaksOf, type Peaks,
} from '../../../src/cost/op/index.js';
import { b200, everyFit, h100, typical, typicalOf, usOf } from './support.js';

/** Sizes that can only make an operation slower, by operation. */
const GROWING: Readonly<Record<string, readonly (keyof Operation)[]>> = {
  gemm: ['m', 'n', 'k'],
  compute_scale: ['m', 'k'],
  context_attention: ['batch', 'isl', 'pastKv', 'heads'],
  generation_attention: ['batch', 'pastKv', 'heads'],
  context_mla: ['batch', 'isl', 'heads'],
  generation_mla: ['batch', 'pastKv', 'heads'],
  moe: ['tokens', 'hidden', 'inter'],
};
const LINKS: readonly (keyof Operation)[] = ['elements', 'tokens', 'hidden'];

/** 1, 2, 3, 5, 7, 10, 14, ... up to a large size. */
const LADDER = [
  1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320, 453, 640, 905, 1280, 1810, 2560,
  3620, 5120, 7241, 10240, 14482, 20480,
];

test.each(everyFit())('%s: larger is never faster', (_, family, system) => {
  const base = typicalOf(family);
  for (const field of GROWING[family.op] ?? LINKS) {
    if (base[field] === 0) continue;
    // Cache-warm rows end where the cache is full: there a step of a few percent is in the data.
    const slack = family.op.startsWith('generation') ? 0.93 : 1 - 1e-9;
    let before = 0;
    for (const size of LADDER) {
      const us = usOf(family, system, { ...base, [field]: size });
      expect(us, `${field} ${size}`).toBeGreaterThanOrEqual(before * slack);
      before = us;
    }
  }
});

test.each(everyFit())('%s: constants are inside of their bounds', (_, family, system) => {
  const { constants } = formOf(typicalOf(family));
  const values = family.systems[system];
  expect(values.length).toBe(constants.length);
  expect(constants.length).toBeLessThanOrEqual(6);
  constants.forEach(({ name, low, high }, i) => {
    // A launch of few slow rows may be longer than the form expects; it is bounded by the rows.
    expect(values[i], name).toBeGreaterThanOrEqual(low - 1e-9);
    if (name !== 'fixed') expect(values[i], name).toBeLessThanOrEqual(high + 1e-9);
  });
});

test.each(everyFit())('%s: a percent more is at most a few percent slower', (_, family, system) => {
  const base = typicalOf(family);
  // Tiles of 128, experts and warm caches make real steps; these sizes lie between them.
  for (const field of ['k', 'isl', 'elements'] as const) {
    if (base[field] === 0) continue;
    const more = { ...base, [field]: base[field] * 1.01 };
    const [a, b] = [usOf(family, system, base), usOf(family, system, more)];
    expect(b / a).toBeLessThan(1.03);
  }
});

describe('known values', () => {
  const cost = emptyCost();

  it('a bf16 product of four operands by hand', () => {
    const shape = { dtype: 'bfloat16', m: 4096, n: 16384, k: 8192 };
    // 2mnk / 989e12 s = 1111.7 us; (2(mk + nk) + 2mn) / 3.35e12 s = 140.2 us.
    const us = gemmBf16(shape, h100, [1, 1, 0, 0], cost);
    expect(us).toBeCloseTo((1111.726 ** 4 + 140.234 ** 4) ** 0.25, 1);
    expect(boundOf(cost)).toBe('compute');
  });

  it('an fp8 product pays for quantising its activations', () => {
    const shape = { dtype: 'fp8', m: 1024, n: 4096, k: 4096 };
    const plain = gemmFp8(shape, h100, [1, 1, 0, 0, 1e9], cost);
    const us = gemmFp8(shape, h100, [1, 1, 0, 0, 1], cost);
    expect(us - plain).toBeCloseTo((1024 * 4096 * 3) / 3.35e6, 3);
  });

  it('a block-scaled product pays for its last wave', () => {
    const shape = { dtype: 'fp8_block', m: 128, n: 128 * 132, k: 8192 };
    const full = gemmBlock(shape, h100, [1, 1, 0, 0, 1e9, 1], cost);
    const one = gemmBlock({ ...shape, n: 128 * 133 }, h100, [1, 1, 0, 0, 1e9, 1], cost);
    const free = gemmBlock({ ...shape, n: 128 * 133 }, h100, [1, 1, 0, 0, 1e9, 0], cost);
    expect(one / full).toBeGreaterThan(1.05);
    expect(free / full).toBeLessThan(1.02);
  });

  it('decode attention moves the KV cache once', () => {
    const one = typical('generation_attention', 'bfloat16', 'fp8');
    const shape = { ...one, batch: 64, pastKv: 32767 };
    const bytes = 64 * 128 * (4 * 32 + 2 * 8 * 32768);
    const us = decodeAttention(shape, b200, [1, 1, 0, 0, 0, 0], cost, true);
    expect(us).toBeCloseTo(bytes / 7.7e6, 3);
    expect(boundOf(cost)).toBe('hbm');
  });

  it('a warm cache is faster than a cold one, a large one is cold', () => {
    const constants = [1, 2, 0, 0, 0, 0];
    const small = { ...typical('generation_attention', 'bfloat16', 'fp8'), batch: 1 };
    const large = { ...small, batch: 256, pastKv: 32767 };
    const ratio = (o: Operation): number =>
      decodeAttention(o, b200, constants, cost, true) / decodeAttention(o, b200, constants, cost);
    expect(ratio(small)).toBeCloseTo(2, 1);
    expect(ratio(large)).toBeCloseTo(1, 5);
  });

  it('a window bounds what attention reads', () => {
    const far = { ...typical('generation_attention'), pastKv: 100_000 };
    const near = { ...far, pastKv: 127 };
    const constants = [1, 1, 0, 1, 2, 10];
    const us = (o: Operation): number => decodeAttention(o, h100, constants, cost);
    expect(us({ ...far, window: 128 })).toBe(us({ ...near, window: 128 }));
    const context = { ...typical('context_attention'), isl: 4096, pastKv: 0 };
    const full = contextAttention(context, h100, [1, 1e9, 0, 0], cost);
    const windowed = contextAttention({ ...context, window: 128 }, h100, [1, 1e9, 0, 0], cost);
    // 2*(S - w)*w + w^2 of S^2 pairs.
    expect(windowed / full).toBeCloseTo((2 * 3968 * 128 + 128 * 128) / 4096 ** 2, 6);
  });

  it('context attention takes its products and its exponentials', () => {
    const shape = { ...typical('context_attention'), batch: 1, isl: 4096, pastKv: 0, heads: 32 };
    const us = contextAttention(shape, b200, [1, 1e9, 0, 0], cost);
    const pairs = (4096 ** 2 / 2) * 32;
    // 512 FLOP at 2,250 T/s and one exponential at 2,250/512 = 4.4 T/s a pair.
    expect(us).toBeCloseTo((pairs * (512 + 512)) / 2250e6, 3);
    expect(boundOf(cost)).toBe('compute');
  });

  it('twice the exponentials speed up attention, most of all in fp8', () => {
    const shape = { ...typical('context_attention'), isl: 8192, pastKv: 0 };
    const fp8 = { ...shape, dtype: 'fp8', kvDtype: 'fp8' };
    const us = (o: Operation, peaks: Peaks): number =>
      contextAttention(o, peaks, [1, 1e9, 0, 0], cost);
    const b300 = peaksOf('b300_sxm') as Peaks;
    expect(us(shape, b200) / us(shape, b300)).toBeCloseTo(4 / 3, 6);
    expect(us(fp8, b200) / us(fp8, b300)).toBeCloseTo(3 / 2, 6);
  });

  it('an fp8 cache makes the products of prefill fp8, of MLA not on Hopper', () => {
    const shape = { ...typical('context_attention'), pastKv: 0 };
    const constants = [1, 1e9, 0, 0, 0];
    const cached = contextAttention({ ...shape, kvDtype: 'fp8' }, h100, constants, cost);
    const all = { ...shape, dtype: 'fp8', kvDtype: 'fp8' };
    expect(cached).toBe(contextAttention(all, h100, constants, cost));
    expect(cached).toBeLessThan(contextAttention(shape, h100, constants, cost));
    const ratio = (peaks: Peaks): number =>
      contextMla({ ...shape, kvDtype: 'fp8' }, peaks, constants, cost)
      / contextMla(shape, peaks, constants, cost);
    expect(ratio(h100)).toBe(1);
    expect(ratio(b200)).toBeLessThan(0.8);
  });

  it('one long sequence with few heads waits for its longest block', () => {
    const shape = { ...typical('context_attention'), batch: 1, isl: 2048, pastKv: 0, heads: 1 };
    const us = contextAttention(shape, b200, [1, 1e9, 0, 1], cost);
    // 256 queries by 2048 keys on one of 148 SMs; all pairs spread over them take 1/36 of that.
    const block = (256 * 2048 * 148 * 1024) / 2250e6;
    expect(us / block).toBeGreaterThan(1);
    expect(us / block).toBeLessThan(1.01);
  });

  it('experts that fill no tiles take weights and rows one after the other', () => {
    const load = { touched: 8, rows: 100, padded64: 512, padded128: 1024 };
    const us = (kernelSource: string, c: readonly number[]): number =>
      moeWithLoad({ ...typical('moe'), kernelSource, dtype: 'nvfp4' }, load, b200, c, cost);
    const [weights, rows] = [[1e9, 1, 0, 1e9, 1e9], [1, 1e9, 0, 1e9, 1e9]];
    const both = [1, 1, 0, 1e9, 1e9];
    const self = 'moe_torch_flow_min_latency';
    expect(us(self, both)).toBeCloseTo(us(self, weights) + us(self, rows), 4);
    const tiled = 'moe_torch_flow_cutlass';
    expect(us(tiled, rows)).toBeCloseTo(us(self, rows) * 10.24, 2);
    expect(us(tiled, both)).toBeLessThan(us(tiled, weights) + us(tiled, rows));
  });

  it('experts read the weights of those with tokens', () => {
    const shape = { ...typical('moe', 'fp8'), tokens: 1 };
    const load = { touched: 8, rows: 8, padded64: 512, padded128: 1024 };
    const us = moeWithLoad(shape, load, h100, [1e9, 1, 0, 1e9, 1e9], cost);
    expect(us).toBeCloseTo((3 * 8 * 4096 * 1536) / 3.35e6, 3);
  });

  it('an all-reduce of many bytes runs at the share of the link that its ring reaches', () => {
    const shape = { ...typical('nccl_all_reduce', 'half'), elements: 2 ** 30 };
    const us = nccl(shape, h100, [5, 4, 0.5, 0.1, 0.3, 10], cost);
    const ring = (2 * 2 ** 31 * 7) / 8 / 450e3;
    expect(us / (ring / 0.6)).toBeGreaterThan(0.98);
    expect(us / (ring / 0.6)).toBeLessThan(1.01);
    expect(boundOf(cost)).toBe('link');
  });

  it('an all-reduce pays each round of a ring of up to four GPUs, beyond it the switch', () => {
    const fixed = [2, 4, 8, 16].map((gpus) => {
      const shape = { ...typical('nccl_all_reduce', 'half'), gpus, elements: 1 };
      return nccl(shape, h100, [0, 0, 1, 0, 1e-9, 10], cost);
    });
    [10, 30, 12.5, 12.5].forEach((us, i) => expect(fixed[i]).toBeCloseTo(us, 3));
  });

  it('what moves one way pays one round, and gains on the link with every doubling', () => {
    const us = [2, 8].map((gpus) => {
      const shape = { ...typical('nccl_all_gather', 'half'), gpus, elements: 2 ** 30 };
      return nccl(shape, h100, [0, 0, 0.5, 0.1, 1e-6, 10], cost);
    });
    expect(us[0] - 10).toBeCloseTo(2 ** 31 / 2 / 450e3 / 0.5, 3);
    expect(us[1] - 10).toBeCloseTo((2 ** 31 * 7) / 8 / 450e3 / 0.7, 3);
  });
});

test('every operation of the data has a form whose key names its shape', () => {
  for (const { op, dtype } of FITTED.families) {
    const o = typical(op as Operation['op'], dtype || 'bfloat16');
    expect(formOf(o).shapeOf(o)).toMatch(/\d/);
  }
});

test('a size that is missing, negative or not finite is refused by name', () => {
  expect(() => operation({ op: 'gemm', m: 1, n: 1 })).toThrow('gemm: k must be > 0, got 0');
  expect(() => operation({ op: 'gemm', m: -1, n: 1, k: 1 })).toThrow('m must be > 0, got -1');
  const nan = { op: 'gemm', m: NaN, n: 1, k: 1 } as const;
  expect(() => operation(nan)).toThrow('m must be > 0, got NaN');
});

test('peaks are those of the catalogue of the source', () => {
  expect((peaksOf('gb300') as Peaks).fp4).toBe(15e15);
  expect(peaksOf('no such system')).toBeUndefined();
});
