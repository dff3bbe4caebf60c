// SPDX-License-Identifier: Apache-2.0
/** `kvloom bench router-trace`: both forms of the router index on recorded requests. */
import type { RouterStreamResult } from '../bench/index.js';
import { breathe, interrupted } from './context.js';
import type { GlobalOptions } from './context.js';
import { startProgress } from './progress.js';

const WORKERS = 64;
/** Blocks that a worker caches: room for many contexts, and for few. */
const SIZES = [16_384, 1024] as const;
/** Passes that count. */
const ROUNDS = { quick: 1, full: 5 } as const;

/** The conversation where it is at hand, else the last of the streams of kv; or the named files. */
export async function benchRouterTrace(
  options: { readonly quick?: boolean; readonly trace?: readonly string[] },
  globals: GlobalOptions,
): Promise<RouterStreamResult[]> {
  const { runRouterStream } = await import('../bench/index.js');
  const { loadKvStreams } = await import('../node/kv-streams.js');
  const { loadCore } = await import('../core/load.js');
  const found = await loadKvStreams(options.trace);
  const conversation = found.find(({ published }) => published === 'conversation');
  const streams = options.trace === undefined ? [conversation ?? found[found.length - 1]] : found;
  const rounds = options.quick === true ? ROUNDS.quick : ROUNDS.full;
  const results: RouterStreamResult[] = [];
  const progress = startProgress('measuring', globals);
  try {
    for (const { stream } of streams) {
      for (const blocks of SIZES) {
        const size = { workers: WORKERS, blocks, rounds };
        results.push(...runRouterStream(loadCore(), stream, size, () => performance.now()));
        progress.update(results.length, streams.length * SIZES.length * 2, stream.name);
        await breathe();
        interrupted.throwIfAborted();
      }
    }
  } finally {
    progress.stop();
  }
  return results;
}
