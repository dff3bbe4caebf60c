// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import type { Workload } from '../workload/types.js';

/**
 * The same prompts in blocks of another size, as an engine with that block size caches them.
 *
 * - Smaller blocks: block j of a trace block is named by (its id, j). The end of a prompt that the
 *   trace gives no id, and a partial block at the end, stay out.
 * - Larger blocks: n trace blocks make one, named by the last of them, which names all before it.
 *
 * Both keep "an id names a whole prefix", and the shared head of two prompts is the same number of
 * tokens up to rounding to whole blocks.
 */
export function withBlockSize(workload: Workload, blockSize: number): Workload {
  if (blockSize === workload.blockSize) return workload;
  const { blockSize: traced, turns } = workload;
  const fits = blockSize > 0 && (traced % blockSize === 0 || blockSize % traced === 0);
  if (!Number.isInteger(blockSize) || !fits) {
    const detail = { got: blockSize, allowed: `a divisor or a multiple of ${traced}` };
    throw new UserError('block size does not fit the trace', { path: 'block-size' }, detail);
  }
  const blocks = new Uint32Array(turns.count);
  const prefixBlocks = new Uint32Array(turns.count);
  const prefixTurn = turns.prefixTurn.slice();
  const firstBlock = new Uint32Array(turns.count);
  let uniqueBlocks = 0;
  for (let turn = 0; turn < turns.count; turn++) {
    const named = Math.min(turns.blocks[turn] * traced, turns.inputTokens[turn]);
    blocks[turn] = Math.floor(named / blockSize);
    const shared = Math.floor((turns.prefixBlocks[turn] * traced) / blockSize);
    const source = prefixTurn[turn];
    // A partial last block that two prompts share is cut off on both sides.
    prefixBlocks[turn] = source < 0 ? 0 : Math.min(shared, blocks[turn], blocks[source]);
    if (prefixBlocks[turn] === 0) prefixTurn[turn] = -1;
    firstBlock[turn] = uniqueBlocks;
    uniqueBlocks += blocks[turn] - prefixBlocks[turn];
  }
  if (uniqueBlocks >= 2 ** 31) {
    throw new UserError('too many distinct blocks of this size', { path: 'block-size' });
  }
  const regrouped = { ...turns, blocks, prefixBlocks, prefixTurn, firstBlock };
  return { ...workload, blockSize, uniqueBlocks, turns: regrouped };
}
