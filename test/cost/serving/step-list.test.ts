// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { models, parameters } from '../../../src/model/index.js';
import { devicePeaks, findServingDevice, stepParts } from '../../../src/cost/serving/index.js';
import type { StepList } from '../../../src/cost/serving/index.js';
import { cold, listOf } from './support.js';

/** n x k of every product with how often it runs, in order. */
function products({ operations }: StepList): string[] {
  return operations.filter(({ operation }) => operation.op === 'gemm')
    .map(({ operation: { n, k }, count }) => `${count} of ${n} x ${k}`);
}

function only(list: StepList, op: string) {
  return list.operations.filter(({ operation }) => operation.op === op);
}

describe('operations of a step', () => {
  it('lists the products of a dense layer, split by tensor parallelism', () => {
    // Llama-3.1-8B: 32 heads, 8 KV heads of 128, FFN 14336, vocabulary 128256.
    expect(products(listOf('llama-3.1-8b', { tp: 2 }, {}))).toEqual([
      '32 of 3072 x 4096', '32 of 4096 x 2048', '32 of 14336 x 4096', '32 of 4096 x 7168',
      '1 of 64128 x 4096',
    ]);
  });

  it('keeps one KV head where there are fewer than ranks', () => {
    const [attention] = only(listOf('qwen3-235b-a22b', { tp: 8, moeTp: 8 }, {}),
      'generation_attention');
    expect(attention.operation).toMatchObject({ heads: 8, kvHeads: 1 });
  });

  it('does not split the latent row of MLA', () => {
    // DeepSeek-V3: query rank 1536, latent 512 + rope 64; 128 heads of 192.
    const list = products(listOf('deepseek-v3', { tp: 8, moeTp: 8 }, {}));
    expect(list.slice(0, 2)).toEqual(['61 of 2112 x 7168', '61 of 3072 x 1536']);
  });

  it('sums twice a layer over ranks, and not at all on one', () => {
    const sums = only(listOf('deepseek-v3', { tp: 8, moeTp: 8 }, {}), 'custom_allreduce');
    expect(sums.reduce((sum, { count }) => sum + count, 0)).toBe(122);
    expect(sums[0].operation.elements).toBe(4 * 7168);
    expect(only(listOf('llama-3.1-8b', {}, {}), 'custom_allreduce')).toEqual([]);
  });

  it('gathers the tokens of all replicas for the experts', () => {
    const list = listOf('deepseek-v3', { dp: 8, moeEp: 8 }, {}, 'fp8');
    expect(only(list, 'moe')[0].operation.tokens).toBe(32);
    // One byte an element where experts are quantised, two on the way back.
    expect(only(list, 'nccl_all_gather')[0].operation.elements).toBe((32 * 7168) / 2);
    expect(only(list, 'nccl_reduce_scatter')[0].operation.elements).toBe(32 * 7168);
    expect(only(list, 'custom_allreduce')).toEqual([]);
  });

  it('attends to a window, or to what an indexer picks, where layers do', () => {
    const windows = only(listOf('gpt-oss-120b', {}, { past: 5000 }), 'generation_attention');
    expect(windows.map(({ count, operation }) => [count, operation.pastKv]))
      .toEqual([[18, 5000], [18, 128]]);
    const sparse = only(listOf('glm-5', { tp: 8, moeTp: 8 }, { past: 50000 }), 'generation_mla');
    expect(sparse[0].operation.pastKv).toBe(2048);
  });

  it('moves recurrent state in place of a cache', () => {
    const { operations, traffic } = listOf('qwen3.5-397b-a17b', {}, {});
    expect(operations.find(({ part }) => part === 'attention')!.count).toBe(15);
    const state = traffic.find(({ part }) => part === 'attention')!;
    expect(state.bytes).toBe(45 * 64 * 128 * 128 * 4 * 2 * 4);
  });
});

describe('cost of a step', () => {
  const { peaks } = devicePeaks(findServingDevice('b200_sxm')!);
  const total = (list: StepList): number =>
    Object.values(stepParts(list, cold, peaks)).reduce((a: number, b: number) => a + b, 0);
  const names = [
    'llama-3.1-70b', 'gpt-oss-120b', 'qwen3-235b-a22b', 'deepseek-v3', 'glm-5',
    'qwen3.5-397b-a17b', 'kimi-k2.5',
  ];

  it.each(names)('grows with sequences and with context: %s', (name) => {
    for (const kind of ['decode', 'prefill'] as const) {
      let last = 0;
      const newTokens = kind === 'decode' ? 1 : 512;
      for (const sequences of [1, 2, 8, 32, 128]) {
        const us = total(listOf(name, { tp: 8, moeTp: 8 }, { kind, sequences, newTokens }));
        expect(us, `${kind} ${sequences}`).toBeGreaterThan(last);
        last = us;
      }
      last = 0;
      for (const past of [256, 1024, 8192, 65536]) {
        const us = total(listOf(name, { tp: 8, moeTp: 8 }, { kind, past, newTokens }));
        expect(us, `${kind} past ${past}`).toBeGreaterThanOrEqual(last);
        last = us;
      }
    }
  });

  it('prices every model of the catalogue', () => {
    for (const { id } of models) {
      const us = total(listOf(id, {}, {})) + total(listOf(id, {}, { kind: 'prefill' }));
      expect(Number.isFinite(us) && us > 0, id).toBe(true);
    }
  });
});

it('multiplies by every parameter of every model of the catalogue once', () => {
  for (const each of models) {
    const count = parameters(each);
    let weights = 0;
    // One decode of one token, so that no product sees other rows.
    for (const { operation: o, count: times } of listOf(each.id, {}, { sequences: 1 }).operations) {
      if (o.op === 'gemm') weights += times * o.n * o.k;
      if (o.op === 'moe') weights += times * o.experts * 3 * o.hidden * o.inter;
    }
    // The input embedding is looked up; norms, biases and convolutions are no products.
    const lookup = each.tiedEmbeddings === true ? 0 : count.embedding / 2;
    expect(weights / (count.total - lookup - count.norms), each.id).toBeCloseTo(1, 2);
  }
});
