// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { emptyStepLoad, type StepCost } from '../../src/cost/index.js';
import { SpeculativeSteps } from '../../src/load-test/speculative-steps.js';
import { linearSteps } from './support.js';

const plain = linearSteps({ step: 1e6, sequence: 1e4, promptToken: 1000 });
const steps = new SpeculativeSteps(plain, { drafts: 3, accepted: 2.5 }, 60);
const cost = (): StepCost => ({
  totalNs: 0, attentionNs: 0, gemmNs: 0, communicationNs: 0, overheadNs: 0, bound: 0,
});
const load = { ...emptyStepLoad(), decodeSequences: 8, decodeContext: 8000, sampledSequences: 8 };
/** Four verified tokens a sequence, three drafts of a layer each, 2.5 tokens accepted. */
const DECODE_NS = Math.round(((1e6 + 4 * 8 * 1e4) * (1 + 3 / 60)) / 2.5);

describe('steps that verify drafts', () => {
  it('cost a token its share of a step', () => {
    expect(steps.price(load, cost())).toBe(DECODE_NS);
  });

  it('cost prompts what they cost without drafts', () => {
    const both = { ...load, prefillTokens: 500, prefillSequences: 1 };
    expect(steps.price(both, cost())).toBe(DECODE_NS + 500 * 1000);
    const prompts = { ...emptyStepLoad(), prefillTokens: 500, prefillSequences: 1 };
    expect(steps.price(prompts, cost())).toBe(plain.price(prompts, cost()));
  });

  it('have parts that add up', () => {
    const out = cost();
    steps.price({ ...load, prefillTokens: 500, prefillSequences: 1 }, out);
    const sum = out.attentionNs + out.gemmNs + out.communicationNs + out.overheadNs;
    expect(sum).toBeCloseTo(out.totalNs, 3);
  });

  it('in a row end where single ones do', () => {
    const ends = new Float64Array(5);
    const last = steps.decodeEnds({ steps: 4, sequences: 8, context: 8000, startNs: 7 }, ends, 1);
    expect([...ends]).toEqual([0, ...[1, 2, 3, 4].map((n) => 7 + n * DECODE_NS)]);
    expect(last).toBe(ends[4]);
  });
});
