// SPDX-License-Identifier: Apache-2.0
import { check } from '../core/index.js';
import { divides, float32s, int32s, rowsOf, sized, whole, wordOf } from './expert-arguments.js';
import type { NumericCore } from './numeric-core.js';

const MAX_EXPERTS = 65536;
const MAX_CHOICES = 4096;

/** How tokens travel between ranks. The order is that of assembly/moe/align/traffic.ts. */
export const TRAFFIC_RULES = ['onceARank', 'onceASlot', 'byRelay'] as const;
export type TrafficRule = (typeof TRAFFIC_RULES)[number];

/** Which copy of a replicated expert a token goes to. */
export const COPY_RULES = ['spread', 'nearest'] as const;
export type CopyRule = (typeof COPY_RULES)[number];

/** Slots sorted into blocks of one expert each: the input of a grouped GEMM. */
export interface AlignedSlots {
  /** Slots (token * k + choice), filled up with the number of slots. */
  readonly sorted: Int32Array;
  /** Expert of each block (its local id with a map), -1 for unused blocks. */
  readonly blockExperts: Int32Array;
  /** Slots with padding, a multiple of the block. */
  readonly padded: number;
}

export interface Permutation {
  /** Slot at each place, experts ascending, stable; -1 behind the last. */
  readonly order: Int32Array;
  /** Where each expert begins; one more for the end. */
  readonly offsets: Int32Array;
  /** Place of each slot, -1 for one without an expert. */
  readonly inverse: Int32Array;
  readonly placed: number;
}

export interface DispatchLayout {
  /** Tokens that reach each rank, node; slots of each expert. */
  readonly tokensPerRank: Int32Array;
  readonly tokensPerNode: Int32Array;
  readonly slotsPerExpert: Int32Array;
  /** tokens x ranks, 0 or 1. */
  readonly isTokenInRank: Uint8Array;
}

/** A rank holds experts / ranks consecutive experts, a node ranksPerNode consecutive ranks. */
export interface RankGrid {
  readonly ranks: number;
  /** Default: all ranks on one node. */
  readonly ranksPerNode?: number;
}

export interface TrafficOptions extends RankGrid {
  readonly rule?: TrafficRule;
  /** Rank of each token; default: tokens in equal runs. */
  readonly source?: ArrayLike<number> | null;
}

export interface CopyOptions extends RankGrid {
  readonly rule?: CopyRule;
  readonly source?: ArrayLike<number> | null;
  /** Physical experts, a multiple of the ranks. */
  readonly slots: number;
  /** Physical ids of each expert's copies, -1 behind the last: `log2phy` of a placement. */
  readonly copies: ArrayLike<number>;
}

/** Assignments that an expert takes: ceil(tokens * k * factor / experts). */
export function expertCapacity(
  tokens: number,
  k: number,
  experts: number,
  factor: number,
): number {
  whole('experts', experts, 1, MAX_EXPERTS);
  if (!(factor >= 0) || factor === Infinity) {
    throw new RangeError(`factor: must be a finite number >= 0, got ${factor}`);
  }
  return Math.min(Math.ceil((tokens * k * factor) / experts), 0xffffffff);
}

/**
 * What becomes of chosen experts in memory and on the wire: `ids` are k a token, as an ExpertRouter
 * gives them. Ids that are no expert are left out. See assembly/moe/align.ts.
 *
 * @example
 * const layout = new ExpertLayout(core, { experts: 256, k: 8 });
 * const { sorted, blockExperts } = layout.align(ids, 64);
 */
export class ExpertLayout {
  readonly experts: number;
  readonly k: number;

  constructor(
    private readonly core: NumericCore,
    options: { readonly experts: number; readonly k: number },
  ) {
    this.experts = whole('experts', options.experts, 1, MAX_EXPERTS);
    this.k = whole('k', options.k, 1, MAX_CHOICES);
  }

  /**
   * Sorts slots by expert and pads each expert to blocks. map: local id of each expert, -1 for one
   * that is not here. padSorted: the list of slots ends with a whole block.
   */
  align(
    ids: ArrayLike<number>,
    block: number,
    options: { readonly map?: ArrayLike<number> | null; readonly padSorted?: boolean } = {},
  ): AlignedSlots {
    const slots = int32s('ids', ids);
    const tokens = this.#tokens(slots);
    whole('block', block, 1, 65536);
    const given = options.map ?? null;
    const map = given === null ? null : int32s('map', given);
    if (map !== null) sized('map', map.length, this.experts);
    const pad = options.padSorted === true ? 1 : 0;
    const { exports, scratch } = this.core;
    const cap = exports.moe_align_cap(tokens, this.k, this.experts, block, pad) >>> 0;
    const blocks = Math.ceil(cap / block);
    const [at, mapAt, sorted, blockExperts] = this.#place([
      slots, map ?? 0, cap * 4, blocks * 4,
    ]);
    const padded = exports.moe_align(
      at, tokens, this.k, this.experts, block, pad, map === null ? 0 : mapAt, sorted, blockExperts,
    );
    check('moe_align', padded);
    return {
      sorted: scratch.i32(sorted, cap),
      blockExperts: scratch.i32(blockExperts, blocks),
      padded,
    };
  }

  /** Stable sort of the slots by expert. */
  permute(ids: ArrayLike<number>): Permutation {
    const slots = int32s('ids', ids);
    this.#tokens(slots);
    const n = slots.length;
    const [at, order, offsets, inverse] = this.#place([
      slots, n * 4, (this.experts + 1) * 4, n * 4,
    ]);
    const { exports, scratch } = this.core;
    const placed = exports.moe_permute(at, n, this.experts, order, offsets, inverse);
    check('moe_permute', placed);
    return {
      order: scratch.i32(order, n),
      offsets: scratch.i32(offsets, this.experts + 1),
      inverse: scratch.i32(inverse, n),
      placed,
    };
  }

  /** Rows of the tokens in the order of a permutation; zeros where it has no slot. */
  gather(x: ArrayLike<number>, columns: number, order: ArrayLike<number>): Float32Array {
    const input = float32s(x);
    const tokens = rowsOf('x', input.length, whole('columns', columns, 1, 1 << 24));
    const places = int32s('order', order);
    const n = places.length;
    const [at, orderAt, out] = this.#place([input, places, n * columns * 4]);
    const { exports, scratch } = this.core;
    check('moe_gather', exports.moe_gather(at, tokens, columns, this.k, orderAt, n, out));
    return scratch.f32(out, n * columns);
  }

  /** Weighted sum of each token's rows, first choice first: the way back of `gather`. */
  combine(
    y: ArrayLike<number>,
    columns: number,
    inverse: ArrayLike<number>,
    weights: ArrayLike<number>,
  ): Float32Array {
    const input = float32s(y);
    const rows = rowsOf('y', input.length, whole('columns', columns, 1, 1 << 24));
    const places = int32s('inverse', inverse);
    const tokens = rowsOf('inverse', places.length, this.k);
    const factors = float32s(weights);
    sized('weights', factors.length, places.length);
    const [at, inverseAt, weightsAt, out] = this.#place([
      input, places, factors, tokens * columns * 4,
    ]);
    const { exports, scratch } = this.core;
    const status = exports.moe_combine(
      at, rows, columns, inverseAt, weightsAt, tokens, this.k, out,
    );
    check('moe_combine', status);
    return scratch.f32(out, tokens * columns);
  }

  /**
   * Drops (-1) what exceeds `capacity` assignments an expert: all first choices in token order go
   * before all second choices.
   */
  applyCapacity(
    ids: ArrayLike<number>,
    capacity: number,
  ): { readonly ids: Int32Array; readonly dropped: number } {
    const slots = int32s('ids', ids);
    const tokens = this.#tokens(slots);
    whole('capacity', capacity, 0, 0xffffffff);
    const [at, out] = this.#place([slots, slots.byteLength]);
    const { exports, scratch } = this.core;
    const dropped = exports.moe_capacity(at, tokens, this.k, this.experts, capacity, out);
    check('moe_capacity', dropped);
    return { ids: scratch.i32(out, slots.length), dropped };
  }

  /** Tokens that each rank and node receives: a token counts once a rank and once a node. */
  dispatch(ids: ArrayLike<number>, grid: RankGrid): DispatchLayout {
    const slots = int32s('ids', ids);
    const tokens = this.#tokens(slots);
    const [ranks, perNode] = this.#grid(grid, 'experts', this.experts);
    const nodes = ranks / perNode;
    const [at, perRank, perNodeAt, perExpert, inRank] = this.#place([
      slots, ranks * 4, nodes * 4, this.experts * 4, tokens * ranks,
    ]);
    const { exports, scratch } = this.core;
    const status = exports.moe_dispatch(
      at, tokens, this.k, this.experts, ranks, perNode, perRank, perNodeAt, perExpert, inRank,
    );
    check('moe_dispatch', status);
    return {
      tokensPerRank: scratch.i32(perRank, ranks),
      tokensPerNode: scratch.i32(perNodeAt, nodes),
      slotsPerExpert: scratch.i32(perExpert, this.experts),
      isTokenInRank: scratch.u8(inRank, tokens * ranks),
    };
  }

  /** Physical expert of every slot, where experts have several copies. */
  physical(ids: ArrayLike<number>, options: CopyOptions): Int32Array {
    const slots = int32s('ids', ids);
    const tokens = this.#tokens(slots);
    const count = whole('slots', options.slots, 1, MAX_EXPERTS);
    const [ranks, perNode] = this.#grid(options, 'slots', count);
    const rule = wordOf('rule', COPY_RULES, options.rule ?? 'spread');
    const copies = int32s('copies', options.copies);
    const width = rowsOf('copies', copies.length, this.experts);
    const source = this.#source(options.source, tokens);
    const [at, copiesAt, sourceAt, out] = this.#place([
      slots, copies, source ?? 0, slots.byteLength,
    ]);
    const { exports, scratch } = this.core;
    const status = exports.moe_physical(
      at, tokens, this.k, this.experts, copiesAt, width, count, ranks, perNode,
      source === null ? 0 : sourceAt, rule, out,
    );
    check('moe_physical', status);
    return scratch.i32(out, slots.length);
  }

  /** Copies of tokens from rank to rank: ranks x ranks, row = sender. */
  traffic(ids: ArrayLike<number>, options: TrafficOptions): Int32Array {
    const slots = int32s('ids', ids);
    const tokens = this.#tokens(slots);
    const [ranks, perNode] = this.#grid(options, 'experts', this.experts);
    const rule = wordOf('rule', TRAFFIC_RULES, options.rule ?? 'onceARank');
    const source = this.#source(options.source, tokens);
    const [at, sourceAt, counts] = this.#place([slots, source ?? 0, ranks * ranks * 4]);
    const { exports, scratch } = this.core;
    const status = exports.moe_traffic(
      at, tokens, this.k, this.experts, ranks, perNode, source === null ? 0 : sourceAt, rule,
      counts,
    );
    check('moe_traffic', status);
    return scratch.i32(counts, ranks * ranks);
  }

  #tokens(ids: Int32Array): number {
    return whole('tokens', rowsOf('ids', ids.length, this.k), 0, 0xffffff);
  }

  #grid(grid: RankGrid, name: string, experts: number): [ranks: number, perNode: number] {
    const ranks = whole('ranks', grid.ranks, 1, experts);
    const perNode = whole('ranksPerNode', grid.ranksPerNode ?? ranks, 1, ranks);
    divides(name, experts, 'ranks', ranks);
    divides('ranks', ranks, 'ranksPerNode', perNode);
    return [ranks, perNode];
  }

  #source(source: ArrayLike<number> | null | undefined, tokens: number): Int32Array | null {
    if (source === undefined || source === null) return null;
    const ranks = int32s('source', source);
    sized('source', ranks.length, tokens);
    return ranks;
  }

  /** Places arguments, and makes room for the words that a kernel counts in. */
  #place(items: readonly (ArrayBufferView | number)[]): number[] {
    const at = this.core.scratch.place(items);
    this.core.reserve(this.experts * 8 + 64);
    return at;
  }
}
