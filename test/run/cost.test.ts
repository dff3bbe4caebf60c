// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../src/config/index.js';
import { findDevice } from '../../src/hardware/index.js';
import { simulate, type RunResult } from '../../src/run/index.js';
import { agentic, generated, spec } from '../support/run.js';
import { read } from '../support/trace.js';

const busy = ({ records: { replicas } }: RunResult): Record<string, number> => ({
  cached: replicas.cachedInputNs[0],
  uncached: replicas.uncachedInputNs[0],
  all: replicas.busyNs[0],
});

function run(pool: object = {}, more: object = {}): RunResult {
  const made = { ...spec(agentic(2, 4), { ...pool }), ...more };
  return simulate(made, generated(made));
}

describe('time by what it was spent on', () => {
  it('is all output but for the prompts, which take more when nothing is cached', () => {
    const cached = busy(run());
    const cold = busy(run({ prefixCaching: false }));
    expect(cached.cached).toBeGreaterThan(0);
    expect(cached.uncached).toBeGreaterThan(0);
    expect(cached.cached + cached.uncached).toBeLessThan(cached.all);
    expect(cold.cached).toBe(0);
    expect(cold.uncached).toBeGreaterThan(cached.cached + cached.uncached);
  });

  it('is the same whether decode steps run one by one or not', () => {
    const made = spec(agentic(2, 4));
    const single = simulate(made, generated(made), { fastForward: false });
    expect(busy(single)).toEqual(busy(run()));
  });
});

describe('what a run cost', () => {
  it('pays the GPUs of a pool from the first request to the last token', () => {
    const { cost, records } = run({ replicas: 2, usdPerGpuHour: 3 });
    const [pool] = cost.pools;
    const seconds = Math.max(...records.requests.finishNs) / 1e9
      - Math.min(...records.requests.readyNs) / 1e9;
    expect(pool.gpus).toBe(2);
    expect(pool.gpuHours).toBeCloseTo((2 * seconds) / 3600, 9);
    expect(pool.cost.totalUsd).toBeCloseTo(3 * pool.gpuHours, 9);
    expect(pool.price.status).toBe('assumed');
  });

  it('splits the sum over cached input, uncached input and output', () => {
    const { cost, records: { requests } } = run();
    const [{ cost: split }] = cost.pools;
    const sum = (column: ArrayLike<number>): number =>
      Array.from(column).reduce((a, b) => a + b, 0) / 1e6;
    const cached = sum(requests.cachedTokens);
    const total = split.cachedInputUsdPerMtokOfCachedInput! * cached
      + split.uncachedInputUsdPerMtokOfUncachedInput! * (sum(requests.inputTokens) - cached)
      + split.outputUsdPerMtokOfOutput! * sum(requests.outputTokens);
    expect(total).toBeCloseTo(split.totalUsd, 9);
  });

  it('bills every request by the tariffs of the config', () => {
    const { cost, workload } = run({}, { tariffs: ['claude-opus-5', 'deepseek-v4-pro'] });
    expect(cost.api.map(({ tariff }) => tariff)).toEqual(['claude-opus-5', 'deepseek-v4-pro']);
    for (const bill of cost.api) {
      expect(bill.requests).toBe(workload.requests);
      const { cachedInputUsd, uncachedInputUsd, outputUsd, totalUsd } = bill;
      expect(totalUsd).toBeCloseTo(cachedInputUsd + uncachedInputUsd + outputUsd, 9);
    }
  });

  it('bills a trace by the models it names, whatever date stands behind them', async () => {
    const request = (model: string, t: number): object => ({
      t, type: 'n', model, in: 130, out: 9, hash_ids: [t * 10 + 1, t * 10 + 2],
    });
    const requests = [
      request('claude-haiku-4-5-20251001', 0), request('own-model', 5),
    ];
    const workload = await read(JSON.stringify({ id: 's', block_size: 64, requests }));
    const made = spec({ kind: 'trace', path: 'x' });
    const { cost } = simulate(made, workload);
    expect(cost.api).toHaveLength(1);
    expect(cost.api[0]).toMatchObject({ tariff: 'claude-haiku-4.5', requests: 1, missing: '' });
  });
});

describe('resolvePrices', () => {
  it('refuses a price or tariff that the catalogue lacks, with what it has', () => {
    expect(() => run({ gpuHour: 'h100-1z' })).toThrow(/^pools\.0\.gpuHour: .*"h100-1y"/);
    expect(() => run({}, { tariffs: ['claude-opos-5'] })).toThrow(/^tariffs\.0: .*claude-opus/);
  });

  it('refuses two prices for one pool', () => {
    expect(() => run({ gpuHour: 'h100-1y', usdPerGpuHour: 1 })).toThrow(/exclude each other/);
  });

  it('has no price for a device that nobody priced, unless the config states one', () => {
    const h100 = findDevice('h100')!;
    const catalog = parseCatalog({ devices: [{ ...h100, id: 'mine', name: 'Mine', aliases: [] }] });
    const own = run({ device: 'mine' }, { catalog });
    expect(own.cost).toMatchObject({ pools: [], unpriced: ['main'] });
    const stated = run({ device: 'mine', usdPerGpuHour: 2 }, { catalog });
    expect(stated.cost.pools[0].price.usdPerGpuHour).toBe(2);
  });
});
