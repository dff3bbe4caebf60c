// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  calibrate, fittedOf, poolFamilies, readConstants, readOperationRows, validateRows, writeConstants,
} from '../../src/calibrate/index.js';
import { OperationEstimator } from '../../src/cost/op/index.js';
import { GENERATOR, syntheticCsv } from './support.js';

const exact = readOperationRows(syntheticCsv(), 'made.csv');
const noisy = readOperationRows(syntheticCsv(0.1), 'made.csv');

describe('calibrate', () => {
  it('finds the constants of a known generator again', () => {
    const [{ fitted }] = calibrate(exact);
    const [compute, memory, fixed, walk] = fitted.systems['h100_sxm'];
    // The ridge holds every constant a little; shares within 3 %, fixed parts within 0.4 us.
    expect(Math.abs(compute / GENERATOR[0] - 1)).toBeLessThan(0.03);
    expect(Math.abs(memory / GENERATOR[1] - 1)).toBeLessThan(0.03);
    expect(Math.abs(fixed - GENERATOR[2])).toBeLessThan(0.4);
    expect(Math.abs(walk - GENERATOR[3])).toBeLessThan(0.4);
    expect(fitted.errors.fit).toBeLessThan(1);
  });

  it('predicts rows, shapes and systems that it did not see about as well as the noise', () => {
    const [{ fitted }] = calibrate(noisy);
    const { fit, rows, shapes, systems } = fitted.errors;
    expect(fit).toBeLessThan(6);
    for (const held of [rows, shapes, systems]) expect(held).toBeLessThan(7);
    expect(rows).toBeGreaterThanOrEqual(fit);
  });

  it('gives the same constants every time', () => {
    const [a] = calibrate(noisy);
    const [b] = calibrate(noisy);
    expect(a.fitted).toEqual(b.fitted);
  });

  it('shrugs off a row that is six times off', () => {
    const spiked = noisy.map((row, i) => ({
      ...row,
      measuredUs: row.measuredUs * (i === 7 ? 6 : 1),
    }));
    const [{ fitted }] = calibrate(spiked);
    expect(Math.abs(fitted.systems['h200_sxm'][0] / GENERATOR[0] - 1)).toBeLessThan(0.08);
  });

  it('leaves systems of one or two rows what their generation shares', () => {
    const few = [...noisy.filter(({ peaks }) => peaks.id === 'h100_sxm'), ...noisy.slice(-2)];
    const [{ fitted }] = calibrate(few);
    expect(fitted.systems['h200_sxm']).toEqual(fitted.systems['hopper']);
    expect(fitted.systems['h100_sxm']).not.toEqual(fitted.systems['hopper']);
  });

  it('gives a kernel of few rows a fixed time and the constants of its format', () => {
    const slow = noisy.slice(0, 4).map((row) => ({
      ...row,
      measuredUs: row.measuredUs + 100,
      operation: { ...row.operation, kernelSource: 'other' },
    }));
    const [usual, other] = [...calibrate([...noisy, ...slow])].map(({ fitted }) => fitted);
    expect(other.kernelSource).toBe('other');
    expect(other.held).toEqual(['compute', 'memory', 'walk']);
    const [own, borrowed] = [usual, other].map(({ systems }) => systems['h100_sxm']);
    expect(borrowed[0]).toBe(own[0]);
    expect(borrowed[2] - own[2]).toBeGreaterThan(90);
  });
});

describe('poolFamilies', () => {
  it('puts bars beside what folds left out', () => {
    const { classes, apart } = poolFamilies([...calibrate(noisy)]);
    expect(apart).toEqual([]);
    expect(classes).toHaveLength(1);
    const [{ name, bars, n, heldOut }] = classes;
    expect([name, bars, n]).toEqual(['gemm bfloat16', [7, 9], 48]);
    expect([heldOut.rows.n, heldOut.shapes.n, heldOut.systems.n, heldOut.models.n]).toEqual([
      48, 48, 48, 0,
    ]);
  });
});

describe('validateRows and versions', () => {
  it('counts another version of a kernel with its own, and lists it', () => {
    const estimator = new OperationEstimator(fittedOf([...calibrate(exact)], 'made', '2026-01-02'));
    const newer = { ...exact[0], operation: { ...exact[0].operation, version: '2' } };
    const { groups, borrowed } = validateRows([newer, exact[1]], estimator, 0);
    expect(groups).toMatchObject([{ n: 2 }]);
    expect(borrowed).toMatchObject([{ name: 'gemm bfloat16: version 1 for 2', n: 1 }]);
  });
});

describe('a file of constants', () => {
  const fitted = fittedOf([...calibrate(noisy)], 'made up', '2026-01-02');

  it('reads as it was written, one system a line', () => {
    const text = writeConstants(fitted);
    expect(readConstants(text, 'c.json')).toEqual(fitted);
    expect(text).toMatch(/^ *"h100_sxm": \[[\d., ]+\],?$/m);
  });

  it('is refused with the path of what is wrong', () => {
    const broken = (change: (family: Record<string, unknown>) => void): string => {
      const copy = JSON.parse(writeConstants(fitted)) as { families: Record<string, unknown>[] };
      change(copy.families[0]);
      return JSON.stringify(copy);
    };
    const read = (text: string) => (): unknown => readConstants(text, 'c.json');
    expect(read('{')).toThrow('c.json: not JSON');
    expect(read('{}')).toThrow('c.json: not a file of constants');
    expect(read('null')).toThrow('c.json: not a file of constants');
    expect(read(broken((f) => (f['op'] = 'gemv')))).toThrow('families[0].op: unknown operation');
    expect(read(broken((f) => delete f['dtype']))).toThrow('families[0].dtype: must be text');
    const short = broken((f) => (f['systems'] = { h100_sxm: [1, null] }));
    expect(read(short)).toThrow('families[0].systems.h100_sxm: must be constants');
  });
});

describe('validateRows', () => {
  const fitted = fittedOf([...calibrate(exact)], 'made up', '2026-01-02');
  const estimator = new OperationEstimator(fitted);

  it('prints errors by operation, and lists the worst rows first', () => {
    const rows = exact.map((row, i) => ({
      ...row,
      measuredUs: row.measuredUs / (i === 5 ? 2 : 1),
    }));
    const { groups, all, worst } = validateRows(rows, estimator, 3);
    expect(groups.map(({ name, n }) => [name, n])).toEqual([['gemm bfloat16', 48]]);
    expect(all.median).toBeLessThan(1);
    expect(worst).toHaveLength(3);
    expect(worst[0].line).toBe(7);
    expect(worst[0].errorPercent).toBeGreaterThan(95);
  });

  it('puts apart what is beyond the checked range and what borrows constants', () => {
    const small = { ...exact[0], operation: { ...exact[0].operation, n: 128 } };
    const foreign = { ...exact[1], operation: { ...exact[1].operation, kernelSource: 'x' } };
    const { groups, beyond, borrowed } = validateRows([small, foreign, exact[2]], estimator, 0);
    expect(groups).toMatchObject([{ n: 1 }]);
    expect(beyond).toMatchObject([{ name: 'gemm bfloat16: n or k below 512', n: 1 }]);
    expect(borrowed).toMatchObject([{ name: 'gemm bfloat16: kernel up for x', n: 1 }]);
  });
});
