// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { StateRegistry } from '../../src/engine/index.js';

function make(): { registry: StateRegistry; a: Float64Array; b: Int32Array } {
  const registry = new StateRegistry();
  return { registry, a: registry.f64('a', 3), b: registry.i32('b', 2, -1) };
}

describe('StateRegistry', () => {
  it('puts a snapshot back into the same columns', () => {
    const { registry, a, b } = make();
    a.set([1, 2, 3]);
    const saved = registry.snapshot();
    a.fill(0);
    b.fill(9);
    registry.restore(saved);
    expect([...a, ...b]).toEqual([1, 2, 3, -1, -1]);
  });

  it('refuses a name that is taken', () => {
    expect(() => make().registry.u8('a', 1)).toThrow('registered twice');
  });

  it('refuses a snapshot of other columns, and one that was cut', () => {
    const { registry } = make();
    const other = new StateRegistry();
    other.f64('a', 4);
    expect(() => registry.restore(other.snapshot())).toThrow('of this shape');
    expect(() => registry.restore(registry.snapshot().slice(0, -1))).toThrow('of this shape');
  });
});
