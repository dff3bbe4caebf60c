// SPDX-License-Identifier: Apache-2.0
/** Recorded expert routing, layouts and placements: ours, other ones of the layout, broken ones. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { moeChecks } from '../../src/conform/num-moe.js';
import type { NumArray, NumFolder } from '../../src/conform/num-folder.js';
import { UserError } from '../../src/core/user-error.js';
import type { NumericCore } from '../../src/numeric/index.js';
import {
  referenceAlign, referenceDispatch, referencePermute,
} from '../../src/numeric/reference/expert-layout.js';
import { referenceRoute, referenceScores } from '../../src/numeric/reference/expert-router.js';
import { describeNumeric } from '../support/cores.js';
import { readJson, sharedData } from '../support/data.js';
import { Lcg } from '../support/desk.js';

interface Entry {
  readonly name: string;
  readonly dtype: NumArray['dtype'];
  readonly shape: number[];
  readonly offset: number;
}

type Json = Record<string, Record<string, unknown>[]>;

/** A folder in memory: JSON files and arrays by `FILE NAME`. */
class Folder implements NumFolder {
  readonly jsons: Record<string, unknown> = {};
  readonly arrays = new Map<string, NumArray>();

  array(file: string, name: string): NumArray | null {
    return this.arrays.get(`${file} ${name}`) ?? null;
  }

  names(file: string): string[] {
    return [...this.arrays.keys()]
      .filter((key) => key.startsWith(`${file} `))
      .map((key) => key.slice(file.length + 1));
  }

  json(file: string): unknown {
    return this.jsons[file] ?? null;
  }

  put(name: string, data: number[], dtype: 'float32' | 'int32' = 'float32'): void {
    const typed = dtype === 'float32' ? Float32Array.from(data) : Int32Array.from(data);
    this.arrays.set(`moe.bin ${name}`, { dtype, shape: [data.length], data: typed });
  }
}

const TYPES = { uint8: Uint8Array, float32: Float32Array, int32: Int32Array };

function readFolder(path: string): Folder {
  const folder = new Folder();
  for (const file of ['moe.json', 'eplb.json']) folder.jsons[file] = readJson(join(path, file));
  const manifest = readJson<{ files: Record<string, Entry[]> }>(join(path, 'manifest.json'));
  const { buffer } = new Uint8Array(readFileSync(join(path, 'moe.bin')));
  for (const { name, dtype, shape, offset } of manifest.files['moe.bin']) {
    const length = shape.reduce((product, n) => product * n, 1);
    folder.arrays.set(`moe.bin ${name}`, {
      dtype, shape, data: new TYPES[dtype](buffer, offset, length),
    });
  }
  return folder;
}

function failures(core: NumericCore, folder: Folder): string[] {
  const texts: string[] = [];
  for (const { part, run } of moeChecks(core, folder)) {
    const outcome = run();
    if (outcome instanceof Promise || outcome.status === 'passed') continue;
    if (outcome.status === 'skipped') texts.push(`${part}: skipped`);
    else {
      const { what, expected, got } = outcome.difference;
      texts.push(`${part}: ${what}: ${expected} | ${got}`);
    }
  }
  return texts;
}

/** A folder of other shapes, made by the twins. */
function madeFolder(): Folder {
  const random = new Lcg(19);
  const folder = new Folder();
  const tokens = 5;
  const scoring = { sigmoid: 'sigmoid', softmax: 'softmax', sqrtsoftplus: 'sqrtSoftplus' } as const;
  const routing = [
    { name: 'a', kind: 'softmax', E: 12, k: 3, T: tokens, renorm: false },
    { name: 'b', kind: 'grouped', E: 30, k: 4, T: tokens, renorm: true, score: 'sigmoid', ng: 5,
      tg: 3, scale: 1.5 },
    { name: 'c', kind: 'grouped', E: 9, k: 2, T: tokens, renorm: false, score: 'sqrtsoftplus',
      ng: 3, tg: 2, scale: 1, grp: 'max' },
    { name: 'd', kind: 'topk_softmax', E: 7, k: 7, T: tokens },
    { name: 'e', kind: 'llama4', E: 5, k: 1, T: tokens },
  ] as const;
  for (const one of routing) {
    const { name, E: experts, k } = one;
    const logits = random.list(tokens * experts, () => random.coarse(3, 32));
    const grouped = one.kind === 'grouped';
    const bias = random.list(experts, () => random.coarse(1, 16));
    const rows = random.list(tokens, (t) => {
      const row = logits.slice(t * experts, (t + 1) * experts);
      return grouped ? referenceScores(row, scoring[one.score]) : row;
    });
    const choices = rows.map((row) =>
      referenceRoute(
        {
          experts, k, kind: one.kind === 'topk_softmax' ? 'topkSoftmax' : one.kind,
          renormalize: 'renorm' in one ? one.renorm : true,
          ...(grouped && {
            groups: one.ng, keptGroups: one.tg, scale: one.scale, bias,
            groupScore: 'grp' in one ? one.grp : 'sumOfTwo',
          }),
        },
        row,
      ));
    folder.put(`${name}/logits_f32`, logits);
    folder.put(`${name}/ids`, choices.flatMap(({ ids }) => ids), 'int32');
    folder.put(`${name}/weights`, choices.flatMap(({ weights }) => weights));
    if (!grouped) continue;
    folder.put(`${name}/bias_f32`, bias);
    folder.put(`${name}/scores_f32`, rows.flat());
    folder.put(`${name}/group_ids`, choices.flatMap(({ groupIds }) => groupIds), 'int32');
  }
  const [experts, k] = [6, 2];
  const ids = random.list(2 * tokens, () => random.below(experts + 1) - 1);
  const aligned = referenceAlign(ids, experts, 4, [2, -1, 0, 1, -1, 3], true);
  const permuted = referencePermute(ids, experts);
  const dispatched = referenceDispatch(ids, { experts, k, ranks: 3, ranksPerNode: 1 });
  folder.jsons['moe.json'] = {
    routing,
    align: [{
      T: tokens, K: k, E: experts, block: 4, pad_sorted_ids: true,
      expert_map: [2, -1, 0, 1, -1, 3],
      topk_ids: random.list(tokens, (t) => ids.slice(2 * t, 2 * t + 2)),
      sorted_token_ids: aligned.sorted, expert_ids: aligned.blockExperts,
      num_tokens_post_pad: aligned.padded, permute_order: permuted.order.slice(0, permuted.placed),
      permute_offsets: permuted.offsets, permute_inverse: permuted.inverse,
      dispatch: {
        ranks: 3, ranks_per_node: 1, tokens_per_rank: dispatched.perRank,
        tokens_per_node: dispatched.perNode, tokens_per_expert: dispatched.perExpert,
        is_token_in_rank: random.list(tokens, (t) => dispatched.inRank.slice(3 * t, 3 * t + 3)),
      },
    }],
  };
  return folder;
}

describeNumeric('conform: expert routing', (load) => {
  const core = load();
  const committed = fileURLToPath(new URL('../conformance/golden-num', import.meta.url));
  const path = existsSync(committed) ? committed : sharedData('golden-num');

  it.skipIf(path === null)('passes every recorded case', () => {
    const folder = readFolder(path!);
    expect(failures(core, folder)).toEqual([]);
    const { routing, align, capacity } = folder.jsons['moe.json'] as Json;
    const eplb = folder.jsons['eplb.json'] as Json;
    const cases = eplb['rebalance'].length + eplb['balanced_packing'].length +
      eplb['replicate'].length + 1;
    const expected = routing.length + align.length + capacity.length + cases;
    expect(moeChecks(core, folder)).toHaveLength(expected);
  });

  it('passes cases of other shapes', () => {
    const folder = madeFolder();
    expect(failures(core, folder)).toEqual([]);
    expect(moeChecks(core, folder)).toHaveLength(6);
  });

  it('says which element of which case differs', () => {
    const folder = madeFolder();
    const { data } = folder.array('moe.bin', 'b/ids')!;
    data[7] = (data[7] + 1) % 30;
    const text = failures(core, folder);
    expect(text).toHaveLength(1);
    expect(text[0]).toMatch(/^moe\.json: routing b: ids\[7\]: \d+ \| \d+$/);
  });

  it('reports broken cases', () => {
    const first = (change: (folder: Folder, one: Record<string, unknown>) => void): string => {
      const folder = madeFolder();
      const json = structuredClone(folder.jsons['moe.json']) as Json;
      folder.jsons['moe.json'] = json;
      change(folder, json['routing'][1]);
      return failures(core, folder)[0] ?? '';
    };
    expect(first((folder) => folder.arrays.delete('moe.bin b/weights'))).toBe(
      'moe.json: routing b: moe.bin b/weights: 20 of float32 | no such array',
    );
    expect(first((folder) => folder.put('b/ids', [1, 2], 'int32'))).toContain('b/ids: length');
    const zeros = new Array<number>(20).fill(0);
    expect(first((folder) => folder.put('b/ids', zeros))).toContain('dtype');
    const bare = madeFolder();
    delete bare.jsons['moe.json'];
    expect(failures(core, bare)).toEqual([
      'moe.json: moe.json: the cases of moe.bin | no such file',
    ]);
    bare.jsons['moe.json'] = [];
    expect(failures(core, bare)[0]).toContain('an object of lists of cases');
    const cut = madeFolder();
    cut.json = (file) => {
      throw new UserError(`${file}: cut`);
    };
    expect(failures(core, cut)[0]).toBe(
      'moe.json: routing: moe.json: routing: a legal case | moe.json: cut',
    );
    expect(first((_, one) => delete one['k'])).toContain('routing b.k: an integer | nothing');
    expect(first((_, one) => (one['k'] = 31))).toContain('b/ids: length');
    expect(first((_, one) => (one['kind'] = 'hash'))).toContain('one of softmax');
    expect(first((_, one) => (one['ng'] = 7))).toContain('groups: must divide experts');
    expect(first((_, one) => (one['renorm'] = 1))).toContain('true or false');
  });
});
