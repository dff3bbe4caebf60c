// SPDX-License-Identifier: Apache-2.0
import { Random } from './random.js';

/**
 * Requests in time order, each as the full list of its block ids: what a prefix cache is asked.
 * An id is a u32 that names a whole prefix.
 */
export interface RequestStream {
  /** What it is, for the report. */
  readonly name: string;
  /** `start[r] .. start[r+1]` are the ids of request r. */
  readonly start: Uint32Array;
  readonly ids: Uint32Array;
  /** Ids of the longest request. */
  readonly longest: number;
}

export function makeStream(name: string, requests: readonly ArrayLike<number>[]): RequestStream {
  const start = new Uint32Array(requests.length + 1);
  let longest = 0;
  requests.forEach(({ length }, r) => {
    start[r + 1] = start[r] + length;
    longest = Math.max(longest, length);
  });
  const ids = new Uint32Array(start[requests.length]);
  requests.forEach((request, r) => ids.set(request, start[r]));
  return { name, start, ids, longest };
}

/** The file that the native side reads: u32 requests, then for each u32 n and n u64 ids. */
export function encodeStream(stream: RequestStream): Uint8Array {
  const { start, ids } = stream;
  const requests = start.length - 1;
  const words = new Uint32Array(1 + requests + 2 * ids.length);
  let at = 0;
  words[at++] = requests;
  for (let r = 0; r < requests; r++) {
    words[at++] = start[r + 1] - start[r];
    for (let i = start[r]; i < start[r + 1]; i++, at += 2) words[at] = ids[i];
  }
  return new Uint8Array(words.buffer);
}

export interface SessionOptions {
  readonly sessions: number;
  readonly turns: number;
  /** Blocks that all sessions share, that a session starts with, and that a turn adds at most. */
  readonly shared: number;
  readonly first: number;
  readonly added: number;
}

/** Agent sessions that take turns at random; each turn repeats its context and adds to it. */
export function generateSessions(seed: number, options: SessionOptions): RequestStream {
  const { sessions, turns, shared, first, added } = options;
  const random = new Random(seed);
  let nextId = 1;
  const fresh = (n: number): number[] => Array.from({ length: n }, () => nextId++);
  const prompt = fresh(shared);
  const contexts = Array.from({ length: sessions }, () => [...prompt, ...fresh(first)]);
  const requests = Array.from({ length: sessions * turns }, () => {
    const context = contexts[random.below(sessions)];
    // Now and then the end of the context is rewritten, as a compaction does.
    if (random.below(40) === 0) context.length -= random.below(context.length >> 1);
    context.push(...fresh(1 + random.below(added)));
    return Uint32Array.from(context);
  });
  return makeStream(`generated, seed ${seed}`, requests);
}
