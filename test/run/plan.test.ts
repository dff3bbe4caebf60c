// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { resolveRun, simulate } from '../../src/run/index.js';
import type { Workload } from '../../src/workload/index.js';
import { agentic, generated, spec } from '../support/run.js';
import { lines, read } from '../support/trace.js';

const request = (model: string, t: number): object => ({
  t, type: 'n', model, in: 130, out: 9, hash_ids: [t * 10 + 1, t * 10 + 2],
});
const twoModels = (): Promise<Workload> =>
  read(JSON.stringify({
    id: 's', block_size: 64, requests: [request('big', 0), request('small', 9)],
  }));

describe('resolveRun', () => {
  it('derives the KV blocks of a replica from the memory of its devices', () => {
    const run = spec(agentic(1, 1));
    const [pool] = resolveRun(run, generated(run)).pools;
    // 80 GiB at 0.9, less 16 GB of weights: about 400,000 tokens of 131,072 bytes.
    expect(pool.kvTokens).toBeGreaterThan(350_000);
    expect(pool.kvTokens).toBeLessThan(450_000);
  });

  it('lets numGpuBlocks override them', () => {
    const run = spec(agentic(1, 1), { numGpuBlocks: 500 });
    expect(resolveRun(run, generated(run)).pools[0].kvBlocks).toBe(499);
  });

  it('refuses a model or device that the catalogue lacks, with a suggestion', () => {
    const run = (pool: object) => (): unknown => {
      const made = spec(agentic(1, 1), { ...pool });
      return resolveRun(made, generated(made));
    };
    expect(run({ model: 'llama-3.1-8c' })).toThrow(/^pools\.0\.model: .*"llama-3\.1-8b"/);
    expect(run({ device: 'h300' })).toThrow(/^pools\.0\.device: .*h300/);
  });

  it('refuses a KV cache too small for one request, naming the request and what would do', () => {
    const run = spec(agentic(2, 3), { numGpuBlocks: 60 });
    expect(() => resolveRun(run, generated(run))).toThrow(
      /^pools\.0\.numGpuBlocks: a request of session session-\d needs \d+ KV blocks .*at least/,
    );
  });

  it('refuses a layout that does not exist', () => {
    const run = spec(agentic(1, 1), { weightDtype: 'nvfp4' });
    expect(() => resolveRun(run, generated(run))).toThrow(/^pools\.0\.weightDtype: /);
  });

  it('schedules as the engine does unless told otherwise', () => {
    const plan = (pool: Record<string, unknown>): unknown[] => {
      const run = spec(agentic(1, 1), pool);
      const [{ scheduler, reservedOutput }] = resolveRun(run, generated(run)).plan.pools;
      return [scheduler, reservedOutput];
    };
    expect(plan({})).toEqual(['mixed', 0]);
    expect(plan({ engine: 'sglang' })).toEqual(['prefill-first', 0.1]);
    expect(plan({ engine: 'trtllm' })).toEqual(['whole-prompts', 1]);
    const own = { engine: 'trtllm', scheduler: 'mixed', reservedOutput: 0.5 };
    expect(plan(own)).toEqual(['mixed', 0.5]);
  });

  it('says by how much a model does not fit', () => {
    const run = spec(agentic(1, 1), { model: 'deepseek-v3', tensorParallel: 1 });
    expect(() => resolveRun(run, generated(run))).toThrow(/GB/);
  });
});

describe('several models in one run', () => {
  const pools = (models: Record<string, string>): ReturnType<typeof spec> => {
    const one = spec({ kind: 'trace', path: 'x' });
    const [pool] = one.pools;
    const both = [{ ...pool, name: 'large' }, { ...pool, name: 'tiny', replicas: 2 }];
    return { ...one, pools: both, models, defaultPool: null };
  };

  it('each go to the pool that the config names', async () => {
    const run = pools({ big: 'large', small: 'tiny' });
    const { requests } = simulate(run, await twoModels()).records;
    expect([...requests.pool]).toEqual([0, 1]);
  });

  it('are refused while one has no pool', async () => {
    const workload = await twoModels();
    expect(() => simulate(pools({ big: 'large' }), workload)).toThrow(/models: .*"small"/);
  });
});

describe('timing of a trace', () => {
  const trace = (): Promise<Workload> =>
    read(lines(
      { timestamp: 0, input_length: 600, output_length: 5, hash_ids: [1, 2] },
      { timestamp: 9000, input_length: 600, output_length: 5, hash_ids: [1, 3] },
    ));
  const run = (workload: object): ReturnType<typeof spec> =>
    spec({ kind: 'trace', path: 'x', ...workload });

  it('keeps recorded arrivals', async () => {
    const { requests } = simulate(run({}), await trace()).records;
    expect([...requests.readyNs]).toEqual([0, 9e9]);
  });

  it('replaces them by a rate', async () => {
    const { requests } = simulate(run({ sessionsPerSecond: 2 }), await trace()).records;
    expect([...requests.readyNs]).toEqual([0, 0.5e9]);
  });

  it('or by lanes: a session starts when the one before it on the lane is done', async () => {
    const { requests } = simulate(run({ lanes: 1 }), await trace()).records;
    expect(requests.readyNs[1]).toBe(requests.finishNs[0]);
  });
});
