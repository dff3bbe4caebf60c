// SPDX-License-Identifier: Apache-2.0
/** Expert routing, layouts and placements against recorded ones: moe.json, moe.bin, eplb.json. */
import {
  ExpertLayout, ExpertRouter, expertCapacity, packExperts, placeExperts, replicateExperts,
} from '../numeric/index.js';
import type { ExpertRouterOptions, NumericCore, RouterKind } from '../numeric/index.js';
import { broken } from './difference.js';
import type { Difference } from './difference.js';
import type { ConformCheck } from './golden-file.js';
import { caseChecks, firstUnequal } from './num-case.js';
import type { NumCase } from './num-case.js';
import type { NumFolder } from './num-folder.js';

/** Relative error that scores and weights may have. */
const TOLERANCE = 1e-6;

const KINDS: Readonly<Record<string, RouterKind>> = {
  softmax: 'softmax', topk_softmax: 'topkSoftmax', llama4: 'llama4', grouped: 'grouped',
};
const SCORINGS = { sigmoid: 'sigmoid', softmax: 'softmax', sqrtsoftplus: 'sqrtSoftplus' } as const;
const GROUP_SCORES = { max: 'max', sum2: 'sumOfTwo' } as const;

type Check = (one: NumCase) => Difference | null;

/** All checks of the expert kernels that a folder of numeric vectors holds cases for. */
export function moeChecks(numeric: NumericCore, folder: NumFolder): ConformCheck[] {
  const moe = (list: string, run: Check): ConformCheck[] =>
    caseChecks(folder, 'moe.json', list, 'moe.bin', run);
  const eplb = (list: string, run: Check): ConformCheck[] =>
    caseChecks(folder, 'eplb.json', list, 'eplb.bin', run);
  return [
    ...missingCases(folder),
    ...moe('routing', (one) => checkRouting(numeric, one)),
    ...moe('align', (one) => checkAlign(numeric, one)),
    ...moe('capacity', (one) => checkCapacity(numeric, one)),
    ...eplb('rebalance', (one) => checkRebalance(numeric, one)),
    ...eplb('balanced_packing', (one) => checkPacking(numeric, one)),
    ...eplb('replicate', (one) => checkReplicate(numeric, one)),
    ...eplb('replicate_tie', (one) => checkReplicate(numeric, one)),
  ];
}

/** Arrays without the file that tells what they are of are an error, and so is another layout. */
function missingCases(folder: NumFolder): ConformCheck[] {
  const bare = folder.names('moe.bin').length > 0 && absent(folder, 'moe.json');
  const part = 'moe.json';
  const difference = broken(0, part, 'the cases of moe.bin', 'no such file');
  return bare ? [{ part, run: () => ({ status: 'failed', difference }) }] : [];
}

function absent(folder: NumFolder, file: string): boolean {
  try {
    return folder.json(file) === null;
  } catch {
    // A broken file is reported by its checks.
    return false;
  }
}

function routerOf(one: NumCase): ExpertRouterOptions {
  const kind = one.word('kind', KINDS);
  const [experts, k] = [one.integer('E'), one.integer('k')];
  if (kind === 'softmax') return { kind, experts, k, renormalize: one.flag('renorm', true) };
  if (kind !== 'grouped') return { kind, experts, k };
  const groups = one.integer('ng', 1);
  return {
    kind, experts, k, groups,
    keptGroups: one.integer('tg', groups),
    scoring: one.word('score', SCORINGS),
    groupScore: one.has('grp') ? one.word('grp', GROUP_SCORES) : 'sumOfTwo',
    renormalize: one.flag('renorm', true),
    scale: one.number('scale', 1),
    bias: one.hasArray('bias_f32') ? one.array('bias_f32', 'float32', experts) : null,
  };
}

function checkRouting(numeric: NumericCore, one: NumCase): Difference | null {
  const options = routerOf(one);
  const tokens = one.integer('T');
  const cells = tokens * options.experts;
  const chosen = tokens * options.k;
  const logits = one.array('logits_f32', 'float32', cells);
  const ids = one.array('ids', 'int32', chosen);
  const weights = one.array('weights', 'float32', chosen);
  const own = new ExpertRouter(numeric, options).route(logits);
  if (options.kind !== 'grouped') {
    return (
      firstUnequal('ids', ids, own.ids) ?? firstUnequal('weights', weights, own.weights, TOLERANCE)
    );
  }
  const scores = one.array('scores_f32', 'float32', cells);
  const groupIds = one.array('group_ids', 'int32', tokens * (options.keptGroups ?? 1));
  // Which way near-ties fall depends on the last bit of a score, so ids are those of the scores.
  const given = new ExpertRouter(numeric, { ...options, scoring: 'given' }).route(scores);
  return (
    firstUnequal('scores_f32', scores, own.scores ?? [], TOLERANCE) ??
    firstUnequal('group_ids', groupIds, given.groupIds ?? []) ??
    firstUnequal('ids', ids, given.ids) ??
    firstUnequal('weights', weights, given.weights, TOLERANCE)
  );
}

function checkAlign(numeric: NumericCore, one: NumCase): Difference | null {
  const layout = new ExpertLayout(numeric, { experts: one.integer('E'), k: one.integer('K') });
  const ids = one.numbers('topk_ids');
  const counted = firstUnequal('T * K', [one.integer('T') * layout.k], [ids.length]);
  if (counted !== null) return counted;
  const aligned = layout.align(ids, one.integer('block'), {
    map: one.has('expert_map') ? one.numbers('expert_map') : null,
    padSorted: one.flag('pad_sorted_ids', false),
  });
  const { order, offsets, inverse, placed } = layout.permute(ids);
  const expectedOrder = one.numbers('permute_order');
  const same = (name: string, got: ArrayLike<number>): Difference | null =>
    firstUnequal(name, one.numbers(name), got);
  return (
    same('sorted_token_ids', aligned.sorted) ??
    same('expert_ids', aligned.blockExperts) ??
    firstUnequal('num_tokens_post_pad', [one.integer('num_tokens_post_pad')], [aligned.padded]) ??
    // Dropped slots may be left off the end, or stand there as -1.
    firstUnequal(
      'permute_order',
      expectedOrder,
      expectedOrder.length === ids.length ? order : order.subarray(0, placed),
    ) ??
    same('permute_offsets', offsets) ??
    same('permute_inverse', inverse) ??
    (one.has('dispatch') ? checkDispatch(layout, ids, one.inner('dispatch')) : null)
  );
}

function checkDispatch(layout: ExpertLayout, ids: number[], one: NumCase): Difference | null {
  const got = layout.dispatch(ids, {
    ranks: one.integer('ranks'),
    ranksPerNode: one.integer('ranks_per_node'),
  });
  const same = (name: string, values: ArrayLike<number>): Difference | null =>
    firstUnequal(`dispatch.${name}`, one.numbers(name), values);
  return (
    same('tokens_per_rank', got.tokensPerRank) ??
    same('tokens_per_node', got.tokensPerNode) ??
    same('tokens_per_expert', got.slotsPerExpert) ??
    same('is_token_in_rank', got.isTokenInRank)
  );
}

function checkCapacity(numeric: NumericCore, one: NumCase): Difference | null {
  const [tokens, k, experts] = [one.integer('T'), one.integer('K'), one.integer('E')];
  const capacity = expertCapacity(tokens, k, experts, one.number('capacity_factor'));
  const layout = new ExpertLayout(numeric, { experts, k });
  const { ids } = layout.applyCapacity(one.numbers('topk_ids'), capacity);
  return (
    firstUnequal('capacity', [one.integer('capacity')], [capacity]) ??
    firstUnequal('after_drop', one.numbers('after_drop'), ids)
  );
}

function checkRebalance(numeric: NumericCore, one: NumCase): Difference | null {
  const placement = placeExperts(numeric, one.numbers('weight'), {
    experts: one.integer('experts'),
    slots: one.integer('replicas'),
    groups: one.integer('groups'),
    nodes: one.integer('nodes'),
    gpus: one.integer('gpus'),
  });
  return (
    firstUnequal('layers', [one.integer('layers')], [placement.layers]) ??
    firstUnequal('phy2log', one.numbers('phy2log'), placement.phy2log) ??
    firstUnequal('logcnt', one.numbers('logcnt'), placement.copies) ??
    firstUnequal('log2phy', one.numbers('log2phy'), placement.log2phy)
  );
}

/** A check for each row of weights. */
function byRow(one: NumCase, check: (weights: number[], row: number) => Difference | null) {
  for (const [row, weights] of one.rows('weight').entries()) {
    const difference = check(weights, row);
    if (difference !== null) return difference;
  }
  return null;
}

function checkPacking(numeric: NumericCore, one: NumCase): Difference | null {
  const packs = one.integer('packs');
  const [index, rank] = [one.rows('pack_index'), one.rows('rank_in_pack')];
  return byRow(one, (weights, row) => {
    const got = packExperts(numeric, weights, packs);
    return (
      firstUnequal(`pack_index[${row}]`, index[row] ?? [], got.pack) ??
      firstUnequal(`rank_in_pack[${row}]`, rank[row] ?? [], got.rank)
    );
  });
}

function checkReplicate(numeric: NumericCore, one: NumCase): Difference | null {
  const [slots, owner] = [one.integer('num_phy'), one.rows('phy2log')];
  const [rank, copies] = [one.rows('rank'), one.rows('logcnt')];
  return byRow(one, (weights, row) => {
    const got = replicateExperts(numeric, weights, slots);
    return (
      firstUnequal(`phy2log[${row}]`, owner[row] ?? [], got.expert) ??
      firstUnequal(`rank[${row}]`, rank[row] ?? [], got.rank) ??
      firstUnequal(`logcnt[${row}]`, copies[row] ?? [], got.copies)
    );
  });
}
