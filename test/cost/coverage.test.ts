// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { describeAssumptions, makeStepModel, stepCoverage } from '../../src/cost/index.js';
import { devices } from '../../src/hardware/index.js';
import { models } from '../../src/model/index.js';
import { device, model } from './support.js';

describe('what the step model covers', () => {
  it('has a price for plain attention, an upper bound for windows and top-k', () => {
    for (const name of ['deepseek-v3', 'kimi-k2', 'qwen3-235b-a22b', 'llama-3.1-405b']) {
      expect(stepCoverage(model(name))).toEqual({ upperBounds: [], missing: [] });
    }
    const [window] = stepCoverage(model('gpt-oss-120b')).upperBounds;
    expect(window).toMatchObject({ layers: 18 });
    expect(window.what).toContain('128 tokens');
    expect(stepCoverage(model('glm-5')).upperBounds[0].what).toContain('2048');
  });

  it.each(['deepseek-v4-pro', 'kimi-k3', 'qwen3.5-397b-a17b', 'nemotron-3-ultra'])(
    'says what it lacks for %s',
    (name) => {
      expect(stepCoverage(model(name)).missing.length).toBeGreaterThan(0);
    },
  );

  it('prices every covered model on every device, and lists bounds as assumed', () => {
    const covered = models.filter((each) => stepCoverage(each).missing.length === 0);
    expect(covered.length).toBeGreaterThan(15);
    for (const each of covered) {
      for (const on of devices) {
        const options = {
          device: on, model: each, tensorParallel: 8, weightDtype: 'fp8', kvDtype: 'fp8',
        } as const;
        const steps = makeStepModel(options);
        const ends = new Float64Array(1);
        const run = { steps: 1, sequences: 8, context: 8192, startNs: 0 };
        expect(steps.decodeEnds(run, ends, 0), `${each.id} on ${on.id}`).toBeGreaterThan(1e6);
        const list = describeAssumptions(options);
        const bounds = list.filter(({ source }) => source.includes('upper bound'));
        expect(bounds.length).toBe(stepCoverage(each).upperBounds.length);
      }
    }
  });

  it('borrows constants within a generation, and says so', () => {
    const list = describeAssumptions({
      device: device('rubin'),
      model: model('deepseek-v3'),
      tensorParallel: 8,
      weightDtype: 'nvfp4',
      kvDtype: 'fp8',
    });
    const [floor] = list.filter((each) => each.what.startsWith('fixed time a layer'));
    expect(floor).toMatchObject({ status: 'assumed' });
    expect(floor.source).toContain('borrowed from blackwell');
    for (const each of list.filter(({ what }) => what.endsWith('compute share'))) {
      expect(each.status, each.what).toBe('assumed');
      expect(each.source).toMatch(/borrowed from (gb300|b200_sxm)/);
    }
  });
});
