// SPDX-License-Identifier: Apache-2.0
import { power } from '../op/numbers.js';
import type { RankLoad } from '../op/routing.js';

/**
 * Mean load of a rank under random routing: experts/ep * (1 - (1 - k/experts)^tokens) experts are
 * touched. Rows are padded to a tile where few tokens meet an expert, else by half a tile.
 */
export function expectedLoad(
  tokens: number,
  topk: number,
  experts: number,
  ranks: number,
): RankLoad {
  const touched = (experts / ranks) * (1 - power(1 - topk / experts, tokens));
  const rows = (tokens * topk) / ranks;
  const padded = (tile: number): number =>
    rows < (tile / 2) * touched ? touched * tile : rows + (tile / 2) * touched;
  return { touched, rows, padded64: padded(64), padded128: padded(128) };
}
