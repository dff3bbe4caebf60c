// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readLayout } from '../../../src/cost/serving/index.js';

function read(tpSize: number, attentionDpSize: number, moeTpSize: number, moeEpSize: number) {
  return readLayout({ tpSize, attentionDpSize, moeTpSize, moeEpSize }, true);
}

describe('layout of published columns', () => {
  it('takes columns that fit together as they are', () => {
    const { layout, rule, defect } = read(8, 1, 8, 1);
    expect(layout).toEqual({ tp: 8, dp: 1, moeTp: 8, moeEp: 1 });
    expect(rule + defect).toBe('');
  });

  it('reads a grid of experts r x r over tp = r x r as r GPUs with experts over them', () => {
    const { layout, rule } = read(16, 1, 4, 4);
    expect(layout).toEqual({ tp: 4, dp: 1, moeTp: 1, moeEp: 4 });
    expect(rule).toContain('multiplied');
  });

  it('gives sequences of a rank back when the replicas were multiplied', () => {
    const { layout, batchFactor } = read(1, 64, 8, 8);
    expect(layout).toEqual({ tp: 1, dp: 8, moeTp: 1, moeEp: 8 });
    expect(batchFactor).toBe(8);
  });

  it('reads tp = dp = r beside r x r expert ranks as r replicas', () => {
    expect(read(4, 4, 1, 16).layout).toEqual({ tp: 1, dp: 4, moeTp: 1, moeEp: 4 });
  });

  it('calls an expert grid larger than the GPUs a defect', () => {
    expect(read(1, 1, 2, 1).defect).toContain('larger');
  });

  it('ignores expert columns of a dense model', () => {
    const columns = { tpSize: 2, attentionDpSize: 1, moeTpSize: 2, moeEpSize: 1 };
    expect(readLayout(columns, false).layout).toEqual({ tp: 2, dp: 1, moeTp: 1, moeEp: 1 });
  });
});
