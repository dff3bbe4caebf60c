// SPDX-License-Identifier: Apache-2.0
/** Conformance of speculative decoding: cases of other seeds and shapes, and broken ones. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Outcome } from '../../src/conform/golden-file.js';
import { numFolder, type NumFolder } from '../../src/conform/num-folder.js';
import { specChecks } from '../../src/conform/num-spec.js';
import { loadNumeric } from '../../src/numeric/index.js';
import { referenceRates } from '../../src/numeric/reference/acceptance-rates.js';
import { referenceBlock } from '../../src/numeric/reference/block-verify.js';
import { ReferenceTree } from '../../src/numeric/reference/draft-tree.js';
import { referenceNgram } from '../../src/numeric/reference/ngram-drafter.js';
import { referenceGreedy, referenceRejection } from '../../src/numeric/reference/spec-verify.js';
import { Draws } from '../support/distributions.js';
import { describeNumeric } from '../support/cores.js';
import { root } from '../support/source.js';

type Lists = Record<string, Record<string, unknown>[]>;

/** A folder in memory: JSON lists, and f32 arrays by name. */
function folderOf(lists: unknown, arrays: ReadonlyMap<string, Float32Array>): NumFolder {
  return {
    names: () => [...arrays.keys()],
    json: (file) => (file === 'spec.json' ? lists : null),
    array: (file, name) => {
      const data = file === 'spec.bin' ? arrays.get(name) : undefined;
      return data === undefined ? null : { dtype: 'float32', shape: [data.length], data };
    },
  };
}

const flat = (rows: readonly Float32Array[]): Float32Array =>
  Float32Array.from(rows.flatMap((row) => [...row]));
const pad = (row: readonly number[], n: number): number[] =>
  [...row, ...Array<number>(n - row.length).fill(-1)];
const upTo = (counts: readonly number[]): number[] => {
  let end = 0;
  return counts.map((n) => (end += n));
};

/** Cases as the twins answer them. */
function record(seed: number): { lists: Lists; arrays: Map<string, Float32Array> } {
  const draws = new Draws(seed);
  const arrays = new Map<string, Float32Array>();
  const lists: Lists = {
    greedy: [], random: [], block: [], tree: [], rates: [], expected_len: [], ngram: [],
  };
  for (let i = 0; i < 8; i++) {
    const counts = Array.from({ length: draws.below(4) }, () => draws.below(5));
    const n = counts.reduce((a, b) => a + b, 0);
    const ends = upTo(counts);
    const maxSpec = 4 + draws.below(3);
    const vocab = 2 + draws.below(30);
    const draft = Array.from({ length: n }, () => draws.below(vocab + 1) - 1);
    const bonus = counts.map(() => draws.below(vocab));
    const part = <T>(list: { slice(a: number, b: number): T }, r: number): T =>
      list.slice(ends[r] - counts[r], ends[r]);
    const argmax = draft.map((token) => (token < 0 ? 1 : token));
    const shared = { num_draft: counts, cu: ends, draft, bonus, max_spec: maxSpec };
    lists['greedy'].push({
      ...shared,
      argmax,
      out: counts.map((_, r) =>
        pad(referenceGreedy(part(draft, r), part(argmax, r), bonus[r]), maxSpec + 1)),
    });
    const [target, drafter] = [0, 1].map(() => draft.map(() => draws.distribution(vocab)));
    const uniform = draws.coins(n);
    const noise = counts.map(() => draws.noise(vocab));
    const certain = i % 2 === 0;
    const rates = i % 3 === 0 ? Array.from({ length: 5 }, () => draws.uniform()) : null;
    const verdicts = counts.map((_, r) => referenceRejection({
      drafts: part(draft, r), bonus: bonus[r], uniform: part(uniform, r), noise: noise[r], rates,
      target: part(target, r), draft: certain ? null : part(drafter, r),
    }));
    arrays.set(`r${i}/target_probs`, flat(target));
    if (!certain) arrays.set(`r${i}/draft_probs`, flat(drafter));
    arrays.set(`r${i}/inv_q`, flat(noise));
    arrays.set(`r${i}/uniform`, uniform);
    lists['random'].push({
      ...shared, key: `r${i}`, V: vocab, no_draft_probs: certain, rates_conditional: rates,
      recovered: verdicts.flatMap(({ recovered }) => recovered),
      out: verdicts.map(({ tokens }) => pad(tokens, maxSpec + 1)),
    });
    const drafts = draft.slice(0, 4).map((token) => Math.max(token, 0));
    const judged = {
      drafts, target, draft: certain ? null : drafter, uniform: uniform.slice(0, drafts.length),
    };
    const { kept, thresholds, joint } = referenceBlock(judged);
    const k = drafts.length;
    arrays.set(`b${i}/target_probs`, flat(target.slice(0, k)));
    if (!certain) arrays.set(`b${i}/draft_probs`, flat(drafter.slice(0, k)));
    lists['block'].push({
      key: `b${i}`, V: vocab, draft: drafts, no_draft_probs: certain, u: [...judged.uniform],
      thresholds, prefix_joint: joint, accepted: kept,
    });
    lists['tree'].push(treeCase(draws, `t${i}`, vocab, arrays));
    const length = 1 + draws.uniform() * 6;
    const [unconditional, conditional] = referenceRates(length, 5);
    lists['rates'].push({ AL: length, n: 5, unconditional, conditional });
    const alpha = draws.uniform();
    const E = (1 - alpha ** 4) / (1 - alpha);
    lists['expected_len'].push({ alpha, gamma: 3, E });
    const tokens = Array.from({ length: draws.below(30) }, () => draws.below(3));
    const options = { minN: 1, maxN: 4, maxModelLen: 40, drafts: 5 };
    lists['ngram'].push({
      tokens, min_n: 1, max_n: 4, max_model_len: 40, k: 5, draft: referenceNgram(tokens, options),
    });
  }
  return { lists, arrays };
}

function treeCase(
  draws: Draws,
  key: string,
  vocab: number,
  arrays: Map<string, Float32Array>,
): Record<string, unknown> {
  const shape = { parents: [-1, 0, 2, 1], selected: [0, 1, 2, 4, 5, 9], topk: 3, seqLen: 9 };
  const twin = new ReferenceTree(shape);
  const candidates = Array.from({ length: 7 }, () => draws.below(vocab));
  const argmax = candidates.map((_, i) => (i < 2 ? candidates[i * 3 + 1] : 0));
  const target = candidates.map(() => draws.distribution(vocab));
  const coins = draws.coins(7);
  const coinFinal = draws.coin();
  arrays.set(`${key}/target_probs`, flat(target));
  const most = 3;
  const walk = ({ path, predicts }: { path: number[]; predicts: number[] }) => ({
    accept_index: pad(path, most), num_accept: path.length - 1, predicts,
  });
  const thresholds = { single: 0.9, acc: 0.8 };
  const sampled = twin.sample(candidates, target, coins, coinFinal, thresholds, most);
  const { nextToken, nextSibling } = twin.links();
  return {
    key, V: vocab, topk: 3, seq_len: 9, parent_list: shape.parents, selected_index: shape.selected,
    tree_mask: twin.mask(), positions: twin.positions(), next_token: nextToken,
    next_sibling: nextSibling, candidates, target_argmax: argmax, num_spec: most,
    greedy: walk(twin.greedy(candidates, argmax, most)),
    sampling: {
      ...walk(sampled), coins: [...coins], coin_final: coinFinal, threshold_single: 0.9,
      threshold_acc: 0.8, final_token: sampled.predicts[sampled.path.at(-1)!],
    },
  };
}

const outcomes = (folder: NumFolder, numeric = loadNumeric()): Outcome[] =>
  specChecks(numeric, folder).map(({ run }) => run() as Outcome);

const failures = (folder: NumFolder): string[] =>
  outcomes(folder).flatMap((outcome) => {
    if (outcome.status !== 'failed') return [];
    const { what, expected, got } = outcome.difference;
    return [`${what}: ${expected} / ${got}`];
  });

describeNumeric('recorded speculative decoding', (load) => {
  it('of other seeds and shapes passes', () => {
    for (const seed of [1, 2, 3]) {
      const { lists, arrays } = record(seed);
      const passed = { status: 'passed', note: '8 cases' };
      expect(outcomes(folderOf(lists, arrays), load())).toEqual(Array(7).fill(passed));
    }
  });

  const golden = join(root, 'test/conformance/golden-num');

  it.skipIf(!existsSync(golden))('of the recorded vectors passes', () => {
    const manifest = JSON.parse(readFileSync(join(golden, 'manifest.json'), 'utf8')) as object;
    const read = (file: string): Uint8Array => readFileSync(join(golden, file));
    const folder = numFolder(manifest as Record<string, unknown>, 'manifest.json', read);
    const found = outcomes(folder, load());
    expect(found.map(({ status }) => status)).toEqual(Array(7).fill('passed'));
  });
});

it('names case, field and index of a difference', () => {
  const change = (list: string, edit: (one: Record<string, unknown>) => void): string[] => {
    const { lists, arrays } = record(4);
    edit(lists[list][2]);
    return failures(folderOf(lists, arrays));
  };
  const bump = (field: string, at: number) => (one: Record<string, unknown>): void => {
    const value = (one[field] as unknown[]).flat() as number[];
    value[at] += 1;
    one[field] = value;
  };
  expect(change('greedy', bump('out', 0))[0]).toMatch(/^greedy\[2\]\.out\[0\]: /);
  expect(change('random', bump('recovered', 1))[0]).toMatch(/^random\[2\] r2\.recovered\[1\]: /);
  expect(change('block', bump('thresholds', 0))[0]).toMatch(/^block\[2\] b2\.thresholds\[0\]: /);
  expect(change('tree', bump('tree_mask', 8))[0]).toMatch(/^tree\[2\] t2\.tree_mask\[8\]: /);
  expect(change('rates', bump('conditional', 4))[0]).toMatch(/^rates\[2\]\.conditional\[4\]: /);
  expect(change('ngram', bump('draft', 0))[0]).toMatch(/^ngram\[2\]\.draft/);
  expect(change('expected_len', (one) => (one['E'] = 9))[0]).toMatch(/^expected_len\[2\]\.E/);
  const walk = change('tree', (one) => {
    const greedy = one['greedy'] as Record<string, number>;
    greedy['num_accept']++;
  });
  expect(walk[0]).toMatch(/^tree\[2\] t2\.greedy\.num_accept\[0\]: /);
});

it('reports cases that break their layout', () => {
  const change = (list: string, edit: (one: Record<string, unknown>) => void): string =>
    (({ lists, arrays }) => {
      // The first one with drafts.
      edit(lists[list].find(({ draft }) => !Array.isArray(draft) || draft.length > 0)!);
      return failures(folderOf(lists, arrays)).join('; ');
    })(record(5));
  const bare = change('greedy', (one) => delete one['argmax']);
  expect(bare).toMatch(/^greedy\[\d\]\.argmax: a list of/);
  expect(change('random', (one) => (one['key'] = 'r9'))).toContain('r9/target_probs: an array in');
  expect(change('random', (one) => (one['V'] = 99))).toContain('target_probs: ');
  expect(change('random', (one) => (one['max_spec'] = 0))).toContain('a legal case');
  expect(change('tree', (one) => (one['sampling'] = 3))).toContain('sampling: an object');
  expect(change('ngram', (one) => (one['min_n'] = 0))).toContain('minN: must be an integer');
  expect(failures(folderOf([], new Map()))).toEqual(['spec.json: an object of lists / []']);
  expect(failures(folderOf({ greedy: 1 }, new Map()))).toEqual(['greedy: a list of cases / 1']);
  expect(failures(folderOf({ greedy: [1] }, new Map()))).toEqual(['greedy[0]: an object / 1']);
  expect(outcomes(folderOf({ other: [] }, new Map()))[0].status).toBe('skipped');
  expect(outcomes(folderOf(null, new Map()))).toEqual([]);
});
