// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { loadCore } from '../../src/core/index.js';
import { EventLoop, StateRegistry } from '../../src/engine/index.js';

const make = (): EventLoop => new EventLoop(loadCore(), new StateRegistry());

describe('EventLoop', () => {
  it('orders events by time, then priority, then id, whoever scheduled first', () => {
    const loop = make();
    const seen: string[] = [];
    loop.schedule(20, 0, 1, 5);
    loop.schedule(10, 3, 2, 9);
    loop.schedule(10, 3, 2, 4);
    loop.schedule(10, 0, 3, 7);
    loop.run((kind, _tag, id) => seen.push(`${loop.now}:${kind}:${id}`));
    expect(seen).toEqual(['10:3:7', '10:2:4', '10:2:9', '20:1:5']);
  });

  it('hands the tag on, so that an event can be void by the time it comes', () => {
    const loop = make();
    loop.schedule(1, 0, 0, 0, 41);
    loop.run((_kind, tag) => {
      expect(EventLoop.sameTag(tag, 41)).toBe(true);
      expect(EventLoop.sameTag(tag, 42)).toBe(false);
    });
  });

  it('runs events scheduled meanwhile and stops after as many as asked', () => {
    const loop = make();
    let count = 0;
    const tick = (): void => {
      if (++count < 5) loop.schedule(loop.now + 1, 0, 0, 0);
    };
    loop.schedule(0, 0, 0, 0);
    expect(loop.run(tick, 2)).toBe(2);
    expect(loop.nextTime).toBe(2);
    expect(loop.run(tick)).toBe(3);
    expect(loop.pending).toBe(0);
  });
});
