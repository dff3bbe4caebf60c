// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { describeAssumptions } from '../../src/cost/index.js';
import { device, LAYOUTS, model } from './support.js';

describe('assumptions', () => {
  it.each(LAYOUTS)('%s, %s, TP %i, %s, kv %s', (deviceName, modelName, ranks, weight, kv) => {
    const list = describeAssumptions({
      device: device(deviceName),
      model: model(modelName),
      tensorParallel: ranks,
      weightDtype: weight,
      kvDtype: kv,
    });
    expect(new Set(list.map((each) => each.what)).size).toBe(list.length);
    for (const { what, value, unit, source, status } of list) {
      expect(Number.isFinite(value), what).toBe(true);
      expect(unit.length, what).toBeGreaterThan(0);
      expect(source.length, what).toBeGreaterThan(3);
      expect(['measured', 'vendor claim', 'inferred', 'assumed']).toContain(status);
    }
    expect(list.some((each) => each.what.startsWith('custom_allreduce'))).toBe(ranks > 1);
  });

  it('marks what stood in, and constants that nothing was fitted for, as assumed', () => {
    const options = { model: model('deepseek-v3'), tensorParallel: 8, kvDtype: 'fp8' } as const;
    const rubin = describeAssumptions({
      ...options, device: device('rubin'), weightDtype: 'nvfp4',
    });
    const priced = rubin.filter(({ what }) => what.endsWith('over its fitted form'));
    expect(priced.length).toBeGreaterThan(5);
    for (const { status, source, what } of priced) {
      expect(status, what).toBe('assumed');
      expect(source, what).toContain('of gb300 for rubin');
    }
    const fixed = (list: typeof rubin) =>
      list.find(({ what }) => what === 'vllm: fixed time a layer')!;
    expect(fixed(rubin)).toMatchObject({ status: 'assumed' });
    expect(fixed(rubin).source).toContain('no rows of rubin');
    const hopper = describeAssumptions({
      ...options, device: device('h200'), weightDtype: 'fp8',
    });
    // MLA on Hopper: rows of vLLM there and of MLA elsewhere, none of both.
    expect(fixed(hopper)).toMatchObject({ status: 'assumed' });
    expect(fixed(hopper).source).toContain('no rows of vllm hopper mla-moe');
    const measured = describeAssumptions({
      ...options, device: device('h200'), weightDtype: 'fp8', engine: 'trtllm',
    });
    expect(measured.find(({ what }) => what === 'trtllm: fixed time a layer')!.status)
      .toBe('inferred');
    const experts = hopper.find(({ what }) => what.startsWith('moe fp8_block'))!;
    expect(experts.status).toBe('inferred');
    expect(experts.source).toMatch(/rows left out [0-9.]+ %$/);
  });

  it('says that gpt-oss keeps its formats', () => {
    const of = (name: string) => describeAssumptions({
      model: model(name), device: device('h200'), tensorParallel: 1, weightDtype: 'fp8',
      kvDtype: 'fp8',
    }).filter(({ what }) => what.includes('whatever weightDtype says'));
    expect(of('gpt-oss-120b')).toMatchObject([{ value: 4.25, status: 'inferred' }]);
    expect(of('qwen3-32b')).toEqual([]);
  });

  it('says of families without rows that there are none', () => {
    const list = describeAssumptions({
      model: model('qwen3.5-397b-a17b'), device: device('h200'), tensorParallel: 8,
      weightDtype: 'fp8', kvDtype: 'bf16', engine: 'trtllm',
    });
    const scale = list.find(({ what }) => what === 'trtllm: factor on products')!;
    expect(scale.source).toContain('no rows of trtllm hybrid');
    expect(list.map(({ what }) => what).join()).toContain('recurrent state and index scores');
  });
});
