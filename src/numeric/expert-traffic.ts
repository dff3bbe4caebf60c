// SPDX-License-Identifier: Apache-2.0
import { sized, whole } from './expert-arguments.js';
import type { ExpertLayout, TrafficOptions } from './expert-layout.js';

/** Formats of the hidden state on the wire. */
export type WireFormat = 'f32' | 'bf16' | 'fp8' | 'nvfp4';

/** Bytes of a token with `hidden` channels: fp8 has an f32 scale a 128, nvfp4 a byte a 16. */
export function tokenBytes(hidden: number, format: WireFormat): number {
  whole('hidden', hidden, 1, 1 << 24);
  if (format === 'f32') return hidden * 4;
  if (format === 'bf16') return hidden * 2;
  if (format === 'fp8') return hidden + Math.ceil(hidden / 128) * 4;
  if (format === 'nvfp4') return Math.ceil(hidden / 2) + Math.ceil(hidden / 16);
  throw new RangeError(`format: must be one of f32, bf16, fp8, nvfp4, got ${String(format)}`);
}

export interface ExchangeOptions extends TrafficOptions {
  /** Bytes of a token on its way to the experts, and of an answer. */
  readonly dispatchBytes: number;
  readonly combineBytes: number;
}

/** What one expert-parallel layer moves. Matrices are ranks x ranks, row = sender. */
export interface Exchange {
  readonly ranks: number;
  /** Copies of tokens on the way to the experts; the diagonal needs no link. */
  readonly copies: Int32Array;
  /** Bytes; the diagonal is 0. */
  readonly dispatch: Float64Array;
  readonly combine: Float64Array;
  /** Bytes in both directions between ranks of one node, and between nodes. */
  readonly nodeBytes: number;
  readonly networkBytes: number;
  /** Bytes that the busiest rank sends or receives, whichever is more, a phase. */
  readonly busiestDispatch: number;
  readonly busiestCombine: number;
}

/** Byte matrices of dispatch and combine. Answers take the way of the tokens back. */
export function exchangeOf(
  layout: ExpertLayout,
  ids: ArrayLike<number>,
  options: ExchangeOptions,
): Exchange {
  const { ranks, ranksPerNode = ranks, dispatchBytes, combineBytes } = options;
  whole('dispatchBytes', dispatchBytes, 0, 2 ** 32);
  whole('combineBytes', combineBytes, 0, 2 ** 32);
  const copies = layout.traffic(ids, options);
  const dispatch = new Float64Array(ranks * ranks);
  const combine = new Float64Array(ranks * ranks);
  let nodeBytes = 0;
  let networkBytes = 0;
  for (let from = 0; from < ranks; from++) {
    for (let to = 0; to < ranks; to++) {
      if (from === to) continue;
      const count = copies[from * ranks + to];
      dispatch[from * ranks + to] = count * dispatchBytes;
      combine[to * ranks + from] = count * combineBytes;
      const bytes = count * (dispatchBytes + combineBytes);
      const near = Math.floor(from / ranksPerNode) === Math.floor(to / ranksPerNode);
      if (near) nodeBytes += bytes;
      else networkBytes += bytes;
    }
  }
  return {
    ranks, copies, dispatch, combine, nodeBytes, networkBytes,
    busiestDispatch: busiest(dispatch, ranks),
    busiestCombine: busiest(combine, ranks),
  };
}

function busiest(matrix: Float64Array, ranks: number): number {
  let most = 0;
  for (let r = 0; r < ranks; r++) {
    let sent = 0;
    let received = 0;
    for (let other = 0; other < ranks; other++) {
      sent += matrix[r * ranks + other];
      received += matrix[other * ranks + r];
    }
    most = Math.max(most, sent, received);
  }
  return most;
}

/** Loads of ranks: how far the busiest is from the mean. 1 is even; 1 as well without any load. */
export function imbalance(loads: ArrayLike<number>): number {
  let sum = 0;
  let most = 0;
  for (let i = 0; i < loads.length; i++) {
    sum += loads[i];
    most = Math.max(most, loads[i]);
  }
  return sum > 0 ? (most * loads.length) / sum : 1;
}

/** Sums of consecutive equal runs: loads of ranks from those of their physical experts. */
export function rankLoads(loads: ArrayLike<number>, ranks: number): Float64Array {
  whole('ranks', ranks, 1, Math.max(1, loads.length));
  const size = Math.floor(loads.length / ranks);
  sized('loads', loads.length, size * ranks);
  const sums = new Float64Array(ranks);
  for (let i = 0; i < loads.length; i++) sums[Math.floor(i / size)] += loads[i];
  return sums;
}
