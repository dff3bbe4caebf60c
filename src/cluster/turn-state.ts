// SPDX-License-Identifier: Apache-2.0
import type { StateRegistry } from '../engine/index.js';

/** Where a request is in its life. */
export const Phase = { pending: 0, waiting: 1, running: 2, done: 3 } as const;

/** State of every request (turn), one column a field. Times in ns, -1 before they happen. */
export class TurnState {
  readonly phase: Uint8Array;
  readonly replica: Int32Array;
  /** When the request reached the router. */
  readonly readyNs: Float64Array;
  /** First admission to a batch. */
  readonly admittedNs: Float64Array;
  readonly firstTokenNs: Float64Array;
  readonly finishNs: Float64Array;
  /** Time in the waiting queue, after preemptions included. */
  readonly queueNs: Float64Array;
  /** Time between an admission and the end of that prefill, over all admissions. */
  readonly prefillNs: Float64Array;
  /** When the current wait or prefill began. */
  readonly sinceNs: Float64Array;
  /** Prompt tokens found in the KV cache at the first admission. */
  readonly cachedTokens: Uint32Array;
  /** The same of the present admission, sampled tokens included after a preemption. */
  readonly foundTokens: Uint32Array;
  readonly preemptions: Uint32Array;
  /** Tokens whose KV is in place, and tokens sampled. */
  readonly computed: Uint32Array;
  readonly generated: Uint32Array;
  /** Tokens to prefill before decoding goes on: prompt, plus sampled ones after a preemption. */
  readonly target: Uint32Array;
  /** Dependencies not yet fulfilled, the latest (time + delay), and the one that came last. */
  readonly waitsFor: Uint32Array;
  readonly triggerNs: Float64Array;
  readonly triggeredBy: Int32Array;
  /** The delay behind `triggeredBy`: tool, user or spawn time in front of this turn. */
  readonly gapNs: Float64Array;
  /** Next request in the waiting queue, -1 at its end. */
  readonly queueNext: Int32Array;
  /** Locked radix node at the end of the cached part, and how many blocks that part has. */
  readonly node: Uint32Array;
  readonly gen: Uint32Array;
  readonly treeBlocks: Uint32Array;
  /** Block ids that are not in the tree: piece in the arena, its first used entry, count. */
  readonly ownAt: Uint32Array;
  readonly ownCapacity: Uint32Array;
  readonly ownFirst: Uint32Array;
  readonly ownCount: Uint32Array;

  constructor(state: StateRegistry, turns: number) {
    const f64 = (name: string, fill = 0): Float64Array => state.f64(`turn.${name}`, turns, fill);
    const u32 = (name: string): Uint32Array => state.u32(`turn.${name}`, turns);
    const i32 = (name: string, fill = 0): Int32Array => state.i32(`turn.${name}`, turns, fill);
    this.phase = state.u8('turn.phase', turns);
    this.replica = i32('replica', -1);
    this.readyNs = f64('readyNs', -1);
    this.admittedNs = f64('admittedNs', -1);
    this.firstTokenNs = f64('firstTokenNs', -1);
    this.finishNs = f64('finishNs', -1);
    this.queueNs = f64('queueNs');
    this.prefillNs = f64('prefillNs');
    this.sinceNs = f64('sinceNs');
    this.cachedTokens = u32('cachedTokens');
    this.foundTokens = u32('foundTokens');
    this.preemptions = u32('preemptions');
    this.computed = u32('computed');
    this.generated = u32('generated');
    this.target = u32('target');
    this.waitsFor = u32('waitsFor');
    this.triggerNs = f64('triggerNs');
    this.triggeredBy = i32('triggeredBy', -1);
    this.gapNs = f64('gapNs');
    this.queueNext = i32('queueNext', -1);
    this.node = u32('node');
    this.gen = u32('gen');
    this.treeBlocks = u32('treeBlocks');
    this.ownAt = u32('ownAt');
    this.ownCapacity = u32('ownCapacity');
    this.ownFirst = u32('ownFirst');
    this.ownCount = u32('ownCount');
  }
}
