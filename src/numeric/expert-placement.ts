// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { divides, float32s, rowsOf, sized, whole } from './expert-arguments.js';
import type { NumericCore } from './numeric-core.js';

const MAX_ITEMS = 65536;

/** Items in packs of equally many. */
export interface Packing {
  readonly pack: Int32Array;
  /** Place of each item in its pack. */
  readonly rank: Int32Array;
}

/** Copies of one layer's experts. */
export interface Replication {
  /** Expert of each slot. */
  readonly expert: Int32Array;
  /** Which of its expert's copies each slot is. */
  readonly rank: Int32Array;
  /** Copies of each expert. */
  readonly copies: Int32Array;
}

export interface PlacementShape {
  readonly experts: number;
  /** Physical experts over all GPUs: slots / gpus on each. */
  readonly slots: number;
  readonly gpus: number;
  readonly nodes?: number;
  /** Groups of experts that stay on one node, when nodes divides them; else all is one node. */
  readonly groups?: number;
}

/** Where the copies of experts stand, a layer behind another. */
export interface Placement {
  readonly layers: number;
  readonly shape: Required<PlacementShape>;
  /** Logical expert of each physical slot: layers x slots. */
  readonly phy2log: Int32Array;
  /** Physical slots of each copy: layers x experts x width, -1 behind the last. */
  readonly log2phy: Int32Array;
  /** Most copies of an expert, over all layers. */
  readonly width: number;
  /** Copies of each expert: layers x experts. */
  readonly copies: Int32Array;
}

function loadsOf(name: string, values: ArrayLike<number>): Float32Array {
  const loads = float32s(values);
  for (let i = 0; i < loads.length; i++) {
    if (loads[i] >= 0) continue;
    throw new RangeError(`${name}[${i}]: must be a number >= 0, got ${loads[i]}`);
  }
  return loads;
}

/** Packs items so that no pack weighs much more than another. See assembly/moe/eplb.ts. */
export function packExperts(
  core: NumericCore,
  weights: ArrayLike<number>,
  packs: number,
): Packing {
  const loads = loadsOf('weights', weights);
  const n = whole('weights.length', loads.length, 1, MAX_ITEMS);
  divides('weights.length', n, 'packs', whole('packs', packs, 1, n));
  const { exports, scratch } = core;
  const [at, pack, rank] = scratch.place([loads, n * 4, n * 4]);
  core.reserve((n + packs) * 16 + 64);
  check('eplb_pack', exports.eplb_pack(at, n, packs, pack, rank));
  return { pack: scratch.i32(pack, n), rank: scratch.i32(rank, n) };
}

/** Gives each further slot to the expert with the most load a copy. */
export function replicateExperts(
  core: NumericCore,
  weights: ArrayLike<number>,
  slots: number,
): Replication {
  const loads = loadsOf('weights', weights);
  const n = whole('weights.length', loads.length, 1, MAX_ITEMS);
  whole('slots', slots, n, MAX_ITEMS);
  const { exports, scratch } = core;
  const [at, expert, rank, copies] = scratch.place([loads, slots * 4, slots * 4, n * 4]);
  check('eplb_replicate', exports.eplb_replicate(at, n, slots, expert, rank, copies));
  return {
    expert: scratch.i32(expert, slots),
    rank: scratch.i32(rank, slots),
    copies: scratch.i32(copies, n),
  };
}

/** The shape with its defaults, or a RangeError. */
export function placementShape(shape: PlacementShape): Required<PlacementShape> {
  const { experts, slots, gpus, nodes = 1, groups = 1 } = shape;
  whole('experts', experts, 1, MAX_ITEMS);
  whole('slots', slots, experts, MAX_ITEMS);
  whole('gpus', gpus, 1, slots);
  whole('nodes', nodes, 1, gpus);
  whole('groups', groups, 1, experts);
  divides('slots', slots, 'gpus', gpus);
  if (groups % nodes === 0) {
    divides('experts', experts, 'groups', groups);
    divides('gpus', gpus, 'nodes', nodes);
  }
  return { experts, slots, gpus, nodes, groups };
}

/** Nodes that bind experts: 1 where the groups cannot be split among the nodes. */
export const bindingNodes = ({ nodes, groups }: Required<PlacementShape>): number =>
  groups % nodes === 0 ? nodes : 1;

/**
 * Places the experts of each layer by their load: EPLB, hierarchical where nodes divides groups,
 * global otherwise. weights: rows of `experts`, a layer each.
 *
 * @example
 * const placement = placeExperts(core, loads, { experts: 256, slots: 288, gpus: 32 });
 * layout.physical(ids, { slots: 288, ranks: 32, copies: placement.log2phy });
 */
export function placeExperts(
  core: NumericCore,
  weights: ArrayLike<number>,
  shape: PlacementShape,
): Placement {
  const full = placementShape(shape);
  const { experts, slots, gpus, nodes, groups } = full;
  const loads = loadsOf('weights', weights);
  const layers = rowsOf('weights', loads.length, experts);
  const phy2log = new Int32Array(layers * slots);
  const ranks = new Int32Array(layers * slots);
  const { exports, scratch } = core;
  for (let layer = 0; layer < layers; layer++) {
    const row = loads.subarray(layer * experts, (layer + 1) * experts);
    const [at, owner, rank, copies] = scratch.place([row, slots * 4, slots * 4, experts * 4]);
    core.reserve((8 * experts + 12 * slots) * 5 + 64);
    const status = exports.eplb_rebalance(
      at, experts, slots, groups, nodes, gpus, owner, rank, copies,
    );
    check('eplb_rebalance', status);
    phy2log.set(scratch.i32(owner, slots), layer * slots);
    ranks.set(scratch.i32(rank, slots), layer * slots);
  }
  return placementOf(full, phy2log, ranks);
}

/**
 * A placement from the expert of each slot. ranks: which copy of its expert each slot is; without,
 * copies are numbered in order of their slots.
 */
export function placementOf(
  shape: PlacementShape,
  phy2log: ArrayLike<number>,
  ranks: ArrayLike<number> | null = null,
): Placement {
  const full = placementShape(shape);
  const { experts, slots } = full;
  const layers = rowsOf('phy2log', phy2log.length, slots);
  const owner = Int32Array.from(phy2log);
  const copies = new Int32Array(layers * experts);
  for (let i = 0; i < owner.length; i++) {
    whole(`phy2log[${i}]`, phy2log[i], 0, experts - 1);
    copies[Math.floor(i / slots) * experts + owner[i]]++;
  }
  const missing = copies.indexOf(0);
  if (missing >= 0) {
    throw new RangeError(
      `phy2log: expert ${missing % experts} of layer ${Math.floor(missing / experts)} has no slot`,
    );
  }
  const width = copies.reduce((most, n) => Math.max(most, n), 1);
  const log2phy = new Int32Array(layers * experts * width).fill(-1);
  const seen = new Int32Array(layers * experts);
  for (let i = 0; i < owner.length; i++) {
    const expert = Math.floor(i / slots) * experts + owner[i];
    const rank = ranks === null ? seen[expert]++ : ranks[i];
    log2phy[expert * width + rank] = i % slots;
  }
  return { layers, shape: full, phy2log: owner, log2phy, width, copies };
}

/**
 * Loads of the GPUs of one layer when each expert's load spreads evenly over its copies, added in
 * order of the slots.
 */
export function gpuLoads(
  placement: Placement,
  layer: number,
  weights: ArrayLike<number>,
): Float64Array {
  const { experts, slots, gpus } = placement.shape;
  whole('layer', layer, 0, placement.layers - 1);
  sized('weights', weights.length, experts);
  const loads = new Float64Array(gpus);
  for (let slot = 0; slot < slots; slot++) {
    const expert = placement.phy2log[layer * slots + slot];
    const share = weights[expert] / placement.copies[layer * experts + expert];
    loads[Math.floor((slot * gpus) / slots)] += share;
  }
  return loads;
}
