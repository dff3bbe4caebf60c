// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainIndex, copyChain } from '../../src/workload/index.js';
import { ids, sessions, type TurnShape } from '../support/sessions.js';

/** An agent that keeps some of its context each turn and adds to it. */
const agents = fc.array(
  fc.record({ keep: fc.nat(40), added: fc.integer({ min: 1, max: 5 }) }),
  { minLength: 1, maxLength: 60 },
);

describe('ChainIndex', () => {
  it('gives the ids that walking turn by turn gives', () => {
    fc.assert(fc.property(agents, fc.nat(), fc.nat(), (steps, a, b) => {
      let next = 1;
      let chain: number[] = [];
      const turns: TurnShape[] = steps.map(({ keep, added }) => {
        chain = [...chain.slice(0, keep), ...ids(next, added)];
        next += added;
        return { in: chain.length * 16, out: 1, ids: chain };
      });
      const workload = sessions(16, [{ at: 0, turns }]);
      const index = new ChainIndex(workload);
      turns.forEach((_, turn) => {
        const n = workload.turns.blocks[turn];
        const [from, to] = [a % (n + 1), b % (n + 1)].sort((x, y) => x - y);
        const slow = new Uint32Array(n);
        const fast = new Uint32Array(n);
        copyChain(workload, turn, from, to, slow, 0);
        index.copy(turn, from, to, fast, 0);
        expect(fast).toEqual(slow);
      });
    }));
  });
});
