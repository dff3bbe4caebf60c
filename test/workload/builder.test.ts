// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type IdReach, type SessionDraft, type TurnDraft, type Workload, WorkloadBuilder, blockAt,
  completeBlocks, copyChain, nextExtending, parseNative, writeNative,
} from '../../src/workload/index.js';
import { chain } from '../support/trace.js';

const BLOCK = 4;

function turn(agent: number, startNs: number, ids: number[]): TurnDraft {
  return {
    agent, startNs, model: `m${agent}`, inputTokens: ids.length * BLOCK + 1, outputTokens: agent,
    apiNs: startNs % 2 === 0 ? -1 : 5, gapKind: agent === 0 ? 1 : 2, blocks: ids.length,
    ids: Uint32Array.from(ids), prefixTurn: -1, prefixBlocks: 0,
    dependencies: startNs === 0
      ? []
      : [{ turn: 0, trigger: agent === 0 ? 0 : 1, delayNs: startNs }],
  };
}

function session(
  id: string,
  prompts: [number, number[]][],
  scope: IdReach = 'session',
): SessionDraft {
  return {
    id, scope, arrivalNs: id.length, blockSize: BLOCK, traceName: 'demo',
    agents: [{ parent: -1, endNs: -1 }, { parent: 0, endNs: -1 }],
    turns: prompts.map(([agent, ids], i) => turn(agent, i, ids)),
  };
}

function build(...sessions: SessionDraft[]): Workload {
  const builder = new WorkloadBuilder();
  for (const draft of sessions) builder.addSession(draft);
  return builder.finish();
}

/** The obvious way: a block is the list of ids that leads to it. */
class SlowNames {
  private readonly dense = new Map<string, number>();
  seen = 0;
  constructor(private readonly unique: { count: number }) {}

  chain(ids: readonly number[]): number[] {
    this.seen = 0;
    return ids.map((_, i) => {
      const key = ids.slice(0, i + 1).join();
      const known = this.dense.get(key);
      if (known !== undefined) this.seen++;
      else this.dense.set(key, this.unique.count++);
      return this.dense.get(key)!;
    });
  }
}

// Few ids, so that prompts share heads, repeat ids and reuse an id below other parents.
const prompt = fc.tuple(fc.nat(1), fc.array(fc.nat(3), { maxLength: 7 }));
const sessionsOf = fc.array(fc.array(prompt, { minLength: 1, maxLength: 9 }), {
  minLength: 1, maxLength: 4,
});
const reach = fc.constantFrom<IdReach>('session', 'file', 'workload');

describe('WorkloadBuilder', () => {
  it('names prompts as the obvious program does and shares the leading run of known blocks', () => {
    fc.assert(fc.property(sessionsOf, reach, (prompts, scope) => {
      const w = build(...prompts.map((list, i) => session(`s${i}`, list, scope)));
      const unique = { count: 0 };
      let names = new SlowNames(unique);
      let row = 0;
      for (const list of prompts) {
        if (scope === 'session') names = new SlowNames(unique);
        for (const [, ids] of list) {
          expect(chain(w, row)).toEqual(names.chain(ids));
          expect(w.turns.prefixBlocks[row]).toBe(names.seen);
          expect(w.turns.prefixTurn[row]).toBeLessThan(row);
          row++;
        }
      }
      expect(w.uniqueBlocks).toBe(unique.count);
    }));
  });

  it('prefers the previous turn of the same agent as the one that is shared', () => {
    const long = [1, 2, 3, 4];
    const w = build(session('s', [[0, [1, 2, 3]], [1, [1, 2]], [0, long], [0, long]]));
    expect([...w.turns.prefixTurn]).toEqual([-1, 0, 0, 2]);
  });

  it('finds blocks, parts of chains and extending turns as full id lists do', () => {
    fc.assert(fc.property(sessionsOf, fc.nat(6), fc.nat(6), (prompts, a, b) => {
      const w = build(...prompts.map((list, i) => session(`s${i}`, list, 'file')));
      for (let row = 0; row < w.turns.count; row++) {
        const ids = chain(w, row);
        ids.forEach((id, q) => expect(blockAt(w, row, q)).toBe(id));
        const [from, to] = [Math.min(a, b, ids.length), Math.min(Math.max(a, b), ids.length)];
        const out = new Uint32Array(to - from + 2);
        copyChain(w, row, from, to, out, 1);
        expect([...out.subarray(1, -1)]).toEqual(ids.slice(from, to));
        const next = w.turns.next[row];
        const head = ids.slice(0, completeBlocks(w, row));
        const { inputTokens, outputTokens } = w.turns;
        const extends_ = next >= 0 && head.length > 0
          && inputTokens[next] >= inputTokens[row] + outputTokens[row]
          && head.every((id, q) => chain(w, next)[q] === id);
        expect(nextExtending(w, row)).toBe(extends_ ? next : -1);
      }
    }));
  });

  it('survives a round trip through the native format, column by column', () => {
    fc.assert(fc.property(sessionsOf, reach, (prompts, scope) => {
      const w = build(...prompts.map((list, i) => session(`s${i}`, list, scope)));
      expect(parseNative([...writeNative(w)].join(''))).toEqual(w);
    }));
  });

  it('starts file-wide ids afresh with each file and keeps session names unique', () => {
    const builder = new WorkloadBuilder('both');
    builder.addSession(session('s', [[0, [1, 2]]], 'file'));
    builder.startFile();
    builder.addSession(session('s', [[0, [1, 2]]], 'file'));
    const w = builder.finish();
    expect(w.uniqueBlocks).toBe(4);
    expect(w.sessions.id).toEqual(['s', 's#2']);
    expect(Object.isFrozen(w) && Object.isFrozen(w.turns)).toBe(true);
  });

  it('refuses turns out of order and prefixes that lie nowhere', () => {
    const late = [turn(0, 5, [1]), turn(0, 4, [1])];
    expect(() => build({ ...session('s', []), turns: late })).toThrow('start order');
    const far = { ...turn(0, 0, [1]), ids: null, prefixTurn: 3, prefixBlocks: 1 };
    expect(() => build({ ...session('s', []), turns: [far] })).toThrow('earlier turn');
    expect(() => build(session('s', []))).toThrow('no requests');
  });
});
