// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { kvTokens, residentSequences, stepFormats } from '../../../src/cost/serving/index.js';
import { point } from './support.js';

const layout = { tp: 8, dp: 1, moeTp: 8, moeEp: 1 };
const tokens = (name: string, length: number): number => {
  const served = point(name);
  return kvTokens(served, layout, stepFormats(served, 'blackwell'), length);
};

describe('KV tokens of a replica', () => {
  it('do not depend on the length of sequences with full attention', () => {
    expect(tokens('llama-3.1-70b', 1000)).toBeCloseTo(tokens('llama-3.1-70b', 9000), 3);
  });

  it('are fewer in short sequences where each has a state of its own', () => {
    const name = 'qwen3.5-397b-a17b';
    expect(tokens(name, 500)).toBeLessThan(0.8 * tokens(name, 50_000));
  });

  it('are what sequences at their reserved length fill', () => {
    const served = point('llama-3.1-70b');
    const formats = stepFormats(served, 'blackwell');
    const resident = residentSequences(served, layout, formats, 1000, 500);
    // TensorRT-LLM reserves the whole output.
    expect(resident * 1500).toBeCloseTo(tokens('llama-3.1-70b', 1500), 3);
  });
});
