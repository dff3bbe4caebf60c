// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest';
import { UserError } from '../../src/core/user-error.js';
import {
  type ReadOptions, type Workload, copyChain, readWorkload,
} from '../../src/workload/index.js';

/** A text as chunks of `size` bytes. */
export function* chunked(text: string, size = 7): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function lines(...records: unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** Reads a trace that stands in the test. */
export function read(text: string, options: Partial<ReadOptions> = {}): Promise<Workload> {
  return readWorkload(chunked(text, 4096), { file: 'trace', ...options });
}

/** The `UserError` message of a trace that must not be readable. */
export async function refusal(text: string, options: Partial<ReadOptions> = {}): Promise<string> {
  const error = await read(text, options).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

/** Dense block ids of a turn's prompt. */
export function chain(workload: Workload, turn: number): number[] {
  const ids = new Uint32Array(workload.turns.blocks[turn]);
  copyChain(workload, turn, 0, ids.length, ids, 0);
  return [...ids];
}

/** What a turn waits for, as [turn, trigger, delay in s]. */
export function waits(workload: Workload, turn: number): [number, string, number][] {
  const { start, turn: source, trigger, delayNs } = workload.dependencies;
  const out: [number, string, number][] = [];
  for (let d = start[turn]; d < start[turn + 1]; d++) {
    out.push([source[d], trigger[d] === 0 ? 'completion' : 'dispatch', delayNs[d] / 1e9]);
  }
  return out;
}
