// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { BlockPool, EventHeap, RadixTree, loadCore, type Core } from '../../src/core/index.js';
import { UserError } from '../../src/core/user-error.js';
import {
  createTarget, decodeProgram, encodeProgram, fromHex, fuzz, FUZZ_KINDS, heapTarget, poolTarget,
  radixTarget, replay, shrink, toHex, type FuzzResult, type FuzzTarget,
} from '../../src/fuzz/index.js';
import { describeBuilds } from '../support/cores.js';

function run(target: FuzzTarget, operations: number, seed = 1): FuzzResult {
  const episodes = fuzz({ target, seed, operations });
  for (;;) {
    const next = episodes.next();
    if (next.done === true) return next.value;
  }
}

describeBuilds('fuzzing finds nothing', (load) => {
  for (const kind of FUZZ_KINDS) {
    it(kind, () => {
      const operations = 60_000;
      const result = run(createTarget(kind, load()), operations, 11);
      expect(result).toEqual({ operations, failure: null });
    }, 60_000);
  }
});

/** Forgets every seventh touch: a hit block can be evicted while it is in use (vLLM 11565). */
class ForgetfulPool extends BlockPool {
  #touches = 0;
  override touch(ids: ArrayLike<number>): void {
    if (++this.#touches % 7 !== 0) super.touch(ids);
  }
}

/** Takes a second lock of a node for one that is there already. */
class LooseTree extends RadixTree {
  readonly #locked = new Set<number>();
  override lock(at: { node: number; gen: number }): number {
    if (this.#locked.has(at.node)) return 0;
    this.#locked.add(at.node);
    return super.lock(at);
  }
}

/** Ignores the priority of events. */
class FlatHeap extends EventHeap {
  override push(time: number, _priority: number, seq: number, a: number, b: number): void {
    super.push(time, 0, seq, a, b);
  }
}

describe('fuzzing finds and shrinks a planted bug', () => {
  const planted: [string, (core: Core) => FuzzTarget, number][] = [
    ['pool', (core) => poolTarget(core, (c, options) => new ForgetfulPool(c, options)), 16],
    ['radix', (core) => radixTarget(core, (c, options) => new LooseTree(c, options)), 8],
    ['heap', (core) => heapTarget(core, (c, capacity) => new FlatHeap(c, capacity)), 4],
  ];
  for (const [name, target, most] of planted) {
    it(name, () => {
      const { failure } = run(target(loadCore()), 100_000);
      expect(failure).not.toBeNull();
      expect(failure!.operations).toBeLessThanOrEqual(most);
      expect(failure!.originalOperations).toBeGreaterThan(failure!.operations);
      // The printed program fails the same way, and only because of the bug.
      const { kind, body } = decodeProgram(fromHex(failure!.program)!);
      expect(kind).toBe(name);
      expect(replay(target(loadCore()), body)?.message).toBe(failure!.message);
      expect(replay(createTarget(kind, loadCore()), body)).toBeNull();
    }, 60_000);
  }

  it('the same seed finds the same program', () => {
    const [, target] = planted[0];
    expect(run(target(loadCore()), 50_000, 5)).toEqual(run(target(loadCore()), 50_000, 5));
  });
});

describe('fuzz programs', () => {
  it('any bytes behind the header are a program', () => {
    for (const kind of FUZZ_KINDS) {
      const target = createTarget(kind, loadCore());
      for (const body of [[], [1], [1, 2, 3, 4, 5], Array<number>(99).fill(255)]) {
        expect(replay(target, Uint8Array.from(body))).toBeNull();
      }
    }
  });

  it('read back what was written', () => {
    const body = Uint8Array.of(1, 2, 3, 250);
    const bytes = fromHex(toHex(encodeProgram('radix', body)))!;
    expect(decodeProgram(bytes)).toEqual({ kind: 'radix', body });
  });

  it.each([
    ['00', 'must begin with 6b766c66'],
    ['6b766c660200', 'unknown version'],
    ['6b766c660109', 'unknown kind'],
  ])('%s is refused', (hex, message) => {
    expect(() => decodeProgram(fromHex(hex)!, 'p')).toThrow(UserError);
    expect(() => decodeProgram(fromHex(hex)!, 'p')).toThrow(message);
  });

  it('shrink to the operations that matter', () => {
    const body = new Uint8Array(4 + 8 * 100).fill(9);
    const fails = (b: Uint8Array): boolean => b.filter((byte) => byte === 9).length >= 3;
    expect(shrink(body, fails).length).toBe(4);
  });
});
