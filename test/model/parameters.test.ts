// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { contradiction, findModel, models, parameters } from '../../src/model/index.js';

/** Totals, billions, recomputed from the public configurations when they were collected. */
const TOTALS: readonly (readonly [string, number])[] = [
  ['deepseek-v3', 671.0],
  ['kimi-k2', 1026.4],
  ['glm-5', 743.2],
  ['qwen3-235b-a22b', 235.1],
  ['qwen3-coder-480b-a35b', 480.2],
  ['gpt-oss-120b', 116.8],
  ['gpt-oss-20b', 20.9],
  ['minimax-m2.5', 228.7],
  ['nemotron-3-super-120b-a12b', 120.7],
  ['nemotron-3-ultra-550b-a55b', 549.3],
  ['llama-3.1-405b', 405.8],
];

/** Cards that round, or count what we leave out: by how much ours may differ, per cent. */
const ROUNDED: Readonly<Record<string, number>> = {
  'kimi-k2': 1.5, 'kimi-k2.5': 1.5, 'deepseek-v4-pro': 2, 'nemotron-3-nano-30b-a3b': 6,
};

describe('parameters', () => {
  it.each(TOTALS)('%s has %f billion within 1 %%', (name, billions) => {
    const { total } = parameters(findModel(name)!);
    expect(Math.abs(total / (billions * 1e9) - 1)).toBeLessThan(0.01);
  });

  it.each(models.map((model) => [model.id, model] as const))(
    '%s is near the published total and contradicts itself nowhere',
    (id, model) => {
      expect(contradiction(model)).toBeNull();
      const { publishedParameters: published } = model;
      if (published === null) return;
      const error = parameters(model).total / published - 1;
      expect(Math.abs(error)).toBeLessThan((ROUNDED[id] ?? 1) / 100);
      if (ROUNDED[id] !== undefined) expect(model.note).toBeDefined();
    },
  );

  it('adds up, and a dense model reads all of it for each token', () => {
    for (const model of models) {
      const count = parameters(model);
      const sum = count.embedding + count.attention + count.denseFfn + count.routedExperts
        + count.sharedExperts + count.router + count.norms;
      expect(sum).toBe(count.total);
      if (model.ffn.kind === 'dense') expect(count.active).toBe(count.total);
    }
  });

  it.each([
    ['deepseek-v3', 36.6],
    ['kimi-k2', 31.7],
    ['glm-4.6', 32.9],
    ['qwen3-coder-480b-a35b', 34.5],
    ['nemotron-3-super-120b-a12b', 12.2],
    ['nemotron-3-ultra-550b-a55b', 55.0],
    ['minimax-m2.5', 10.4],
  ])('%s reads %f billion for one token, input embedding left out', (name, billions) => {
    const { active, embedding } = parameters(findModel(name)!);
    expect((active - embedding / 2) / 1e9).toBeCloseTo(billions, 1);
  });

  it('counts tied embeddings once', () => {
    const model = findModel('llama-3.1-8b')!;
    const untied = parameters(model).embedding;
    expect(parameters({ ...model, tiedEmbeddings: true }).embedding).toBe(untied / 2);
  });
});
