// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { predictServing } from '../../src/calibrate/index.js';
import {
  findServingDevice, findServingModel, FITTED_SERVING, SERVING_ENGINES, type ServingPoint,
} from '../../src/cost/serving/index.js';
import { ServingSimulator } from '../../src/load-test/index.js';
import { row } from './rows.js';

const simulator = new ServingSimulator();
const { effects } = FITTED_SERVING;

/** Simulated over formula - 1, percent. */
function difference(change: Partial<ServingPoint>): number {
  const priced = row(change);
  const [formula] = predictServing([priced], effects);
  return (simulator.predict(priced, effects).predictedMs / formula.predictedMs - 1) * 100;
}

describe('simulated closed loops', () => {
  it('of one user take the formula\'s decode steps', () => {
    for (const engine of SERVING_ENGINES) {
      expect(Math.abs(difference({ engine, batch: 1, concurrency: 1 })), engine).toBeLessThan(1.5);
    }
  });

  it('agree with the formula where prompts of others run between', () => {
    for (const engine of SERVING_ENGINES) {
      for (const [isl, osl] of [[1024, 1024], [8192, 1024], [2000, 500]]) {
        const off = difference({ engine, isl, osl, batch: 32, concurrency: 32 });
        expect(Math.abs(off), `${engine} ${isl}/${osl}`).toBeLessThan(6);
      }
    }
  });

  it('agree with it on attention replicas and with drafts', () => {
    const model = findServingModel('deepseek-v3')!;
    const device = findServingDevice('b200_sxm')!;
    const wide = { tpSize: 1, attentionDpSize: 8, moeTpSize: 1, moeEpSize: 8 };
    const eight = { tpSize: 8, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 8 };
    const point = { model, device, engine: 'trtllm', batch: 16, precision: 'fp8' } as const;
    expect(Math.abs(difference({ ...point, columns: wide }))).toBeLessThan(6);
    const drafting = { ...point, columns: eight, version: '1.2.0rc6.post3' };
    expect(Math.abs(difference(drafting))).toBeLessThan(6);
    const ms = (version: string): number =>
      simulator.predict(row({ ...drafting, version }), effects).predictedMs;
    expect(ms(drafting.version)).toBeLessThan(0.75 * ms(''));
  });

  it('find the queue of users above the KV cache in TTFT', () => {
    const crowd = { isl: 8192, osl: 1024, batch: 200, concurrency: 200 } as const;
    const { predictedMs, ttftMs } = simulator.predict(row(crowd), effects);
    expect(ttftMs).toBeGreaterThan(0.5 * 1024 * predictedMs);
  });

  it('give equal rows equal times', () => {
    const first = simulator.predict(row(), effects);
    expect(new ServingSimulator().predict(row(), effects).predictedMs).toBe(first.predictedMs);
    expect(simulator.predict(row(), effects).ttftMs).toBe(first.ttftMs);
  });
});
