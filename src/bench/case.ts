// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/index.js';
import type { RequestStream } from './stream.js';

export type Family = 'pool' | 'tree' | 'heap' | 'hash' | 'manager' | 'router' | 'tier';

/**
 * One benchmark, run by three builds that do the same work: the SIMD and the scalar kernels, called
 * from JavaScript as the simulator calls them, and the same algorithm in C++ (bench/native).
 */
export interface BenchCase {
  /** Unique: native case, and what tells it from its siblings. */
  readonly id: string;
  readonly family: Family;
  /** Host file of the kernel under test. */
  readonly kernel:
    | 'block-pool' | 'radix-tree' | 'event-heap' | 'hash' | 'kv-manager' | 'router-index'
    | 'tier-store';
  readonly title: string;
  /** What one unit of work is: results are ns a unit. */
  readonly unit: 'block' | 'page' | 'event' | 'request';
  /** Case of bench/native/main.cpp, where there is one. */
  readonly native?: string;
  /** Sizes, passed to both sides. */
  readonly parameters: Readonly<Record<string, number>>;
  /** True when it replays the request stream. */
  readonly streamed: boolean;
  /** wasm / native that a release must keep, where there is one. */
  readonly bar?: number;
  readonly prepare: (core: Core, stream: RequestStream) => BenchTask;
}

/** A prepared benchmark on one core. */
export interface BenchTask {
  /** Units of work in one `run`. */
  readonly units: number;
  /** Before each run, not timed. */
  readonly setup: () => void;
  readonly run: () => void;
  /** A sum over what the first `setup` and `run` did: equal on all builds. */
  readonly check: () => number;
  /** What a served stream came to, where the task serves one. */
  readonly totals?: () => StreamTotals;
}

/** What a cache made of a stream of requests. */
export interface StreamTotals {
  readonly requests: number;
  readonly blocks: number;
  /** Blocks found, of the requests that were served. */
  readonly hits: number;
  readonly evicted: number;
  /** Requests that found no room. */
  readonly skipped: number;
  /** CRC-32 of the hits of each request, as little-endian u32. */
  readonly crc: number;
}

export const PER_OP = 16;
export const SEED = 12345;

/** For kernel calls inside a benchmark: anything but the expected status is a broken bench. */
export function expectStatus(operation: string, status: number): void {
  if (status < 0) throw new Error(`bench: ${operation} answered ${status}`);
}
