// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { verifyBlock, verifyRejection } from '../../src/numeric/index.js';
import {
  referenceBlock, referenceBlockToken, type ReferenceBlock,
} from '../../src/numeric/reference/block-verify.js';
import { describeNumeric } from '../support/cores.js';
import { Draws } from '../support/distributions.js';
import { expectPointersRefused, guardedCall } from '../support/guarded.js';

/** One request drawn at random: a row of both models a draft. */
function draw(draws: Draws, vocab: number, certain: boolean, k = draws.below(6)) {
  const sparse = draws.below(2) * 0.4;
  const rows = (): Float32Array[] =>
    Array.from({ length: k }, () => draws.distribution(vocab, sparse));
  const target = rows();
  const draft = certain
    ? null
    : rows().map((row, i) => (draws.below(4) === 0 ? target[i] : row));
  const drafts = Array.from({ length: k }, (_, i) =>
    draft === null || draws.below(6) === 0 ? draws.below(vocab) : draws.pick(draft[i]));
  return { drafts, target, draft, uniform: draws.coins(k) } satisfies ReferenceBlock;
}

const flat = (rows: readonly Float32Array[]): Float32Array =>
  Float32Array.from(rows.flatMap((row) => [...row]));

describeNumeric('block verification', (load) => {
  it.each([false, true])('equals the twin bit for bit (certain drafts %s)', (certain) => {
    const core = load();
    const draws = new Draws(11);
    for (let round = 0; round < 150; round++) {
      const vocab = 1 + draws.below(33);
      const blocks = Array.from({ length: 1 + draws.below(4) }, () => draw(draws, vocab, certain));
      const noise = blocks.map(() => draws.noise(vocab));
      const bonus = blocks.map(() => draws.below(vocab));
      const got = verifyBlock(core, {
        vocab,
        counts: blocks.map(({ drafts }) => drafts.length),
        drafts: blocks.flatMap(({ drafts }) => drafts),
        target: flat(blocks.flatMap(({ target }) => target)),
        draft: certain ? null : flat(blocks.flatMap(({ draft }) => draft!)),
        uniform: blocks.flatMap(({ uniform }) => [...uniform]),
        noise: flat(noise),
        bonus,
      });
      const verdicts = blocks.map(referenceBlock);
      const tokens = verdicts.flatMap(({ kept, joint }, r) => {
        const block = blocks[r];
        const last = kept === block.drafts.length
          ? bonus[r]
          : referenceBlockToken(block, kept, joint[kept], noise[r]);
        const row = [...block.drafts.slice(0, kept), last];
        return [...row, ...Array<number>(got.width - row.length).fill(-1)];
      });
      expect([...got.kept]).toEqual(verdicts.map(({ kept }) => kept));
      expect([...got.thresholds]).toEqual(verdicts.flatMap(({ thresholds }) => thresholds));
      expect([...got.joint]).toEqual(verdicts.flatMap(({ joint }) => joint.slice(1)));
      expect([...got.tokens]).toEqual(tokens);
    }
  });

  it('goes by the last draft that passes, not the first that fails', () => {
    const batch = {
      vocab: 2, drafts: [0, 0], counts: [2], bonus: [1], noise: [1, 1],
      target: [0.5, 0.5, 1, 0], draft: [1, 0, 0.5, 0.5],
    };
    // p = 0.5, 1: h_2 = 1 whatever comes before.
    const got = verifyBlock(load(), { ...batch, uniform: [0.99, 1] });
    expect([...got.joint]).toEqual([0.5, 1]);
    expect([...got.tokens]).toEqual([0, 0, 1]);
    expect(verifyRejection(load(), { ...batch, uniform: [0.99, 1] }).kept[0]).toBe(0);
  });

  it('follows its edges: no mass, drafts that neither model knows, no drafts', () => {
    const core = load();
    const one = (target: number[], draft: number[] | null, drafts = [0]) =>
      verifyBlock(core, {
        vocab: 2, drafts, counts: [drafts.length], bonus: [1], noise: [1, 1], target, draft,
        uniform: drafts.map(() => 0.5), trusted: true,
      });
    // 0 / 0: never kept. p / 0: kept, the drafter cannot have drawn it.
    expect([...one([0, 1], [0, 1]).joint]).toEqual([0]);
    expect([...one([0.3, 0.7], [0, 1]).joint]).toEqual([1]);
    // Equal rows leave no residual and p_i = 1: the denominator is 0 and h is 1.
    expect([...one([1, 0, 1, 0], [1, 0, 1, 0], [0, 0]).thresholds]).toEqual([1, 1]);
    expect([...one([], [], []).tokens]).toEqual([1]);
    expect([...one([0.25, 0.75, 0.5, 0.5], null, [1, 0]).joint]).toEqual([0.75, 0.375]);
    // p_1 = 0.75, R = 0.75 * 0.5, h_1 = R / (R + 0.25).
    expect(one([0.25, 0.75, 0.5, 0.5], null, [1, 0]).thresholds[0]).toBe(0.375 / 0.625);
  });

  it('refuses bad input by name', () => {
    const core = load();
    const good = {
      vocab: 2, drafts: [0], counts: [1], bonus: [1], noise: [1, 1], target: [0.5, 0.5],
      uniform: [0.5],
    };
    expect(() => verifyBlock(core, { ...good, drafts: [-1] })).toThrow('drafts[0]: must be an');
    expect(() => verifyBlock(core, { ...good, drafts: [2] })).toThrow('drafts[0]: must be an');
    expect(() => verifyBlock(core, { ...good, target: [0.5, 0.6] })).toThrow('target: row 0');
    expect(() => verifyBlock(core, { ...good, draft: [NaN, 1] })).toThrow('draft: row 0');
    expect(() => verifyBlock(core, { ...good, noise: [1] })).toThrow('noise.length: must be 2');
    expect(() => verifyBlock(core, { ...good, uniform: [2] })).toThrow('uniform[0]: must be');
  });
});

describeNumeric('buffers of block verification', (load) => {
  const rows = Float32Array.of(0.5, 0.25, 0.25, 0.25, 0.5, 0.25);
  const items = [Int32Array.of(0, 1), rows, rows.slice(), Float32Array.of(0.5, 0.5), 16, 24];

  it('are the outputs alone, and legal', () => {
    const core = load();
    const call = ([d, p, q, u, h, joint]: readonly number[]): number =>
      core.exports.spec_block(d, 2, 3, p, q, u, h, joint);
    expect(guardedCall(core, items, call).result).toBe(2);
    expectPointersRefused(core, items, call, [2]);
    const size = (k: number, vocab: number): number =>
      guardedCall(core, items, ([d, p, q, u, h, joint]) =>
        core.exports.spec_block(d, k, vocab, p, q, u, h, joint)).result;
    expect([size(0x10000, 3), size(2, 0), size(2, -1), size(2, 1)]).toEqual([-4, -4, -4, -4]);
  });

  it('of the token behind', () => {
    const core = load();
    const three = [rows.slice(0, 3), rows.slice(3), Float32Array.of(1, 1, 1)];
    const call = ([p, q, noise]: readonly number[]): number =>
      core.exports.spec_block_token(0, 3, p, q, 1, noise);
    expect(guardedCall(core, three, call).result).toBe(0);
    expectPointersRefused(core, three, call, [1]);
    const other = (token: number, vocab: number, scale: number): number =>
      guardedCall(core, three, ([p, q, noise]) =>
        core.exports.spec_block_token(token, vocab, p, q, scale, noise)).result;
    expect([other(3, 3, 1), other(-1, 3, 1), other(0, 0, 1)]).toEqual([-4, -4, -4]);
    expect([other(0, 3, -1), other(0, 3, NaN)]).toEqual([-4, -4]);
  });
});

describe('block against token-wise verification, exactly', () => {
  /** P(tau >= i) for the thresholds of one sequence of drafts. */
  const survival = (h: readonly number[], i: number): number =>
    1 - h.slice(i - 1).reduce((product, x) => product * (1 - x), 1);

  it('is never shorter in expectation, over all drafts of random models', () => {
    const draws = new Draws(12);
    let gained = 0;
    for (let model = 0; model < 120; model++) {
      const [vocab, k] = [2 + draws.below(3), 1 + draws.below(4)];
      const certain = model % 4 === 3;
      const { target, draft } = draw(draws, vocab, certain, k);
      let [byBlock, byToken] = [0, 0];
      for (let code = 0; code < vocab ** k; code++) {
        const drafts = target.map((_, i) => Math.floor(code / vocab ** i) % vocab);
        // Certain drafts: one sequence after the other, each with certainty.
        const chance = drafts.reduce((c, d, i) => c * (draft === null ? 1 : draft[i][d]), 1);
        if (chance === 0) continue;
        const uniform = new Float32Array(k);
        const { thresholds } = referenceBlock({ drafts, target, draft, uniform });
        let [all, block, token] = [1, 0, 0];
        drafts.forEach((d, i) => {
          all *= Math.min(1, target[i][d] / (draft === null ? 1 : draft[i][d]));
          token += all;
          block += survival(thresholds, i + 1);
        });
        if (certain) expect(block).toBeGreaterThanOrEqual(token - 1e-12);
        byBlock += chance * block;
        byToken += chance * token;
      }
      expect(byBlock).toBeGreaterThanOrEqual(byToken - 1e-7);
      if (byBlock > byToken + 1e-3) gained++;
    }
    // And it often is longer.
    expect(gained).toBeGreaterThan(15);
  });
});
