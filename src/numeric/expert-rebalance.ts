// SPDX-License-Identifier: Apache-2.0
/**
 * Rebalancing that moves no more than it must.
 *
 * EPLB packs from nothing: taken literally, its answer to slightly other loads moves nearly every
 * expert. Two candidates move less. Its packs can be matched to the GPUs such that the fewest
 * experts are fetched from elsewhere (an assignment problem, solved exactly: packs of a node are
 * interchangeable, and so are nodes). Or the old placement is repaired step by step until its
 * busiest GPU carries about as little as EPLB's. And nothing moves at all unless the busiest GPU
 * gets enough out of it.
 */
import { bestAssignment } from './assignment.js';
import { sized, whole } from './expert-arguments.js';
import { bindingNodes, gpuLoads, placeExperts, placementOf } from './expert-placement.js';
import type { Placement } from './expert-placement.js';
import type { NumericCore } from './numeric-core.js';
import { patchRow } from './rebalance-patch.js';

export interface RebalanceOptions {
  /** Bytes of one expert's weights in one layer. */
  readonly expertBytes: number;
  /** Least share of the busiest GPU's load that a layer must win to be moved. Default 0.02. */
  readonly minGain?: number;
  /**
   * How much more than EPLB's the busiest GPU of another placement may carry: a layer that is so
   * near stays, and is repaired just so far. Default 0.05.
   */
  readonly tolerance?: number;
}

/** What became of one layer. */
export interface LayerRebalance {
  readonly moved: boolean;
  /** Kept as it was, repaired, or EPLB's packs. */
  readonly plan: 'kept' | 'patched' | 'packed';
  /** Load of the busiest GPU under the new loads: as it was, and as EPLB would have it. */
  readonly before: number;
  readonly proposed: number;
  /** Load of the busiest GPU from now on. */
  readonly after: number;
  /** Experts that a GPU fetches from another of its node, and from another node. */
  readonly nodeMoves: number;
  readonly networkMoves: number;
}

export interface Rebalance {
  readonly placement: Placement;
  readonly layers: readonly LayerRebalance[];
  readonly bytes: number;
  readonly nodeBytes: number;
  readonly networkBytes: number;
}

type Row = Int32Array;

const ROUNDING = 1e-12;

/** What a layer could become. */
interface Candidate {
  readonly plan: 'patched' | 'packed';
  readonly row: Row;
  readonly peak: number;
  readonly moves: Moves;
}

/**
 * Adapts a placement to new loads, layer by layer. A layer stays as it is when EPLB's answer is no
 * better, or is by less than `tolerance`, or when its busiest GPU would win less than `minGain` of
 * its load. Of the candidates within `tolerance` of the best, the one that fetches the fewest
 * experts is taken.
 */
export function rebalanceExperts(
  core: NumericCore,
  old: Placement,
  weights: ArrayLike<number>,
  options: RebalanceOptions,
): Rebalance {
  const { experts, slots } = old.shape;
  const { minGain = 0.02, tolerance = 0.05 } = options;
  const expertBytes = whole('expertBytes', options.expertBytes, 1, 2 ** 48);
  if (!(minGain >= 0 && minGain < 1)) {
    throw new RangeError(`minGain: must be a number from 0 to below 1, got ${minGain}`);
  }
  if (!(tolerance >= 0 && tolerance <= 1)) {
    throw new RangeError(`tolerance: must be a number from 0 to 1, got ${tolerance}`);
  }
  sized('weights', weights.length, old.layers * experts);
  const proposal = placeExperts(core, weights, old.shape);
  const phy2log = old.phy2log.slice();
  const layers: LayerRebalance[] = [];
  for (let layer = 0; layer < old.layers; layer++) {
    const loads = Array.from({ length: experts }, (_, e) => weights[layer * experts + e]);
    const rowOf = (placement: Placement): Row =>
      placement.phy2log.slice(layer * slots, (layer + 1) * slots);
    const from = rowOf(old);
    const before = peakOf(old.shape, from, loads);
    const proposed = peakOf(old.shape, rowOf(proposal), loads);
    const near = proposed * (1 + tolerance);
    const candidates: Candidate[] = [];
    // Sums that differ in their last bits move nothing; what was balanced once stays.
    if (before > near * (1 + ROUNDING)) {
      const packed = settle(old.shape, from, rowOf(proposal));
      candidates.push(candidate(old.shape, 'packed', from, packed, loads));
      const target = Math.min(near, before * (1 - minGain));
      const patched = patchRow(old.shape, from, loads, target);
      if (patched !== null) candidates.push(candidate(old.shape, 'patched', from, patched, loads));
    }
    const enough = candidates.filter(({ peak }) => before - peak >= minGain * before);
    const chosen = cheapest(enough, tolerance);
    if (chosen !== null) phy2log.set(chosen.row, layer * slots);
    layers.push({
      moved: chosen !== null, plan: chosen?.plan ?? 'kept', before, proposed,
      after: chosen?.peak ?? before, ...(chosen?.moves ?? { nodeMoves: 0, networkMoves: 0 }),
    });
  }
  return resultOf(old.shape, phy2log, layers, expertBytes);
}

function resultOf(
  shape: Placement['shape'],
  phy2log: Row,
  layers: readonly LayerRebalance[],
  expertBytes: number,
): Rebalance {
  const sum = (of: (layer: LayerRebalance) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0) * expertBytes;
  const nodeBytes = sum(({ nodeMoves }) => nodeMoves);
  const networkBytes = sum(({ networkMoves }) => networkMoves);
  const placement = placementOf(shape, phy2log);
  return { placement, layers, bytes: nodeBytes + networkBytes, nodeBytes, networkBytes };
}

function peakOf(shape: Placement['shape'], row: Row, loads: readonly number[]): number {
  return gpuLoads(placementOf(shape, row), 0, loads).reduce((most, x) => Math.max(most, x), 0);
}

function candidate(
  shape: Placement['shape'],
  plan: Candidate['plan'],
  from: Row,
  to: Row,
  loads: readonly number[],
): Candidate {
  const { slots, gpus } = shape;
  const row = new Int32Array(slots);
  for (let gpu = 0; gpu < gpus; gpu++) {
    row.set(inPlace(packOf(shape, from, gpu), packOf(shape, to, gpu)), (gpu * slots) / gpus);
  }
  return { plan, row, peak: peakOf(shape, row, loads), moves: countMoves(shape, from, row) };
}

/** Fewest fetches, then fewest from afar, then least load, among those near the best. */
function cheapest(candidates: readonly Candidate[], tolerance: number): Candidate | null {
  const least = candidates.reduce((best, { peak }) => Math.min(best, peak), Infinity);
  const order = ({ moves, peak }: Candidate): number[] => [
    moves.nodeMoves + moves.networkMoves, moves.networkMoves, peak,
  ];
  const near = candidates.filter(({ peak }) => peak <= least * (1 + tolerance));
  return near.reduce<Candidate | null>((best, one) => {
    if (best === null) return one;
    const [a, b] = [order(one), order(best)];
    const at = a.findIndex((x, i) => x !== b[i]);
    return at >= 0 && a[at] < b[at] ? one : best;
  }, null);
}

interface Moves {
  readonly nodeMoves: number;
  readonly networkMoves: number;
}

/** What GPUs and nodes hold of one layer. */
class Holdings {
  readonly #gpus: Set<number>[];
  readonly #nodes: Set<number>[];

  constructor(
    private readonly shape: Placement['shape'],
    row: Row,
  ) {
    const { gpus, nodes } = shape;
    this.#gpus = Array.from({ length: gpus }, (_, gpu) => new Set(packOf(shape, row, gpu)));
    this.#nodes = Array.from({ length: nodes }, () => new Set());
    this.#gpus.forEach((experts, gpu) => {
      for (const expert of experts) this.#nodes[this.#nodeOf(gpu)].add(expert);
    });
  }

  #nodeOf(gpu: number): number {
    return Math.floor((gpu * this.shape.nodes) / this.shape.gpus);
  }

  /** What a GPU must fetch before it can hold a pack; a second copy is made from the first. */
  fetches(gpu: number, pack: ReadonlySet<number>): Moves {
    const here = this.#gpus[gpu];
    const near = this.#nodes[this.#nodeOf(gpu)];
    let nodeMoves = 0;
    let networkMoves = 0;
    for (const expert of pack) {
      if (here.has(expert)) continue;
      if (near.has(expert)) nodeMoves++;
      else networkMoves++;
    }
    return { nodeMoves, networkMoves };
  }
}

function packOf({ slots, gpus }: Placement['shape'], row: Row, gpu: number): Row {
  const size = slots / gpus;
  return row.subarray(gpu * size, (gpu + 1) * size);
}

/**
 * The new packs on GPUs (of nodes) such that the fewest experts are fetched, and of these the
 * fewest from another node.
 */
function settle(shape: Placement['shape'], from: Row, to: Row): Row {
  const { slots, gpus } = shape;
  const bound = bindingNodes(shape);
  const each = gpus / bound;
  const holdings = new Holdings(shape, from);
  const packs = Array.from({ length: gpus }, (_, gpu) => new Set(packOf(shape, to, gpu)));
  const plans = new Map<number, readonly number[]>();
  const gainOfNodes = (a: number, b: number): number => {
    const gain = (i: number, j: number): number => {
      const moves = holdings.fetches(a * each + i, packs[b * each + j]);
      return -(moves.nodeMoves * (slots + 1) + moves.networkMoves * (slots + 2));
    };
    const plan = bestAssignment(each, gain);
    plans.set(a * bound + b, plan);
    return plan.reduce((sum, j, i) => sum + gain(i, j), 0);
  };
  const result = new Int32Array(slots);
  bestAssignment(bound, gainOfNodes).forEach((b, a) => {
    plans.get(a * bound + b)!.forEach((j, i) => {
      result.set(packOf(shape, to, b * each + j), ((a * each + i) * slots) / gpus);
    });
  });
  return result;
}

/** The new pack with each expert that stays in the slot where it stands. */
function inPlace(from: Row, to: Row): Row {
  const left = [...to];
  const row = from.map((expert) => {
    const at = left.indexOf(expert);
    if (at < 0) return -1;
    left.splice(at, 1);
    return expert;
  });
  return row.map((expert) => (expert < 0 ? left.shift()! : expert));
}

function countMoves(shape: Placement['shape'], from: Row, to: Row): Moves {
  const holdings = new Holdings(shape, from);
  let nodeMoves = 0;
  let networkMoves = 0;
  for (let gpu = 0; gpu < shape.gpus; gpu++) {
    const moves = holdings.fetches(gpu, new Set(packOf(shape, to, gpu)));
    nodeMoves += moves.nodeMoves;
    networkMoves += moves.networkMoves;
  }
  return { nodeMoves, networkMoves };
}
