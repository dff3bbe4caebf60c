// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  crossValidateServing, fits, fitServing, predictServing, priceRows, readServingRows, servingErrors,
  servingReport,
} from '../../src/calibrate/index.js';
import { FITTED, OperationEstimator } from '../../src/cost/op/index.js';
import {
  findServingDevice, findServingModel, NEUTRAL_SCALES, pointParts, tpot,
} from '../../src/cost/serving/index.js';

const HEAD = 'system,model_path,precision,mode,backend,backend_version,isl,osl,conc,batch_size,'
  + 'tp_size,attention_dp_size,moe_tp_size,moe_ep_size,silicon_ttft_ms,silicon_tpot_ms';
const estimator = new OperationEstimator(FITTED, true);
/** A machine with faster products, slower layers and a heavier host than the neutral start. */
const TRUTH = { ...NEUTRAL_SCALES, gemm: 0.8, glueUs: 25, hostUs: 900, mixed: 0.6 };

/** Rows that the model itself timed with other constants. */
function syntheticCsv(): string {
  const lines = [HEAD];
  for (const system of ['h100_sxm', 'b200_sxm']) {
    for (const name of ['llama-3.1-8b', 'llama-3.1-70b', 'qwen3-32b']) {
      for (const tp of [2, 4, 8]) {
        for (const batch of [1, 4, 16, 64]) {
          const columns = { tpSize: tp, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 1 };
          const parts = pointParts({
            model: findServingModel(name)!, device: findServingDevice(system)!, engine: 'vllm',
            version: '', precision: 'fp8', isl: 2000, osl: 500, concurrency: batch, batch, columns,
          }, estimator);
          const ms = tpot(parts, TRUTH).us / 1000;
          lines.push(`${system},${name},fp8,agg,vllm,,2000,500,${batch},${batch},${tp},,,,,${ms}`);
        }
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('fit of serving rows', () => {
  const { rows } = readServingRows(syntheticCsv(), 'made.csv');
  const priced = priceRows(rows, estimator);

  it('finds the constants that made the rows', () => {
    const errors = servingErrors('', predictServing(priced, fitServing(priced)));
    expect(errors.mean).toBeLessThan(1.5);
    expect(servingErrors('', predictServing(priced, {})).mean).toBeGreaterThan(5);
  });

  it('carries to rows and groups that it did not see', () => {
    for (const fold of ['rows', 'groups'] as const) {
      const crossed = crossValidateServing(priced, fold);
      expect(crossed).toHaveLength(rows.length);
      expect(servingErrors('', crossed).mean, fold).toBeLessThan(4);
    }
  });

  it('gives the same constants twice', () => {
    expect(fitServing(priced)).toEqual(fitServing(priced));
  });
});

describe('rows of serving measurements', () => {
  const line = (cells: string): string => `${HEAD}\n${cells}\n`;
  const good = 'h100_sxm,llama-3.1-8b,fp8,agg,vllm,1,128,128,4,4,1,,,,10,5';

  it('counts what it does not predict', () => {
    const disagg = good.replace(',agg,', ',disagg,');
    const wide = good.replace('4,4,1,', '4,4,32,');
    const text = `${HEAD}\n${[good, good, disagg, wide].join('\n')}\n`;
    const { rows, disaggregated, tooWide, repeated } = readServingRows(text, 'made.csv');
    expect([rows.length, disaggregated, tooWide, repeated]).toEqual([1, 1, 1, 1]);
  });

  it('lists inputs that cannot be meant apart and fits none of them', () => {
    const grid = good.replace('llama-3.1-8b', 'qwen3-235b-a22b').replace('4,4,1,,,', '4,4,1,1,4,1');
    const { rows } = readServingRows(`${HEAD}\n${good}\n${grid}\n`, 'made.csv');
    expect(rows.map(fits)).toEqual([true, false]);
    const report = servingReport(predictServing(priceRows(rows, estimator), {}));
    expect(report.total.n).toBe(1);
    expect(report.defects.map(({ n }) => n)).toEqual([1]);
  });

  it('names file, line and column of what cannot be read', () => {
    const bad = (from: string, to: string) => () =>
      readServingRows(line(good.replace(from, to)), 'made.csv');
    expect(bad('h100_sxm', 'z9')).toThrow(/made\.csv:2: system: unknown system, got "z9"/);
    expect(bad(',10,5', ',10,-5')).toThrow(/made\.csv:2: silicon_tpot_ms: must be > 0/);
    expect(bad('vllm', 'other')).toThrow(/backend.*vllm, sglang, trtllm/);
    expect(() => readServingRows('system\n1\n', 'made.csv')).toThrow(/missing column/);
  });
});
