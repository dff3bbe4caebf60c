// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { NgramDrafter, type NgramOptions, type NumericCore } from '../../src/numeric/index.js';
import { referenceNgram } from '../../src/numeric/reference/ngram-drafter.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall } from '../support/guarded.js';

/** Texts that make matching hard: one token, periods, Fibonacci words, near misses. */
const HARD: readonly [string, (i: number) => number][] = [
  ['one token', () => 7],
  ['a period of 2', (i) => i % 2],
  ['a period of 7', (i) => i % 7],
  ['runs that break late', (i) => (i % 64 === 63 ? 1 : 0)],
  ['a Fibonacci word', (i) => Math.floor((i + 2) * 0.6180339887498949)
    - Math.floor((i + 1) * 0.6180339887498949)],
  ['random bits', (i) => (Math.imul(i + 1, 0x9e3779b1) >>> 20) & 1],
];

const text = (n: number, of: (i: number) => number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => of(i));

describeNumeric('n-gram drafter', (load) => {
  it('drafts what trying every length at every place finds', () => {
    const core = load();
    const draws = new Draws(31);
    for (let round = 0; round < 1500; round++) {
      const alphabet = 1 + draws.below(4);
      const tokens = Array.from({ length: draws.below(40) }, () => draws.below(alphabet));
      const minN = 1 + draws.below(4);
      const maxN = minN + draws.below(8);
      const maxModelLen = draws.below(4) === 0 ? tokens.length + draws.below(4) : 1000;
      const options = { minN, maxN, maxModelLen, drafts: draws.below(7) };
      const got = new NgramDrafter(core, options).draft(tokens);
      const twin = referenceNgram(tokens, options);
      expect([...got], JSON.stringify({ tokens, ...options })).toEqual(twin);
    }
  });

  it('takes the longest match, the earliest place, and matches that overlap the ending', () => {
    const core = load();
    const of = (options: NgramOptions, tokens: number[]): number[] =>
      [...new NgramDrafter(core, options).draft(tokens)];
    expect(of({ drafts: 2 }, [1, 2, 3, 9, 2, 8, 1, 2])).toEqual([3, 9]);
    expect(of({ maxN: 1, drafts: 1 }, [2, 3, 2, 4, 2])).toEqual([3]);
    expect(of({ maxN: 3, drafts: 3 }, [5, 5, 5, 5])).toEqual([5]);
    expect(of({ minN: 2 }, [1, 2, 3, 2])).toEqual([]);
    expect(of({}, [])).toEqual([]);
    expect(of({}, [1])).toEqual([]);
    expect(of({ drafts: 0 }, [1, 1])).toEqual([]);
    expect(of({ maxModelLen: 3 }, [1, 1, 1])).toEqual([]);
    expect(of({ maxModelLen: 4 }, [1, 2, 1])).toEqual([2]);
    expect(of({ drafts: 1 }, [0x7fffffff, -5, 0x7fffffff])).toEqual([-5]);
  });

  it.each(HARD)('compares at most 2 tokens a token of the context: %s', (_, of) => {
    const core = load();
    const work = (n: number, maxN: number): number => {
      const drafter = new NgramDrafter(core, { maxN, drafts: 4 });
      drafter.draft(text(n, of));
      return drafter.compared;
    };
    for (const maxN of [2, 8, 255, 256, 257, 5000, 100_000]) {
      const [small, large] = [work(5000, maxN), work(40_000, maxN)];
      expect(small).toBeLessThanOrEqual(2 * 5000);
      expect(large).toBeLessThanOrEqual(2 * 40_000);
      expect(large).toBeLessThanOrEqual(10 * small);
    }
  });

  it('agrees with the twin on hard texts, with matches longer than the scratch', () => {
    const core = load();
    for (const [, of] of HARD) {
      for (const maxN of [3, 256, 257, 400]) {
        const tokens = text(600, of);
        const options = { minN: 1, maxN, maxModelLen: 1e6, drafts: 9 };
        const got = new NgramDrafter(core, options).draft(tokens);
        expect([...got]).toEqual(referenceNgram(tokens, options));
      }
    }
  });

  it('refuses bad input by name', () => {
    const core = load();
    expect(() => new NgramDrafter(core, { minN: 0 })).toThrow('minN: must be an integer from 1');
    const crossed = { minN: 3, maxN: 2 };
    expect(() => new NgramDrafter(core, crossed)).toThrow('maxN: must be an integer from 3');
    expect(() => new NgramDrafter(core, { drafts: -1 })).toThrow('drafts: must be');
    expect(() => new NgramDrafter(core, { maxModelLen: 1.5 })).toThrow('maxModelLen: must be');
    expect(() => new NgramDrafter(core).draft([1, 0.5])).toThrow('tokens[1]: must be an integer');
  });

  it('writes its draft alone', () => {
    const core = load();
    const items = [Int32Array.of(1, 2, 3, 1, 2), 12];
    const raw = (c: NumericCore, ...n: number[]) => ([at, out]: readonly number[]): number => {
      const [length = 5, min = 1, max = 3, k = 3] = n;
      return c.exports.spec_ngram(at, length, min, max, 100, k, out);
    };
    const { result, outputs } = guardedCall(core, items, raw(core));
    expect([result, ...new Int32Array(outputs[0].slice().buffer)]).toEqual([3, 3, 1, 2]);
    expectPointersRefused(core, items, raw(core));
    const refused = (...n: number[]): void =>
      expect(guardedCall(core, items, raw(core, ...n)).result).toBe(-4);
    refused(5, 0);
    refused(5, 3, 2);
    refused(-1);
    refused(5, 1, 3, 0x10000);
    refused(5, 1, 3, -1);
  });

  it('says that the arena has no room before it writes', () => {
    const core = load();
    const n = 1 << 16;
    const at = core.take(n * 8);
    // A range that is free in linear memory but not in the arena cannot be had for so long a match.
    const { exports } = core;
    for (let size = 1 << 20; size >= 64; size >>= 1) while (exports.arena_take(size) > 0);
    const out = at + n * 4;
    expect(exports.spec_ngram(at, n, 1, n * 8, 0x7fffffff, 4, out)).toBe(-5);
    const drafted = new NgramDrafter(core, { maxN: n * 8, drafts: 4 }).draft(new Int32Array(n));
    expect([...drafted]).toEqual([0]);
  });
});
