// SPDX-License-Identifier: Apache-2.0
import { BOUNDS } from '../cost/index.js';
import { Monitor, type StateRegistry } from '../engine/index.js';

/** Decode steps that one event may cover. Bounds the work thrown away when a request arrives. */
export const MAX_RUN = 256;

/** What a replica is doing. */
export const Activity = { idle: 0, forming: 1, mixedStep: 2, decodeRun: 3 } as const;

/** State of every replica, one column a field; batches are rows of `stride` entries. */
export class ReplicaState {
  /** Entries a replica has in `running` and `chunk`. */
  readonly stride: number;
  readonly activity: Uint8Array;
  /** Raised whenever a scheduled step end becomes void. */
  readonly generation: Uint32Array;
  readonly queueHead: Int32Array;
  readonly queueTail: Int32Array;
  readonly queueLength: Uint32Array;
  /** 1 while the head of the queue is known not to fit: nothing was freed since it was refused. */
  readonly blocked: Uint8Array;
  readonly runningCount: Uint32Array;
  /** Requests in the batch, in order of admission, and the tokens each computes in this step. */
  readonly running: Int32Array;
  readonly chunk: Uint32Array;
  /** Prompt tokens that waiting and running requests still have to compute. */
  readonly pendingPrefill: Float64Array;
  /** The step or decode run in flight: start, planned steps, of these begun and completed. */
  readonly stepStart: Float64Array;
  readonly runSteps: Uint32Array;
  readonly runBegun: Uint32Array;
  readonly runDone: Uint32Array;
  /** Sum of contexts at the first step of the run, and the end of each of its steps. */
  readonly runContext: Float64Array;
  readonly runEnds: Float64Array;
  readonly steps: Float64Array;
  readonly prefillSteps: Float64Array;
  readonly busyNs: Float64Array;
  /** Of the busy time: computing prompts, and reading what the cache held of them. */
  readonly uncachedInputNs: Float64Array;
  readonly cachedInputNs: Float64Array;
  readonly attentionNs: Float64Array;
  readonly gemmNs: Float64Array;
  readonly communicationNs: Float64Array;
  readonly overheadNs: Float64Array;
  /** Step time by what bound the step, `BOUNDS.length` entries a replica. */
  readonly boundNs: Float64Array;
  readonly prefillTokens: Float64Array;
  readonly decodeTokens: Float64Array;
  readonly evictedBlocks: Float64Array;
  /** Tokens looked up and found in the KV cache over all admissions, after preemptions included. */
  readonly lookupTokens: Float64Array;
  readonly hitTokens: Float64Array;
  readonly queueMonitor: Monitor;
  readonly batchMonitor: Monitor;
  /** Blocks held by running requests, at every step. */
  readonly kvMonitor: Monitor;

  constructor(state: StateRegistry, replicas: number, maxSequences: number) {
    const f64 = (name: string, length = replicas): Float64Array =>
      state.f64(`replica.${name}`, length);
    const u32 = (name: string, length = replicas): Uint32Array =>
      state.u32(`replica.${name}`, length);
    this.stride = maxSequences;
    this.activity = state.u8('replica.activity', replicas);
    this.generation = u32('generation');
    this.queueHead = state.i32('replica.queueHead', replicas, -1);
    this.queueTail = state.i32('replica.queueTail', replicas, -1);
    this.queueLength = u32('queueLength');
    this.blocked = state.u8('replica.blocked', replicas);
    this.runningCount = u32('runningCount');
    this.running = state.i32('replica.running', replicas * maxSequences);
    this.chunk = u32('chunk', replicas * maxSequences);
    this.pendingPrefill = f64('pendingPrefill');
    this.stepStart = f64('stepStart');
    this.runSteps = u32('runSteps');
    this.runBegun = u32('runBegun');
    this.runDone = u32('runDone');
    this.runContext = f64('runContext');
    this.runEnds = f64('runEnds', replicas * MAX_RUN);
    this.steps = f64('steps');
    this.prefillSteps = f64('prefillSteps');
    this.busyNs = f64('busyNs');
    this.uncachedInputNs = f64('uncachedInputNs');
    this.cachedInputNs = f64('cachedInputNs');
    this.attentionNs = f64('attentionNs');
    this.gemmNs = f64('gemmNs');
    this.communicationNs = f64('communicationNs');
    this.overheadNs = f64('overheadNs');
    this.boundNs = f64('boundNs', replicas * BOUNDS.length);
    this.prefillTokens = f64('prefillTokens');
    this.decodeTokens = f64('decodeTokens');
    this.evictedBlocks = f64('evictedBlocks');
    this.lookupTokens = f64('lookupTokens');
    this.hitTokens = f64('hitTokens');
    this.queueMonitor = new Monitor(state, 'replica.queue', replicas);
    this.batchMonitor = new Monitor(state, 'replica.batch', replicas);
    this.kvMonitor = new Monitor(state, 'replica.kv', replicas);
  }
}
