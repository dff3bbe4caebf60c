// SPDX-License-Identifier: Apache-2.0
/** Recorded speculative decoding (spec.json, spec.bin) through the kernels. */
import { KernelError } from '../core/index.js';
import { UserError } from '../core/user-error.js';
import {
  DraftTree, NgramDrafter, expectedLength, ratesOfLength, verifyBlock, verifyGreedy,
  verifyRejection,
} from '../numeric/index.js';
import type { NumericCore, Numbers, TreeWalk } from '../numeric/index.js';
import { broken, shown } from './difference.js';
import type { Difference } from './difference.js';
import type { ConformCheck, Outcome } from './golden-file.js';
import type { NumFolder } from './num-folder.js';

const JSON_FILE = 'spec.json';
const ARRAYS = 'spec.bin';
/** What f64 results may be off by, relative and absolute. */
const WIDE = 1e-12;

type Fields = Readonly<Record<string, unknown>>;

/** A case that breaks its layout, or a result that differs. */
class CaseFailed extends Error {
  constructor(readonly difference: Difference) {
    super(difference.what);
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One case of a list: its fields, and its arrays by key, checked as they are read. */
class SpecCase {
  constructor(
    readonly core: NumericCore,
    private readonly folder: NumFolder,
    private readonly name: string,
    private readonly fields: Fields,
  ) {}

  #wrong(field: string, expected: string, got: unknown): never {
    throw new CaseFailed(broken(0, `${this.name}.${field}`, expected, got));
  }

  number(field: string): number {
    const value = this.fields[field];
    return typeof value === 'number' ? value : this.#wrong(field, 'a number', value);
  }

  flag(field: string): boolean {
    return this.fields[field] === true;
  }

  /** Numbers of a list, or of the lists in a list. */
  numbers(field: string): number[] {
    const value = this.fields[field];
    const flat = Array.isArray(value) ? (value as unknown[]).flat() : [];
    if (Array.isArray(value) && flat.every((x) => typeof x === 'number')) return flat;
    return this.#wrong(field, 'a list of numbers', value);
  }

  has(field: string): boolean {
    return this.fields[field] !== undefined && this.fields[field] !== null;
  }

  inner(field: string): SpecCase {
    const value = this.fields[field];
    if (!isFields(value)) return this.#wrong(field, 'an object', value);
    return new SpecCase(this.core, this.folder, `${this.name}.${field}`, value);
  }

  /** Array `key/NAME` of f32 with `n` entries. */
  floats(array: string, n: number): Float32Array {
    const { key } = this.fields;
    if (typeof key !== 'string') return this.#wrong('key', 'a text', key);
    const path = `${key}/${array}`;
    const found = this.folder.array(ARRAYS, path);
    if (found === null) return this.#wrong(path, `an array in ${ARRAYS}`, null);
    if (!(found.data instanceof Float32Array)) return this.#wrong(path, 'float32', found.dtype);
    if (found.data.length !== n) return this.#wrong(path, `${n} entries`, found.data.length);
    return found.data;
  }

  /** Compares a result with a field: exactly, or to within `tolerance`. */
  same(field: string, got: Numbers, tolerance = 0, expected: Numbers = this.numbers(field)): void {
    if (got.length !== expected.length) {
      this.#wrong(`${field}.length`, String(expected.length), got.length);
    }
    for (let i = 0; i < got.length; i++) {
      const [want, have] = [expected[i], got[i]];
      const room = tolerance === 0 ? 0 : tolerance * (1 + Math.abs(want));
      if (want === have || Math.abs(want - have) <= room) continue;
      this.#wrong(`${field}[${i}]`, shown(want), have);
    }
  }

  /** A batch of requests: their drafts, counts and bonus tokens. */
  batch() {
    const drafts = this.numbers('draft');
    const counts = this.has('num_draft')
      ? this.numbers('num_draft')
      : differences(this.numbers('cu'));
    const maxDrafts = this.number('max_spec');
    const batch = { drafts, counts, bonus: this.numbers('bonus'), maxDrafts };
    return { n: drafts.length, batch };
  }
}

const differences = (ends: readonly number[]): number[] =>
  ends.map((end, i) => end - (ends[i - 1] ?? 0));

function greedy(one: SpecCase): void {
  const { batch } = one.batch();
  one.same('out', verifyGreedy(one.core, { ...batch, argmax: one.numbers('argmax') }).tokens);
}

function random(one: SpecCase): void {
  const { n, batch } = one.batch();
  const vocab = one.number('V');
  const { maxDrafts } = batch;
  const given = one.has('rates_conditional') ? one.numbers('rates_conditional') : null;
  // Positions that no request has may have no rate.
  const rates = given === null
    ? null
    : Array.from({ length: Math.max(given.length, maxDrafts) }, (_, i) => given[i] ?? 0);
  const { tokens, recovered } = verifyRejection(one.core, {
    ...batch,
    vocab,
    rates,
    target: one.floats('target_probs', n * vocab),
    draft: one.flag('no_draft_probs') ? null : one.floats('draft_probs', n * vocab),
    noise: one.floats('inv_q', batch.counts.length * vocab),
    uniform: one.floats('uniform', n),
    recovered: true,
    trusted: true,
  });
  one.same('out', tokens);
  if (one.has('recovered')) one.same('recovered', recovered!);
}

function block(one: SpecCase): void {
  const drafts = one.numbers('draft');
  const k = drafts.length;
  const vocab = one.number('V');
  const { kept, thresholds, joint } = verifyBlock(one.core, {
    drafts,
    counts: [k],
    bonus: [0],
    vocab,
    target: one.floats('target_probs', k * vocab),
    draft: one.flag('no_draft_probs') ? null : one.floats('draft_probs', k * vocab),
    uniform: one.numbers('u'),
    noise: new Float32Array(vocab).fill(1),
    trusted: true,
  });
  one.same('thresholds', thresholds, WIDE);
  one.same('prefix_joint', [1, ...joint], WIDE);
  one.same('accepted', kept, 0, [one.number('accepted')]);
}

function sameWalk(expected: SpecCase, walk: TreeWalk, most: number): void {
  const path = [...walk.path, ...Array<number>(most - walk.path.length).fill(-1)];
  expected.same('num_accept', [walk.kept], 0, [expected.number('num_accept')]);
  expected.same('accept_index', path);
  expected.same('predicts', walk.predicts);
}

function tree(one: SpecCase): void {
  const shape = {
    parents: one.numbers('parent_list'),
    selected: one.numbers('selected_index'),
    topk: one.number('topk'),
    seqLen: one.number('seq_len'),
  };
  const built = new DraftTree(one.core, shape);
  one.same('tree_mask', built.mask);
  one.same('positions', built.positions);
  one.same('next_token', built.nextToken);
  one.same('next_sibling', built.nextSibling);
  const candidates = one.numbers('candidates');
  const most = one.number('num_spec');
  sameWalk(one.inner('greedy'), built.greedy(candidates, one.numbers('target_argmax'), most), most);
  if (!one.has('sampling')) return;
  const sampling = one.inner('sampling');
  const vocab = one.number('V');
  const walk = built.sample(candidates, {
    vocab,
    target: one.floats('target_probs', built.nodes * vocab),
    coins: sampling.numbers('coins'),
    coinFinal: sampling.number('coin_final'),
    thresholdSingle: sampling.number('threshold_single'),
    thresholdAcc: sampling.number('threshold_acc'),
    trusted: true,
  }, most);
  sameWalk(sampling, walk, most);
  sampling.same('final_token', [walk.tokens.at(-1)!], 0, [sampling.number('final_token')]);
}

function rates(one: SpecCase): void {
  const found = ratesOfLength(one.core, one.number('AL'), one.number('n'));
  one.same('unconditional', found.unconditional, WIDE);
  one.same('conditional', found.conditional, WIDE);
}

function expected(one: SpecCase): void {
  const length = expectedLength(one.core, one.number('alpha'), one.number('gamma'));
  one.same('E', [length], WIDE, [one.number('E')]);
}

function ngram(one: SpecCase): void {
  const drafter = new NgramDrafter(one.core, {
    minN: one.number('min_n'),
    maxN: one.number('max_n'),
    maxModelLen: one.number('max_model_len'),
    drafts: one.number('k'),
  });
  one.same('draft', drafter.draft(one.numbers('tokens')));
}

const LISTS: Readonly<Record<string, (one: SpecCase) => void>> = {
  greedy, random, block, tree, rates, expected_len: expected, ngram,
};

/** A failure of a case; other exceptions are bugs of ours. */
function differenceOf(error: unknown, name: string): Difference {
  if (error instanceof CaseFailed) return error.difference;
  const refused =
    error instanceof KernelError || error instanceof RangeError || error instanceof UserError;
  if (refused) return broken(0, name, 'a legal case', error.message);
  throw error;
}

function runList(core: NumericCore, folder: NumFolder, list: string, value: unknown): Outcome {
  const cases = Array.isArray(value) ? (value as unknown[]) : null;
  if (cases === null) {
    return { status: 'failed', difference: broken(0, list, 'a list of cases', value) };
  }
  for (const [i, fields] of cases.entries()) {
    const named = isFields(fields) && typeof fields['key'] === 'string' ? ` ${fields['key']}` : '';
    const name = `${list}[${i}]${named}`;
    try {
      if (!isFields(fields)) throw new CaseFailed(broken(0, name, 'an object', fields));
      LISTS[list](new SpecCase(core, folder, name, fields));
    } catch (error) {
      return { status: 'failed', difference: differenceOf(error, name) };
    }
  }
  return { status: 'passed', note: `${cases.length} cases` };
}

/** Checks of the speculative part of a numeric folder, one a list of cases; none without it. */
export function specChecks(numeric: NumericCore, folder: NumFolder): ConformCheck[] {
  let content: unknown;
  try {
    content = folder.json(JSON_FILE);
  } catch (error) {
    const difference = differenceOf(error, JSON_FILE);
    return [{ part: JSON_FILE, run: () => ({ status: 'failed', difference }) }];
  }
  if (content === null) return [];
  if (!isFields(content)) {
    const difference = broken(0, JSON_FILE, 'an object of lists', content);
    return [{ part: JSON_FILE, run: () => ({ status: 'failed', difference }) }];
  }
  return Object.entries(content).map(([list, value]) => ({
    part: `${JSON_FILE}: ${list}`,
    run: (): Outcome =>
      Object.hasOwn(LISTS, list)
        ? runList(numeric, folder, list, value)
        : { status: 'skipped', note: `no kernel for ${list}` },
  }));
}
