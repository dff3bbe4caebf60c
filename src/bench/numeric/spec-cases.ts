// SPDX-License-Identifier: Apache-2.0
/**
 * Speculative decoding: spec-verify over vocabularies of a model's size, block-verify, draft-tree,
 * acceptance-rates, and the drafters ngram-drafter and suffix-drafter on tokens that repeat.
 */
import type { NumericCore } from '../../numeric/index.js';
import { expectStatus } from '../case.js';
import type { BenchTask } from '../case.js';
import { NATIVE_SIDES } from './case.js';
import type { NumericCase } from './case.js';
import { agentTokens, bytesOf, checksumOf, Floats, place, SEED } from './inputs.js';

const { fround } = Math;
const idle = (): void => {};

/** Rows of probabilities; not normalised: the time does not depend on it. */
class Rows {
  readonly p: number;
  readonly q: number;
  readonly noise: number;
  readonly uniform: number;
  readonly drafts: number;
  readonly cu: number;
  readonly bonus: number;
  readonly out: number;
  readonly recovered: number;

  constructor(
    readonly core: NumericCore,
    readonly batch: number,
    readonly k: number,
    readonly vocab: number,
    noises: number,
  ) {
    const positions = batch * k;
    const cells = positions * vocab;
    const floats = new Floats(SEED);
    const p = new Float32Array(cells);
    const q = new Float32Array(cells);
    for (let i = 0; i < cells; i++) {
      p[i] = floats.uniform();
      q[i] = floats.uniform();
    }
    const noise = (): number => fround(1 / fround(floats.uniform() + fround(0.001)));
    const fill = (n: number, draw: () => number): number =>
      place(core, Float32Array.from({ length: n }, draw));
    this.p = place(core, p);
    this.q = place(core, q);
    this.noise = fill(noises * vocab, noise);
    this.uniform = fill(positions, () => floats.uniform());
    const ids = Int32Array.from({ length: positions }, () => floats.random.below(vocab));
    this.drafts = place(core, ids);
    this.cu = place(core, Int32Array.from({ length: batch }, (_, r) => (r + 1) * k));
    this.bonus = place(core, new Int32Array(batch).fill(7));
    this.out = core.take(batch * (k + 1) * 4);
    this.recovered = core.take(positions * 4);
  }

  verify(drafts: number, recovered: number): number {
    const { core, batch, k, vocab, p, q, noise, uniform, bonus, cu, out } = this;
    const { spec_random } = core.exports;
    return spec_random(
      drafts, cu, batch, vocab, p, q, noise, uniform, bonus, 0, 0, 0, k, out, recovered,
    );
  }
}

/** A request whose drafts are all refused: the residual of its first row twice, then the rest. */
function residual(core: NumericCore, rows: number, vocab: number): BenchTask {
  const b = new Rows(core, 1, rows, vocab, 1);
  const none = place(core, new Int32Array(rows).fill(-1));
  return {
    units: rows + 1,
    setup: idle,
    run: () => expectStatus('spec_random', b.verify(none, b.recovered)),
    check: () => checksumOf(bytesOf(core, b.out, 4), bytesOf(core, b.recovered, rows * 4)),
  };
}

function verifyBatch(core: NumericCore, batch: number, k: number, vocab: number): BenchTask {
  const b = new Rows(core, batch, k, vocab, batch);
  return {
    units: batch * k,
    setup: idle,
    run: () => expectStatus('spec_random', b.verify(b.drafts, 0)),
    check: () => checksumOf(bytesOf(core, b.out, batch * (k + 1) * 4)),
  };
}

function block(core: NumericCore, k: number, vocab: number): BenchTask {
  const b = new Rows(core, 1, k, vocab, 1);
  const thresholds = core.take(k * 8);
  const joint = core.take(k * 8 + 8);
  const { spec_block } = core.exports;
  const run = (): void => {
    const kept = spec_block(b.drafts, k, vocab, b.p, b.q, b.uniform, thresholds, joint);
    expectStatus('spec_block', kept);
  };
  return {
    units: k, setup: idle, run, check: () => checksumOf(bytesOf(core, thresholds, k * 8)),
  };
}

/** A chain of drafts as a tree, built and walked. */
function tree(core: NumericCore, nodes: number, ops: number): BenchTask {
  const words = (from: number, n: number): number =>
    place(core, Int32Array.from({ length: n }, (_, i) => from + i));
  const parents = words(-1, nodes);
  const selected = words(0, nodes - 1);
  const tokens = words(100, nodes);
  // The target agrees with every draft: its choice at a node is the token of the next.
  const argmax = words(101, nodes);
  const [positions, next, sibling, accepted, predicts] = Array.from({ length: 5 }, () =>
    core.take(nodes * 4),
  );
  const mask = core.take(nodes * nodes);
  const { tree_build, tree_greedy } = core.exports;
  const run = (): void => {
    for (let i = 0; i < ops; i++) {
      const built = tree_build(
        parents, nodes, selected, nodes, 1, 7, mask, positions, next, sibling,
      );
      expectStatus('tree_build', built);
      const kept = tree_greedy(tokens, argmax, next, sibling, nodes, nodes, accepted, predicts);
      if (kept !== nodes - 1) throw new Error(`bench: tree_greedy kept ${kept}`);
    }
  };
  const check = (): number =>
    checksumOf(bytesOf(core, mask, nodes * nodes), bytesOf(core, predicts, nodes * 4));
  return { units: nodes * ops, setup: idle, run, check };
}

function rates(core: NumericCore, n: number, ops: number): BenchTask {
  const unconditional = core.take(n * 8);
  const conditional = core.take(n * 8);
  const run = (): void => {
    for (let i = 0; i < ops; i++) {
      const status = core.exports.spec_rates(1 + n / 2.5, n, unconditional, conditional);
      expectStatus('spec_rates', status);
    }
  };
  return {
    units: ops, setup: idle, run, check: () => checksumOf(bytesOf(core, conditional, n * 8)),
  };
}

const NO_LIMIT = 0x7fffffff;
const DRAFT = 8;

function ngram(core: NumericCore, length: number, ops: number): BenchTask {
  const tokens = place(core, agentTokens(length, SEED));
  const out = core.take(DRAFT * 4);
  const { spec_ngram } = core.exports;
  core.reserve(1 << 16);
  let drafted = 0;
  const run = (): void => {
    for (let i = 0; i < ops; i++) {
      drafted = spec_ngram(tokens, length, 2, 5, NO_LIMIT, DRAFT, out);
      expectStatus('spec_ngram', drafted);
    }
  };
  const check = (): number =>
    checksumOf(bytesOf(core, out, DRAFT * 4), Uint32Array.of(drafted));
  return { units: length * ops, setup: idle, run, check };
}

interface SuffixSizes {
  readonly length: number;
  readonly depth: number;
  readonly nodes: number;
}

function suffix(core: NumericCore, { length, depth, nodes }: SuffixSizes) {
  const { suffix_bytes, suffix_create } = core.exports;
  const tokens = place(core, agentTokens(length, SEED));
  core.reserve((suffix_bytes(depth, nodes) >>> 0) + 65_536);
  return { tokens, handle: suffix_create(depth, nodes) >>> 0 };
}

function suffixLearn(core: NumericCore, sizes: SuffixSizes): BenchTask {
  const { tokens, handle } = suffix(core, sizes);
  const { suffix_clear, suffix_learn, suffix_nodes } = core.exports;
  return {
    units: sizes.length,
    setup: () => expectStatus('suffix_clear', suffix_clear(handle)),
    run: () => expectStatus('suffix_learn', suffix_learn(handle, tokens, sizes.length, 1)),
    check: () => checksumOf(Uint32Array.of(suffix_nodes(handle))),
  };
}

/** Drafts behind the first tokens, for many a number of them. */
function suffixDraft(core: NumericCore, sizes: SuffixSizes, ops: number): BenchTask {
  const { tokens, handle } = suffix(core, sizes);
  const { suffix_learn, suffix_draft } = core.exports;
  const out = core.take(64);
  expectStatus('suffix_learn', suffix_learn(handle, tokens, sizes.length, 1));
  const step = Math.floor(sizes.length / (ops + 1));
  let drafted = 0;
  const run = (): void => {
    drafted = 0;
    for (let i = 1; i <= ops; i++) {
      drafted += suffix_draft(handle, tokens, step * i, 16, 4, 0.1, out, 0);
    }
  };
  const check = (): number => checksumOf(Uint32Array.of(drafted), bytesOf(core, out, 64));
  return { units: ops, setup: idle, run, check };
}

const RESIDUAL = { rows: 16, vocab: 131_072 };
const VERIFY = { batch: 16, k: 4, vocab: 32_000 };
const SUFFIX = { length: 20_000, depth: 16, nodes: 262_144 };
const LENGTHS = [8192, 65_536, 524_288];

const NONE = { bytes: null, bars: [] } as const;

const ngramCases = LENGTHS.map((length): NumericCase => {
  const ops = Math.max(1, 65_536 / length);
  return {
    ...NONE,
    id: `ngram.${length}`,
    kernel: 'ngram-drafter',
    title: `draft behind ${length.toLocaleString('en-US')} tokens`,
    unit: 'token',
    native: { name: 'ngram', sides: ['native'] },
    parameters: { length, ops },
    prepare: (core) => ngram(core, length, ops),
    group: 'ngram',
  };
});

export const specCases: readonly NumericCase[] = [
  {
    ...NONE, id: 'spec.residual', kernel: 'spec-verify',
    title: 'recovered token of a row of 131,072', unit: 'row', bytes: 12 * RESIDUAL.vocab,
    native: { name: 'spec.residual', sides: NATIVE_SIDES }, parameters: RESIDUAL,
    prepare: (core) => residual(core, RESIDUAL.rows, RESIDUAL.vocab),
    bars: [{ against: 'sse41', least: 0.7 }],
    quoted: 'torch 2.5, numpy 13.4',
  },
  {
    ...NONE, id: 'spec.verify', kernel: 'spec-verify',
    title: '16 requests, 4 drafts, 32,000 tokens', unit: 'position',
    native: { name: 'spec.verify', sides: NATIVE_SIDES }, parameters: VERIFY,
    prepare: (core) => verifyBatch(core, VERIFY.batch, VERIFY.k, VERIFY.vocab),
  },
  {
    ...NONE, id: 'spec.block', kernel: 'block-verify', title: '8 drafts, 32,000 tokens',
    unit: 'position', parameters: {}, prepare: (core) => block(core, 8, 32_000),
  },
  {
    ...NONE, id: 'tree.walk', kernel: 'draft-tree', title: 'chain of 33 built and walked',
    unit: 'position', parameters: {}, prepare: (core) => tree(core, 33, 200),
  },
  {
    ...NONE, id: 'rates', kernel: 'acceptance-rates', title: 'rates of 8 drafts',
    unit: 'call', parameters: {}, prepare: (core) => rates(core, 8, 4000),
  },
  ...ngramCases,
  {
    ...NONE, id: 'suffix.learn', kernel: 'suffix-drafter', title: 'runs of up to 16 tokens',
    unit: 'token', native: { name: 'suffix.learn', sides: ['native'] }, parameters: SUFFIX,
    prepare: (core) => suffixLearn(core, SUFFIX),
  },
  {
    ...NONE, id: 'suffix.draft', kernel: 'suffix-drafter', title: 'up to 16 tokens a draft',
    unit: 'draft', native: { name: 'suffix.draft', sides: ['native'] },
    parameters: { ...SUFFIX, ops: 500 },
    prepare: (core) => suffixDraft(core, SUFFIX, 500),
  },
];
