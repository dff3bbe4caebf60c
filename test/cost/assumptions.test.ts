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
    expect(list.some((each) => each.what.startsWith('all-reduce'))).toBe(ranks > 1);
  });

  it('marks a borrowed constant as assumed', () => {
    const list = describeAssumptions({
      device: device('h200'),
      model: model('deepseek-v3'),
      tensorParallel: 8,
      weightDtype: 'fp8',
      kvDtype: 'bf16',
    });
    const [floor] = list.filter((each) => each.what.startsWith('fixed time a layer'));
    expect(floor.status).toBe('assumed');
    expect(floor.source).toContain('sglang');
  });
});
