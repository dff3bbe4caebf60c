// SPDX-License-Identifier: Apache-2.0
/**
 * What a run recorded, as columns. Times are integer ns of simulated time, -1 for "never".
 */

/** One row a request, in workload order (session, then recorded start). */
export interface RequestRecords {
  readonly count: number;
  readonly session: Uint32Array;
  /** Agent number within the workload, and whether it is a sub-agent (1) or a main agent (0). */
  readonly agent: Uint32Array;
  readonly isSub: Uint8Array;
  readonly pool: Uint8Array;
  readonly replica: Int32Array;
  readonly inputTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
  /** Prompt tokens found in the KV cache at the first admission. */
  readonly cachedTokens: Uint32Array;
  readonly preemptions: Uint32Array;
  readonly readyNs: Float64Array;
  readonly admittedNs: Float64Array;
  readonly firstTokenNs: Float64Array;
  readonly finishNs: Float64Array;
  /** Time in waiting queues, and in prefill, over all admissions. */
  readonly queueNs: Float64Array;
  readonly prefillNs: Float64Array;
  /** Wait in front of the request (its kind as `GapKind`), and the request that it followed. */
  readonly gapNs: Float64Array;
  readonly gapKind: Uint8Array;
  readonly after: Int32Array;
}

/** One row a session. */
export interface SessionRecords {
  readonly count: number;
  readonly id: readonly string[];
  readonly startNs: Float64Array;
  readonly doneNs: Float64Array;
  /** `requestStart[s] .. requestStart[s+1]` are its requests. */
  readonly requestStart: Uint32Array;
}

/** One row a replica. */
export interface ReplicaRecords {
  readonly count: number;
  readonly pool: Uint8Array;
  readonly steps: Float64Array;
  readonly prefillSteps: Float64Array;
  readonly prefillTokens: Float64Array;
  readonly decodeTokens: Float64Array;
  readonly busyNs: Float64Array;
  /** Of the busy time: computing prompts, and reading what the cache held of them. */
  readonly uncachedInputNs: Float64Array;
  readonly cachedInputNs: Float64Array;
  readonly attentionNs: Float64Array;
  readonly gemmNs: Float64Array;
  readonly communicationNs: Float64Array;
  readonly overheadNs: Float64Array;
  /** Step time by what bound it: one entry a `bounds` name and replica. */
  readonly boundNs: Float64Array;
  readonly evictedBlocks: Float64Array;
  /** Tokens looked up and found in the KV cache over all admissions, after preemptions included. */
  readonly lookupTokens: Float64Array;
  readonly hitTokens: Float64Array;
  readonly queuePeak: Float64Array;
  readonly queueMean: Float64Array;
  readonly batchPeak: Float64Array;
  readonly batchMean: Float64Array;
  /** KV blocks held by running requests, at every step. */
  readonly kvPeak: Float64Array;
  readonly kvMean: Float64Array;
  readonly kvBlocks: Float64Array;
}

export interface RunRecords {
  readonly pools: readonly string[];
  readonly bounds: readonly string[];
  readonly requests: RequestRecords;
  readonly sessions: SessionRecords;
  readonly replicas: ReplicaRecords;
}
