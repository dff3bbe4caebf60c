// SPDX-License-Identifier: Apache-2.0
/** Event heap, the hold model: so many events are pending, each step pops one and pushes one. */
import { EventHeap } from '../../core/index.js';
import type { Core } from '../../core/index.js';
import { Checksum } from '../checksum.js';
import { SEED } from '../case.js';
import type { BenchCase, BenchTask } from '../case.js';
import { Random } from '../random.js';

/** Offset of the record popped last in the header of a heap. */
const POPPED = 24;
const DELAYS = 4096;

function hold(core: Core, pending: number, ops: number): BenchTask {
  const { handle } = new EventHeap(core, pending);
  const { heap_push, heap_pop, heap_clear } = core.exports;
  const random = new Random(SEED);
  const delays = Float64Array.from({ length: DELAYS }, () => 1 + random.below(1_000_000));
  const time = (handle + POPPED) >> 3;
  const payload = (handle + POPPED + 16) >> 2;
  let seq = 0;
  const setup = (): void => {
    heap_clear(handle);
    for (seq = 0; seq < pending; seq++) {
      heap_push(handle, delays[seq & (DELAYS - 1)], seq & 3, seq, seq, 0);
    }
  };
  const run = (): void => {
    const { f64, u32 } = core;
    for (let i = 0; i < ops; i++) {
      heap_pop(handle);
      const at = f64[time] + delays[seq & (DELAYS - 1)];
      heap_push(handle, at, seq & 3, seq, u32[payload], 0);
      seq++;
    }
  };
  const check = (): number => {
    const sum = new Checksum();
    while (heap_pop(handle) === 0) sum.add(core.u32[payload]);
    return sum.value;
  };
  return { units: ops, setup, run, check };
}

function build(pending: number): BenchCase {
  const ops = 100_000;
  return {
    id: `heap.hold-${pending}`,
    family: 'heap',
    kernel: 'event-heap',
    title: `pop + push, ${pending} pending`,
    unit: 'event',
    native: 'heap.hold',
    parameters: { pending, ops },
    streamed: false,
    prepare: (core) => hold(core, pending, ops),
  };
}

export const eventHeapCases: readonly BenchCase[] = [64, 1024, 16_384].map(build);
