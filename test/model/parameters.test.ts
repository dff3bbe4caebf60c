// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { models, parameters } from '../../src/model/index.js';

describe('parameters', () => {
  it.each(models.map((model) => [model.id, model] as const))(
    '%s is within 1 %% of the published total',
    (_, model) => {
      const error = parameters(model).total / model.publishedParameters - 1;
      expect(Math.abs(error)).toBeLessThan(0.01);
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

  it('reads about 37 B of DeepSeek-V3 for one token', () => {
    const [deepseek] = models.filter((model) => model.id === 'deepseek-v3');
    expect(parameters(deepseek).active / 37e9).toBeCloseTo(1, 1);
  });
});
