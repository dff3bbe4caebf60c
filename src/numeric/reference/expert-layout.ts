// SPDX-License-Identifier: Apache-2.0
/** Slow, obvious twin of assembly/moe/align.ts and its parts: lists and sets. */
import type { CopyRule, TrafficRule } from '../expert-layout.js';

type Ids = readonly number[];

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Slots of each expert, ascending. */
function slotsOf(ids: Ids, experts: number): number[][] {
  return range(experts).map((e) => range(ids.length).filter((slot) => ids[slot] === e));
}

export function referenceAlign(
  ids: Ids,
  experts: number,
  block: number,
  map: Ids | null,
  padSorted: boolean,
): { sorted: number[]; blockExperts: number[]; padded: number } {
  const n = ids.length;
  let cap = n + experts * (block - 1);
  if (padSorted) cap = Math.ceil(cap / block) * block;
  if (n < experts) cap = Math.min(n * block, cap);
  const sorted: number[] = [];
  const blockExperts: number[] = [];
  slotsOf(ids, experts).forEach((slots, e) => {
    if (slots.length === 0 || (map !== null && map[e] < 0)) return;
    const blocks = Math.ceil(slots.length / block);
    sorted.push(...slots, ...range(blocks * block - slots.length).map(() => n));
    blockExperts.push(...range(blocks).map(() => (map === null ? e : map[e])));
  });
  const padded = sorted.length;
  while (sorted.length < cap) sorted.push(n);
  while (blockExperts.length < Math.ceil(cap / block)) blockExperts.push(-1);
  return { sorted, blockExperts, padded };
}

export function referencePermute(
  ids: Ids,
  experts: number,
): { order: number[]; offsets: number[]; inverse: number[]; placed: number } {
  const groups = slotsOf(ids, experts);
  const order = groups.flat();
  const placed = order.length;
  const offsets = [0];
  for (const slots of groups) offsets.push(offsets[offsets.length - 1] + slots.length);
  const inverse = range(ids.length).map((slot) => order.indexOf(slot));
  while (order.length < ids.length) order.push(-1);
  return { order, offsets, inverse, placed };
}

export function referenceGather(x: Ids, columns: number, k: number, order: Ids): number[] {
  const slots = (x.length / columns) * k;
  return order.flatMap((slot) => {
    if (slot < 0 || slot >= slots) return range(columns).map(() => 0);
    const token = Math.floor(slot / k);
    return x.slice(token * columns, (token + 1) * columns);
  });
}

export function referenceCombine(
  y: Ids,
  columns: number,
  k: number,
  inverse: Ids,
  weights: Ids,
): number[] {
  const rows = y.length / columns;
  return range(inverse.length / k).flatMap((t) =>
    range(columns).map((c) => {
      let sum = 0;
      for (let slot = t * k; slot < (t + 1) * k; slot++) {
        const row = inverse[slot];
        if (row < 0 || row >= rows) continue;
        sum = Math.fround(sum + Math.fround(weights[slot] * y[row * columns + c]));
      }
      return sum;
    }),
  );
}

export function referenceCapacity(
  ids: Ids,
  k: number,
  experts: number,
  capacity: number,
): { ids: number[]; dropped: number } {
  const taken = new Map<number, number>();
  const out = ids.map(() => -1);
  let dropped = 0;
  for (const choice of range(k)) {
    for (const t of range(ids.length / k)) {
      const e = ids[t * k + choice];
      if (e < 0 || e >= experts) continue;
      const count = taken.get(e) ?? 0;
      if (count < capacity) {
        out[t * k + choice] = e;
        taken.set(e, count + 1);
      } else {
        dropped++;
      }
    }
  }
  return { ids: out, dropped };
}

interface Grid {
  readonly experts: number;
  readonly k: number;
  readonly ranks: number;
  readonly ranksPerNode: number;
}

/** Ranks of the choices of each token. */
function ranksOf(ids: Ids, { experts, k, ranks }: Grid): number[][] {
  return range(ids.length / k).map((t) =>
    ids
      .slice(t * k, (t + 1) * k)
      .filter((e) => e >= 0 && e < experts)
      .map((e) => Math.floor(e / (experts / ranks))),
  );
}

export function referenceDispatch(
  ids: Ids,
  grid: Grid,
): { perRank: number[]; perNode: number[]; perExpert: number[]; inRank: number[] } {
  const reached = ranksOf(ids, grid).map((list) => new Set(list));
  const nodes = reached.map((set) => new Set([...set].map((r) => nodeOf(r, grid))));
  const having = (sets: readonly Set<number>[], what: number): number =>
    sets.filter((set) => set.has(what)).length;
  return {
    perRank: range(grid.ranks).map((r) => having(reached, r)),
    perNode: range(grid.ranks / grid.ranksPerNode).map((node) => having(nodes, node)),
    perExpert: range(grid.experts).map((e) => ids.filter((id) => id === e).length),
    inRank: reached.flatMap((set) => range(grid.ranks).map((r) => (set.has(r) ? 1 : 0))),
  };
}

const nodeOf = (rank: number, { ranksPerNode }: Grid): number => Math.floor(rank / ranksPerNode);

const sourceOf = (source: Ids | null, t: number, tokens: number, ranks: number): number =>
  source === null ? Math.floor((t * ranks) / tokens) : source[t];

/** Copies of tokens between ranks: each is sent as a list of hops [from, to]. */
export function referenceTraffic(
  ids: Ids,
  grid: Grid,
  rule: TrafficRule,
  source: Ids | null,
): number[] {
  const { ranks } = grid;
  const counts = range(ranks * ranks).map(() => 0);
  const targets = ranksOf(ids, grid);
  targets.forEach((list, t) => {
    const from = sourceOf(source, t, targets.length, ranks);
    const goals = rule === 'onceASlot' ? list : [...new Set(list)];
    const hops = new Map<string, [number, number]>();
    goals.forEach((to, i) => {
      const relay = nodeOf(to, grid) * grid.ranksPerNode + (from % grid.ranksPerNode);
      if (rule !== 'byRelay' || nodeOf(to, grid) === nodeOf(from, grid)) {
        hops.set(`${i}`, [from, to]);
      } else {
        hops.set(`relay ${relay}`, [from, relay]);
        hops.set(`${i}`, [relay, to]);
      }
    });
    for (const [a, b] of hops.values()) counts[a * ranks + b]++;
  });
  return counts;
}

/** Physical expert of each slot. copies: lists of physical ids, one an expert. */
export function referencePhysical(
  ids: Ids,
  grid: Grid,
  slots: number,
  copies: readonly Ids[],
  rule: CopyRule,
  source: Ids | null,
): number[] {
  const size = slots / grid.ranks;
  const tokens = ids.length / grid.k;
  return ids.map((e, slot) => {
    if (e < 0 || e >= grid.experts) return -1;
    const here = sourceOf(source, Math.floor(slot / grid.k), tokens, grid.ranks);
    const rankOf = (copy: number): number => Math.floor(copy / size);
    const own = copies[e].filter((copy) => rankOf(copy) === here);
    const near = copies[e].filter((copy) => nodeOf(rankOf(copy), grid) === nodeOf(here, grid));
    const lists = rule === 'nearest' ? [own, near, copies[e]] : [copies[e]];
    const list = lists.find(({ length }) => length > 0);
    return list === undefined ? -1 : list[slot % list.length];
  });
}
