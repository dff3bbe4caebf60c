// SPDX-License-Identifier: Apache-2.0
/**
 * `kvloom bench kv`: block pool and radix tree beside our own C++ and what the Python engines take
 * for the same work, in batches on 100,000 blocks and on recorded streams.
 */
import type { BenchCase } from './case.js';
import { streamCase } from './cases/kv-stream.js';
import { benchCases, runKernels } from './kernels.js';
import type { KernelOptions, KernelResult, NativeRunner } from './kernels.js';
import type { RequestStream } from './stream.js';

/** wasm / native that a release must keep: the SIMD build, and the scalar one. */
export const KV_BAR = 1.25;
export const KV_SCALAR_BAR = 1.6;

/** A stream with the requests that stay alive, and the name of what was published about it. */
export interface KvStream {
  readonly stream: RequestStream;
  readonly window: number;
  readonly published: 'conversation' | 'weka10' | null;
}

/**
 * What the engines' own Python takes, ns a block (one figure, or from .. to): vLLM's pool, SGLang's
 * tree. Measured 2026-11-20 on a 2-core AMD EPYC VM (CPU family 26) with other jobs running,
 * Python 3.11.2; those of streams on the complete public traces.
 */
export const ENGINES_MEASURED = '2026-11-20, 2-core AMD EPYC VM, Python 3.11.2';

const ENGINES: Readonly<Record<string, readonly number[]>> = {
  'pool.alloc-free': [350, 580],
  'pool.cycle': [1430, 2150],
  'pool.lookup': [820, 1040],
  'pool.hit': [980, 1600],
  'pool conversation': [1262],
  'pool weka10': [411],
  'tree conversation': [10_711],
  'tree weka10': [242],
};

export interface KvResult extends KernelResult {
  /** Name of the stream; null for batches. */
  readonly stream: string | null;
  readonly scalarBar: number;
  /** ns a block of vLLM (pool) or SGLang (tree), one figure or a range; null: none known. */
  readonly engine: readonly number[] | null;
}

const BATCHES = ['alloc-free', 'cycle', 'lookup', 'hit'];

/** Blocks of the two sizes that a stream is served with. */
const ROOMY = 50_000;
const TIGHT = 16_384;

/** The case of an id: one of the kernel cases, or a stream on blocks and with a window. */
export function findCase(id: string): BenchCase | null {
  const known = benchCases.find((each) => each.id === id);
  if (known !== undefined) return known;
  const match = /^(pool|tree)\.stream-(\d+)-(\d+)$/.exec(id);
  if (match === null) return null;
  const family = match[1] === 'pool' ? 'pool' : 'tree';
  return streamCase(family, { blocks: Number(match[2]), window: Number(match[3]) });
}

/** Blocks that a stream is served with: room for many contexts, and for little more than one. */
export function streamSizes(stream: RequestStream): number[] {
  const least = (blocks: number): number => {
    let size = blocks;
    while (size < stream.longest + 2) size *= 2;
    return size;
  };
  return [...new Set([least(ROOMY), least(TIGHT)])];
}

/** The cases of a stream. A pool has its null block on top. */
export function streamCases({ stream, window }: KvStream): BenchCase[] {
  return streamSizes(stream).flatMap((blocks) => [
    streamCase('pool', { blocks: blocks + 1, window }),
    streamCase('tree', { blocks, window }),
  ]);
}

export function batchCases(): BenchCase[] {
  const names = ['pool', 'tree'].flatMap((family) => BATCHES.map((name) => `${family}.${name}`));
  return benchCases.filter(({ id }) => names.includes(id));
}

export interface KvOptions extends Omit<KernelOptions, 'stream' | 'native'> {
  readonly streams: readonly KvStream[];
  /** The native side for a stream; null where there is none. */
  readonly native: (stream: RequestStream) => Promise<NativeRunner | null>;
}

/** Rounds that `runKv` will go through, for a progress bar. */
export function kvRounds({ streams, rounds }: KvOptions): number {
  const cases = streams.reduce((sum, each) => sum + streamCases(each).length, 0);
  return (cases + batchCases().length) * rounds;
}

/** All rows: the batches, then each stream. */
export async function runKv(options: KvOptions): Promise<KvResult[]> {
  const { streams, native, ...rest } = options;
  const results: KvResult[] = [];
  const none = streams[0].stream;
  const batches = await runKernels(batchCases(), {
    ...rest,
    stream: none,
    native: await native(none),
  });
  for (const result of batches) results.push(row(result, null, ENGINES[result.id] ?? null));
  for (const each of streams) {
    const { stream, published } = each;
    const cases = streamCases(each);
    const side = await native(stream);
    for (const result of await runKernels(cases, { ...rest, stream, native: side })) {
      const engine = roomy(result) ? ENGINES[`${result.id.slice(0, 4)} ${published}`] : undefined;
      results.push(row(result, stream.name, engine ?? null));
    }
  }
  return results;
}

/** The published figures are of 50,000 blocks. */
function roomy({ id }: KernelResult): boolean {
  return id.includes(`-${ROOMY}-`) || id.includes(`-${ROOMY + 1}-`);
}

function row(
  result: KernelResult,
  stream: string | null,
  engine: readonly number[] | null,
): KvResult {
  return { ...result, bar: KV_BAR, stream, scalarBar: KV_SCALAR_BAR, engine };
}
