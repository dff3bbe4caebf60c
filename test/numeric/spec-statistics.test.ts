// SPDX-License-Identifier: Apache-2.0
/**
 * What the samplers promise about distributions, at fixed seeds.
 *
 * Every comparison is made at level FAMILY / TESTS, so that by Bonferroni a correct sampler fails
 * this file with probability FAMILY at most: one seed in a million. Both builds equal the twins bit
 * for bit (the other files of this folder), so one build is enough here.
 */
import { describe, expect, it } from 'vitest';
import { loadCore } from '../../src/core/index.js';
import {
  DraftTree, VerifyNoise, loadNumeric, ratesOfLength, verifyBlock, verifyRejection, verifyTypical,
} from '../../src/numeric/index.js';
import {
  Draws, chiSquare, chiSquareBound, normalBound, overlap,
} from '../support/distributions.js';

const FAMILY = 1e-6;
const TESTS = 80;
const LEVEL = FAMILY / TESTS;

const core = loadNumeric();

/** Chi-square over its bound: at most 1 for a correct sampler. */
function excess(counts: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const { value, freedom } = chiSquare(counts, probabilities);
  return value / chiSquareBound(freedom, LEVEL);
}

/** Expects `count` of `n` to be binomial with probability p. */
function expectRate(count: number, n: number, p: number): void {
  const slack = n * 1e-6 + 1e-9;
  const width = normalBound(LEVEL / 2) * Math.sqrt(n * p * (1 - p)) + slack;
  expect(Math.abs(count - n * p)).toBeLessThanOrEqual(width);
}

const countOf = (values: Iterable<number>, cells: number): Int32Array => {
  const counts = new Int32Array(cells);
  for (const value of values) counts[value]++;
  return counts;
};

const N = 16_000;
const flat = (rows: readonly ArrayLike<number>[]): Float32Array => {
  const all = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, i) => all.set(row, i * row.length));
  return all;
};
const repeat = (row: ArrayLike<number>, n: number): Float32Array => {
  const all = new Float32Array(row.length * n);
  for (let i = 0; i < n; i++) all.set(row, i * row.length);
  return all;
};

/** Pairs of a target and a drafter: apart, alike, sparse, equal, disjoint. */
function pairs(): [string, Float32Array, Float32Array][] {
  const draws = new Draws(61);
  const p = draws.distribution(6);
  return [
    ['random', p, draws.distribution(6)],
    ['sparse', draws.distribution(6, 0.4), draws.distribution(6, 0.4)],
    ['equal', p, p],
    ['alike', Float32Array.of(0.25, 0.25, 0.25, 0.25), Float32Array.of(0.3, 0.2, 0.25, 0.25)],
    ['disjoint', Float32Array.of(0.5, 0.5, 0, 0), Float32Array.of(0, 0, 0.3, 0.7)],
  ];
}

/** First tokens and drafts kept of N requests of one draft each. */
function single(
  p: Float32Array,
  q: Float32Array | null,
  form: 'division' | 'log',
  seed: number,
  drafted: (draws: Draws) => number,
): { first: Int32Array; kept: Int32Array; drafts: Int32Array } {
  const draws = new Draws(seed);
  const vocab = p.length;
  const drafts = Int32Array.from({ length: N }, () => drafted(draws));
  const { tokens, kept } = verifyRejection(core, {
    vocab, drafts, counts: new Int32Array(N).fill(1), bonus: new Int32Array(N), form,
    target: repeat(p, N), draft: q === null ? null : repeat(q, N), uniform: draws.coins(N),
    noise: draws.noise(N * vocab), trusted: true,
  });
  return { first: tokens.filter((_, i) => i % 2 === 0), kept, drafts };
}

const sum = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);

describe('noise of the project', () => {
  it('is addressed, and draws tokens by their weights', () => {
    const source = new VerifyNoise(loadCore(), 140);
    const p = new Draws(141).distribution(5);
    const requests = Array.from({ length: N }, (_, i) => ({ entity: i % 100, step: i, drafts: 1 }));
    const { uniform, noise } = source.draw(requests, 5);
    expect(uniform.every((u) => u >= 0 && u < 1)).toBe(true);
    const one = source.draw([requests[7]], 5);
    expect([one.uniform[0], ...one.noise]).toEqual([uniform[7], ...noise.subarray(35, 40)]);
    const q = new Draws(142).distribution(5);
    const draws = new Draws(143);
    const { tokens } = verifyRejection(core, {
      vocab: 5, counts: new Int32Array(N).fill(1), bonus: new Int32Array(N), uniform, noise,
      drafts: requests.map(() => draws.pick(q)), target: repeat(p, N), draft: repeat(q, N),
      trusted: true,
    });
    expect(excess(countOf(tokens.filter((_, i) => i % 2 === 0), 5), p)).toBeLessThanOrEqual(1);
    expect(() => source.draw([{ entity: 0, step: 0, drafts: -1 }], 5)).toThrow('drafts: must be');
    source.dispose();
  });
});

describe('rejection sampling', () => {
  const cases = pairs().flatMap(([name, p, q], i) =>
    (['division', 'log'] as const).map((form) => [name, form, p, q, 100 + i] as const));

  it.each(cases)('of %s rows by %s keeps the target, and 1 - TV of the drafts', (...args) => {
    const [, form, p, q, seed] = args;
    const { first, kept } = single(p, q, form, seed, (draws) => draws.pick(q));
    expect(excess(countOf(first, p.length), p)).toBeLessThanOrEqual(1);
    expectRate(sum(kept), N, overlap(p, q));
  });

  it.each(['division', 'log'] as const)('of certain drafts by %s keeps it, and p(d)', (form) => {
    const p = new Draws(62).distribution(5);
    for (let d = 0; d < 5; d += 2) {
      const { first, kept } = single(p, null, form, 120 + d, () => d);
      expect(excess(countOf(first, 5), p)).toBeLessThanOrEqual(1);
      expectRate(sum(kept), N, p[d]);
    }
    // Whatever the drafter prefers.
    const { first } = single(p, null, form, 126, (draws) => draws.below(3));
    expect(excess(countOf(first, 5), p)).toBeLessThanOrEqual(1);
  });

  it('would be noticed if it did not', () => {
    const [, p, q] = pairs()[0];
    // Drafts that do not come from q, and a drafter that is taken for certain.
    const { first } = single(p, q, 'division', 130, (draws) => draws.below(6));
    expect(excess(countOf(first, 6), p)).toBeGreaterThan(1.3);
    const kept = single(p, q, 'division', 131, (draws) => draws.below(6)).kept;
    expect(() => expectRate(sum(kept), N, overlap(p, q))).toThrow();
  });
});

/** Models whose rows depend on all tokens before: a table by the prefix. */
class ContextModel {
  readonly #rows = new Map<string, Float32Array>();

  constructor(
    private readonly draws: Draws,
    readonly vocab: number,
    private readonly sparse = 0,
  ) {}

  row(prefix: readonly number[]): Float32Array {
    const key = prefix.join();
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.draws.distribution(this.vocab, this.sparse);
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Probability of a whole sequence. */
  chance(tokens: readonly number[]): number {
    return tokens.reduce((c, token, i) => c * this.row(tokens.slice(0, i))[token], 1);
  }
}

const K = 3;
const VOCAB = 3;
const codes = VOCAB ** (K + 1);
const decode = (code: number): number[] =>
  Array.from({ length: K + 1 }, (_, i) => Math.floor(code / VOCAB ** i) % VOCAB);
const encode = (tokens: readonly number[]): number =>
  tokens.reduce((code, token, i) => code + token * VOCAB ** i, 0);

const STEPS = 6000;
type Verify = typeof verifyBlock | typeof verifyRejection;

/** Counts of the first K + 1 tokens of some steps, and the drafts kept on average. */
function joint(verify: Verify, certain: boolean, seed: number) {
  const n = STEPS;
  const models = new Draws(seed);
  const p = new ContextModel(models, VOCAB);
  const q = new ContextModel(models, VOCAB, 0.2);
  const draws = new Draws(seed + 1);
  const prefixOf = (drafts: number[]): number[][] => drafts.map((_, i) => drafts.slice(0, i));
  const all = Array.from({ length: n }, () => {
    const drafts: number[] = [];
    while (drafts.length < K) {
      // A certain drafter has one continuation for each prefix.
      const row = q.row(drafts);
      drafts.push(certain ? row.indexOf(Math.max(...row)) : draws.pick(row));
    }
    return drafts;
  });
  const { tokens, kept, width } = verify(core, {
    vocab: VOCAB,
    counts: all.map(() => K),
    drafts: all.flat(),
    target: flat(all.flatMap((drafts) => prefixOf(drafts).map((prefix) => p.row(prefix)))),
    draft: certain ? null : flat(all.flatMap((drafts) => prefixOf(drafts).map((x) => q.row(x)))),
    uniform: draws.coins(n * K),
    noise: draws.noise(n * VOCAB),
    bonus: all.map((drafts) => draws.pick(p.row(drafts))),
    trusted: true,
  });
  const counts = new Int32Array(codes);
  for (let r = 0; r < n; r++) {
    const text = [...tokens.subarray(r * width, r * width + kept[r] + 1)];
    // What follows is the target's: later steps are exact by induction.
    while (text.length < K + 1) text.push(draws.pick(p.row(text)));
    counts[encode(text)]++;
  }
  const chances = Array.from({ length: codes }, (_, code) => p.chance(decode(code)));
  return { ratio: excess(counts, chances), kept: sum(kept) / n };
}

describe('steps of three drafts', () => {
  const means = new Map<string, number>();

  it.each([
    ['token by token', verifyRejection, false], ['token by token, certain', verifyRejection, true],
    ['as a block', verifyBlock, false], ['as a block, certain', verifyBlock, true],
  ] as const)('%s keep the joint distribution of four tokens', (_, verify, certain) => {
    for (const seed of [200, 210]) {
      const { ratio, kept } = joint(verify, certain, seed);
      expect(ratio).toBeLessThanOrEqual(1);
      means.set(`${verify.name} ${certain} ${seed}`, kept);
    }
  });

  it('as a block are not shorter on average', () => {
    const noise = normalBound(LEVEL) * K * Math.sqrt(1 / STEPS);
    for (const rest of ['false 200', 'false 210', 'true 200', 'true 210']) {
      const block = means.get(`verifyBlock ${rest}`)!;
      expect(block).toBeGreaterThan(means.get(`verifyRejection ${rest}`)! - noise);
    }
  });
});

/** Counts of the first two tokens of trees of five nodes with different siblings. */
function treeCounts(thresholds: { thresholdSingle?: number; thresholdAcc?: number }, seed: number) {
  const p = new ContextModel(new Draws(70), VOCAB);
  const draws = new Draws(seed);
  // 0 -> 1 (token 2), 2 (token 0); 1 -> 3 (token 0), 4 (token 1); 2 -> 5 (token 1).
  const tree = new DraftTree(core, { parents: [-1, 0, 1], selected: [0, 1, 2, 3, 4], topk: 2 });
  const candidates = [0, 2, 0, 0, 1, 1];
  const target = flat([[], [2], [0], [2, 0], [2, 1], [0, 1]].map((prefix) => p.row(prefix)));
  const counts = new Int32Array(VOCAB * VOCAB);
  let kept = 0;
  for (let i = 0; i < N; i++) {
    const walk = tree.sample(candidates, {
      vocab: VOCAB, target, coins: draws.coins(6), coinFinal: draws.coin(), trusted: true,
      ...thresholds,
    }, 3);
    const text = [...walk.tokens];
    if (text.length < 2) text.push(draws.pick(p.row(text)));
    counts[text[0] * VOCAB + text[1]]++;
    if (walk.kept > 0) kept++;
  }
  const chances = Array.from({ length: VOCAB * VOCAB }, (_, code) =>
    p.chance([Math.floor(code / VOCAB), code % VOCAB]));
  return { ratio: excess(counts, chances), kept, root: p.row([]) };
}

describe('tree sampling', () => {
  it('with both thresholds 1 keeps the joint distribution of two tokens', () => {
    const { ratio, kept, root } = treeCounts({}, 71);
    expect(ratio).toBeLessThanOrEqual(1);
    // One of the children is taken as often as the target takes their tokens.
    expectRate(kept, N, root[2] + root[0]);
  });

  it('with lower thresholds follows the rule and not the target', () => {
    const { ratio, kept, root } = treeCounts({ thresholdAcc: 0.6 }, 72);
    expect(ratio).toBeGreaterThan(2);
    expectRate(kept, N, Math.min(1, (root[2] + root[0]) / Math.fround(0.6)));
    const single = treeCounts({ thresholdSingle: Math.min(root[2], root[0]) }, 73);
    expect(single.kept).toBe(N);
  });
});

describe('synthetic acceptance', () => {
  it.each([
    ['rates of its own', [0.9, 0.5, 0.25, 0.8], 300],
    ['a mean length of 2.4', [...ratesOfLength(core, 2.4, 4).conditional], 301],
    ['a mean length of 4', [...ratesOfLength(core, 4, 4).conditional], 302],
    ['no acceptance', [0, 0.5, 0.5, 0.5], 303],
  ] as const)('keeps as many drafts as %s say', (_, rates, seed) => {
    const draws = new Draws(seed);
    const [p, q] = [draws.distribution(5), draws.distribution(5)];
    const n = N / 2;
    const { kept, tokens, width } = verifyRejection(core, {
      vocab: 5, counts: new Int32Array(n).fill(4), bonus: new Int32Array(n), rates,
      drafts: Int32Array.from({ length: n * 4 }, () => draws.pick(q)),
      target: repeat(p, n * 4), draft: repeat(q, n * 4), uniform: draws.coins(n * 4),
      noise: draws.noise(n * 5), trusted: true,
    });
    const survival = [1];
    for (const rate of rates) survival.push(survival.at(-1)! * rate);
    const chances = survival.map((s, i) => s - (survival[i + 1] ?? 0));
    expect(excess(countOf(kept, 5), chances)).toBeLessThanOrEqual(1);
    // The replacement is drawn from norm(max(p - q, 0)), whatever the rates.
    const rest = p.map((x, v) => Math.max(x - q[v], 0));
    const replaced = [...kept].flatMap((k, r) => (k < 4 ? [tokens[r * width + k]] : []));
    const chance = [...rest].map((w) => w / sum(rest));
    if (replaced.length > 0) expect(excess(countOf(replaced, 5), chance)).toBeLessThanOrEqual(1);
  });
});

describe('typical acceptance', () => {
  it('keeps by its threshold alone and draws from the whole row otherwise', () => {
    const draws = new Draws(80);
    const p = Float32Array.of(0.5, 0.3, 0.12, 0.05, 0.03);
    const entropy = -[...p].reduce((h, x) => h + x * Math.log(x), 0);
    const [epsilon, delta] = [0.09, 0.3];
    const bound = Math.min(epsilon, delta * Math.exp(-entropy));
    const drafts = Int32Array.from({ length: N }, () => draws.below(5));
    const { kept, tokens } = verifyTypical(core, {
      vocab: 5, drafts, counts: new Int32Array(N).fill(1), bonus: new Int32Array(N), epsilon, delta,
      target: repeat(p, N), noise: draws.noise(N * 5),
    });
    expect([...kept]).toEqual(Array.from(drafts, (token) => (p[token] > bound ? 1 : 0)));
    const replaced = [...kept].flatMap((k, r) => (k === 0 ? [tokens[r * 2]] : []));
    expect(replaced.length).toBeGreaterThan(2000);
    expect(excess(countOf(replaced, 5), p)).toBeLessThanOrEqual(1);
    // So the output is not the target's.
    expect(excess(countOf(tokens.filter((_, i) => i % 2 === 0), 5), p)).toBeGreaterThan(2);
  });
});
