// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Monitor, StateRegistry } from '../../src/engine/index.js';

describe('Monitor', () => {
  it('weighs levels with the time they lasted', () => {
    const monitor = new Monitor(new StateRegistry(), 'queue', 2);
    monitor.set(1, 4, 100);
    monitor.add(1, -3, 110);
    monitor.set(1, 0, 140);
    expect(monitor.mean(1)).toBe((4 * 10 + 1 * 30) / 40);
    expect(monitor.peak(1)).toBe(4);
    expect(monitor.level(1)).toBe(0);
  });

  it('of something that never changed is 0', () => {
    const monitor = new Monitor(new StateRegistry(), 'queue', 1);
    expect([monitor.mean(0), monitor.peak(0)]).toEqual([0, 0]);
  });
});
