// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseCatalog, parseRunSpec } from '../../src/config/index.js';
import { loadCore } from '../../src/core/index.js';
import { findDevice } from '../../src/hardware/index.js';
import { findModel } from '../../src/model/index.js';
import { generateWorkload, lookup, resolveRun } from '../../src/run/index.js';
import type { Workload } from '../../src/workload/index.js';

const h200 = findDevice('h200')!;
const qwen = findModel('qwen3-8b')!;
const workload = { kind: 'fixed', requests: 2, inputTokens: 64, outputTokens: 4, concurrency: 1 };

function resolve(config: object) {
  const spec = parseRunSpec({ workload, ...config });
  return resolveRun(spec, generateWorkload(loadCore(), spec) as Workload);
}
const pool = { model: 'qwen3-8b', tensorParallel: 1 };

describe('a catalogue of the user', () => {
  it('stands before the built-in one', () => {
    const fast = { ...h200, memory: { ...h200.memory, bandwidthBytesPerS: 9e12 } };
    const own = lookup(parseCatalog({ devices: [fast], models: [{ ...qwen, id: 'mine' }] }));
    expect(own.findDevice('h200')?.memory.bandwidthBytesPerS).toBe(9e12);
    expect(own.findModel('mine')?.layers).toBe(36);
    expect(own.findModel('deepseek-v3')).toBeDefined();
    expect(own.devices.length).toBe(lookup(undefined).devices.length);
  });

  it('is what pools run on', () => {
    const big = {
      ...h200, id: 'h400', name: 'H400', aliases: [],
      memory: { ...h200.memory, visibleBytes: 2 * h200.memory.visibleBytes },
    };
    const [plain] = resolve({ pools: [{ ...pool, device: 'h200' }] }).pools;
    const [own] = resolve({
      catalog: { devices: [big] }, pools: [{ ...pool, device: 'h400' }],
    }).pools;
    expect(own.device).toBe('h400');
    expect(own.kvTokens).toBeGreaterThan(2 * plain.kvTokens);
    const stoodIn = 'of h200_sxm for h400';
    const borrowed = own.assumptions.filter(({ source }) => source.includes(stoodIn));
    expect(borrowed.length).toBeGreaterThan(0);
  });

  it('refuses a model whose fields contradict each other', () => {
    const models = [{ ...qwen, layerGroups: [{ kind: 'full', layers: 35 }] }];
    expect(() => resolve({ catalog: { models }, pools: [pool] })).toThrow(
      'catalog.models.0.layerGroups: must add up to the 36 layers, got 35',
    );
  });
});

describe('what a pool cannot run on', () => {
  it('names the GPU of a rack', () => {
    expect(() => resolve({ pools: [{ ...pool, device: 'vr_nvl72' }] })).toThrow(
      /pools.0.device: NVIDIA Vera Rubin NVL72 is no GPU .*take "rubin"/,
    );
  });

  it('asks for what LPX needs, with ranges', () => {
    expect(() => resolve({ pools: [{ ...pool, device: 'lpx' }] })).toThrow(
      /LPX rack is no GPU .*powerW \(120000 to 230000 W.*gpuLinkLatencyS \(0.000002 to 0.000004 s/,
    );
  });
});

describe('a layout', () => {
  it('has queues for every attention replica, and experts over all GPUs', () => {
    const wide = {
      model: 'deepseek-v3', device: 'b200', tensorParallel: 1, attentionDataParallel: 8,
      replicas: 2, engine: 'sglang',
    };
    const { plan, pools: [facts] } = resolve({ pools: [wide] });
    expect(plan.pools[0].replicas).toBe(16);
    expect(facts).toMatchObject({
      replicas: 2, gpus: 16, expertParallel: 8, attentionDataParallel: 8, engine: 'sglang',
    });
    const [narrow] = resolve({
      pools: [{ ...wide, tensorParallel: 8, attentionDataParallel: 1 }],
    }).pools;
    // Latent rows are on every rank either way; here all of attention's weights are as well.
    expect(facts.kvTokens).toBeGreaterThan(0.7 * narrow.kvTokens);
    expect(facts.kvTokens).toBeLessThan(narrow.kvTokens);
  });

  it('prices models with state space layers', () => {
    const { pools: [facts] } = resolve({
      pools: [{ model: 'nemotron-3-super', tensorParallel: 8 }],
    });
    expect(facts.assumptions.map(({ what }) => what).join()).toContain('recurrent state');
  });

  it.each([
    [{ tensorParallel: 7 }, /^pools\.0\.tensorParallel: .* the 128 heads .*: 1, 2, 4, 8; got 7$/],
    [{ attentionDataParallel: 2 }, /^pools\.0\.attentionDataParallel: .*links 8 GPUs.*got 2 x 8/],
    [{ expertParallel: 3 }, /^pools\.0\.expertParallel: must divide the 8 GPUs .*got 3/],
    [{ model: 'qwen3-8b', expertParallel: 2 }, /^pools\.0\.expertParallel: .* has no experts/],
    [
      { model: 'qwen3-8b', tensorParallel: 1, attentionDataParallel: 2 },
      /^pools\.0\.attentionDataParallel: .*use replicas/,
    ],
  ])('that cannot be is refused by its key: %o', (keys, error) => {
    const base = { model: 'deepseek-v3', device: 'h200', tensorParallel: 8 };
    expect(() => resolve({ pools: [{ ...base, ...keys }] })).toThrow(error);
  });
});

describe('inputs of a run', () => {
  it('count the memory model only where it decides', () => {
    const derived = resolve({ pools: [pool] }).pools[0].assumptions;
    expect(derived.map(({ what }) => what)).toContain('memory: weights');
    const given = resolve({ pools: [{ ...pool, numGpuBlocks: 100 }] }).pools[0];
    expect(given.assumptions.map(({ what }) => what)).not.toContain('memory: weights');
    expect(given.kvBlocks).toBe(99);
  });

  it('mark derated bandwidth as assumed, and pay for it', () => {
    const at = (share: number | undefined) =>
      resolve({ pools: [{ ...pool, device: 'rubin', hbmBandwidthShare: share }] });
    const [slow] = at(0.4655).pools;
    const bandwidth = slow.assumptions.find(({ what }) => what.endsWith('HBM4 bandwidth'));
    expect(bandwidth?.value).toBeCloseTo(10.24, 2);
    expect(bandwidth?.status).toBe('assumed');
    const ends = (run: ReturnType<typeof resolve>): number => run.plan.pools[0].stepModel
      .decodeEnds({ steps: 1, sequences: 4, context: 4000, startNs: 0 }, new Float64Array(1), 0);
    expect(ends(at(0.4655))).toBeGreaterThan(ends(at(undefined)));
  });
});
