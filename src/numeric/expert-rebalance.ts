// SPDX-License-Identifier: Apache-2.0
/**
 * Rebalancing that moves no more than it must.
 *
 * EPLB answers the same loads with the same packs, but under other numbers: taken literally, a new
 * placement moves nearly every expert. Packs of a node are interchangeable, and so are nodes. So
 * the new packs are matched to the GPUs such that the fewest experts are fetched from elsewhere (an
 * assignment problem, solved exactly), and nothing moves at all unless the busiest GPU gets enough
 * out of it.
 */
import { bestAssignment } from './assignment.js';
import { sized, whole } from './expert-arguments.js';
import { bindingNodes, gpuLoads, placeExperts, placementOf } from './expert-placement.js';
import type { Placement } from './expert-placement.js';
import type { NumericCore } from './numeric-core.js';

export interface RebalanceOptions {
  /** Bytes of one expert's weights in one layer. */
  readonly expertBytes: number;
  /** Least share of the busiest GPU's load that a layer must win to be moved. Default 0.05. */
  readonly minGain?: number;
}

/** What became of one layer. */
export interface LayerRebalance {
  readonly moved: boolean;
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

const peak = (loads: Float64Array): number => loads.reduce((most, x) => Math.max(most, x), 0);

/**
 * Adapts a placement to new loads, layer by layer. A layer stays as it is when EPLB's answer is not
 * better for its busiest GPU, or better by less than `minGain` of its load.
 */
export function rebalanceExperts(
  core: NumericCore,
  old: Placement,
  weights: ArrayLike<number>,
  options: RebalanceOptions,
): Rebalance {
  const { experts, slots } = old.shape;
  const minGain = options.minGain ?? 0.05;
  if (!(minGain >= 0 && minGain < 1)) {
    throw new RangeError(`minGain: must be a number from 0 to below 1, got ${minGain}`);
  }
  const expertBytes = whole('expertBytes', options.expertBytes, 1, 2 ** 48);
  sized('weights', weights.length, old.layers * experts);
  const proposal = placeExperts(core, weights, old.shape);
  const phy2log = old.phy2log.slice();
  const layers: LayerRebalance[] = [];
  for (let layer = 0; layer < old.layers; layer++) {
    const loads = Array.from({ length: experts }, (_, e) => weights[layer * experts + e]);
    const before = peak(gpuLoads(old, layer, loads));
    const proposed = peak(gpuLoads(proposal, layer, loads));
    // Loads of 0 and sums that differ in their last bits move nothing.
    const moved = proposed < before && before - proposed >= minGain * before;
    let moves: Moves = { nodeMoves: 0, networkMoves: 0 };
    if (moved) {
      const from = old.phy2log.slice(layer * slots, (layer + 1) * slots);
      const to = proposal.phy2log.slice(layer * slots, (layer + 1) * slots);
      const row = settle(old.shape, from, to);
      moves = countMoves(old.shape, from, row);
      phy2log.set(row, layer * slots);
    }
    layers.push({ moved, before, proposed, after: moved ? proposed : before, ...moves });
  }
  const nodeBytes = layers.reduce((sum, { nodeMoves }) => sum + nodeMoves, 0) * expertBytes;
  const networkBytes =
    layers.reduce((sum, { networkMoves }) => sum + networkMoves, 0) * expertBytes;
  return {
    placement: placementOf(old.shape, phy2log),
    layers,
    bytes: nodeBytes + networkBytes,
    nodeBytes,
    networkBytes,
  };
}

type Row = Int32Array;

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
      const gpu = a * each + i;
      const row = inPlace(packOf(shape, from, gpu), packOf(shape, to, b * each + j));
      result.set(row, (gpu * slots) / gpus);
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
