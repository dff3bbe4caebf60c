// SPDX-License-Identifier: Apache-2.0
/**
 * Slow, obvious twin of assembly/moe/eplb.ts, from the text of the rules: lists, and `Math.fround`
 * where the kernel rounds. Beside it, answers by trying everything, for small cases.
 */
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

type Weights = readonly number[];

export interface ReferencePacking {
  readonly pack: number[];
  readonly rank: number[];
}

export function referencePack(weights: Weights, packs: number): ReferencePacking {
  const size = weights.length / packs;
  if (size === 1) return { pack: range(packs), rank: weights.map(() => 0) };
  const contents: number[][] = range(packs).map(() => []);
  const sums = range(packs).map(() => 0);
  const pack = weights.map(() => -1);
  const rank = weights.map(() => -1);
  // Array sort is stable: equal weights stay in order of index.
  for (const item of range(weights.length).sort((a, b) => weights[b] - weights[a])) {
    const open = range(packs).filter((p) => contents[p].length < size);
    const lightest = open.reduce((best, p) => (sums[p] < sums[best] ? p : best));
    pack[item] = lightest;
    rank[item] = contents[lightest].length;
    contents[lightest].push(item);
    sums[lightest] = Math.fround(sums[lightest] + weights[item]);
  }
  return { pack, rank };
}

export interface ReferenceReplication {
  readonly expert: number[];
  readonly rank: number[];
  readonly copies: number[];
}

export function referenceReplicate(weights: Weights, slots: number): ReferenceReplication {
  const expert = range(weights.length);
  const rank = weights.map(() => 0);
  const copies = weights.map(() => 1);
  while (expert.length < slots) {
    const shares = weights.map((w, e) => Math.fround(w / copies[e]));
    const hottest = shares.reduce((best, share, e) => (share > shares[best] ? e : best), 0);
    expert.push(hottest);
    rank.push(copies[hottest]++);
  }
  return { expert, rank, copies };
}

export interface ReferenceShape {
  readonly slots: number;
  readonly groups: number;
  readonly nodes: number;
  readonly gpus: number;
}

/** One layer: expert of each physical slot, which copy it is, copies of each expert. */
export function referencePlace(weights: Weights, shape: ReferenceShape): ReferenceReplication {
  const bound = shape.groups % shape.nodes === 0;
  const [groups, nodes] = bound ? [shape.groups, shape.nodes] : [1, 1];
  const { slots, gpus } = shape;
  const groupSize = weights.length / groups;
  const groupWeights = range(groups).map((g) =>
    weights
      .slice(g * groupSize, (g + 1) * groupSize)
      .reduce((sum, w) => Math.fround(sum + w), 0),
  );
  const { pack: nodeOf, rank: placeOf } = referencePack(groupWeights, nodes);
  const expert = range(slots);
  const rank = range(slots);
  const copies = weights.map(() => 0);
  for (const node of range(nodes)) {
    const own = range(groups)
      .filter((g) => nodeOf[g] === node)
      .sort((a, b) => placeOf[a] - placeOf[b])
      .flatMap((g) => range(groupSize).map((i) => g * groupSize + i));
    const local = referenceReplicate(own.map((e) => weights[e]), slots / nodes);
    const shares = local.expert.map((i) => Math.fround(weights[own[i]] / local.copies[i]));
    const packed = referencePack(shares, gpus / nodes);
    local.expert.forEach((i, slot) => {
      const gpu = (node * gpus) / nodes + packed.pack[slot];
      const at = (gpu * slots) / gpus + packed.rank[slot];
      expert[at] = own[i];
      rank[at] = local.rank[slot];
    });
    own.forEach((e, i) => (copies[e] = local.copies[i]));
  }
  return { expert, rank, copies };
}

/** Least possible max(weight / copies) of experts that share `slots` slots: tries everything. */
export function leastShare(weights: Weights, slots: number): number {
  const [first, ...rest] = weights;
  const most = slots - rest.length;
  if (rest.length === 0) return Math.fround(first / most);
  const shares = range(most).map((i) =>
    Math.max(Math.fround(first / (i + 1)), leastShare(rest, slots - i - 1)),
  );
  return Math.min(...shares);
}

/** All orders of n things. */
export function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((order) =>
    range(n).map((at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  );
}

/**
 * Fewest experts that GPUs must fetch to hold the packs of `to`, and of these the fewest from
 * another node, when the packs of a node may change places, and whole nodes where `bound` ties
 * experts to them.
 */
export function fewestFetches(
  from: readonly number[],
  to: readonly number[],
  gpus: number,
  nodes: number,
  bound: boolean,
): [fetches: number, network: number] {
  const size = from.length / gpus;
  const each = gpus / nodes;
  const pack = (row: readonly number[], gpu: number): Set<number> =>
    new Set(row.slice(gpu * size, (gpu + 1) * size));
  const onNode = (gpu: number): Set<number> => {
    const first = Math.floor(gpu / each) * each;
    return new Set(range(each).flatMap((i) => [...pack(from, first + i)]));
  };
  let best: [number, number] = [Infinity, Infinity];
  for (const order of permutations(gpus)) {
    const whole = range(nodes).every((node) => {
      const members = range(each).map((i) => Math.floor(order[node * each + i] / each));
      return new Set(members).size === 1;
    });
    if (bound && !whole) continue;
    let fetches = 0;
    let network = 0;
    order.forEach((source, gpu) => {
      for (const expert of pack(to, source)) {
        if (pack(from, gpu).has(expert)) continue;
        fetches++;
        if (!onNode(gpu).has(expert)) network++;
      }
    });
    if (fetches < best[0] || (fetches === best[0] && network < best[1])) best = [fetches, network];
  }
  return best;
}
