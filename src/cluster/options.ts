// SPDX-License-Identifier: Apache-2.0
import type { StepModel } from '../cost/index.js';
import type { Workload } from '../workload/index.js';

/** How a request finds its replica. */
export type RouterKind = 'round-robin' | 'prefix-aware';

/**
 * How a step shares prompts and decodes.
 *
 * - mixed: every decode, then prompt chunks up to the token budget (vLLM v1).
 * - prefill-first: while a prompt waits and fits, a step of prompt chunks alone; decodes stall
 *   (SGLang).
 * - whole-prompts: every decode, then prompts that are never cut: as many as the token budget
 *   holds, one at least (TensorRT-LLM without chunked context).
 */
export type SchedulerKind = 'mixed' | 'prefill-first' | 'whole-prompts';

/** One pool, ready to run: replicas of one model with their step prices and KV capacity. */
export interface PoolPlan {
  readonly name: string;
  readonly replicas: number;
  readonly router: RouterKind;
  /** prefix-aware: cost of a block to prefill in blocks held by running requests. */
  readonly overlapWeight: number;
  readonly stepModel: StepModel;
  /** Tokens a KV block. */
  readonly blockSize: number;
  /** KV blocks a replica, including the null block as engines count it. */
  readonly numGpuBlocks: number;
  /** Sequences that run at once on a replica. */
  readonly maxSequences: number;
  /** Tokens that a step computes at most (chunked prefill shares them with decode). */
  readonly maxBatchedTokens: number;
  readonly prefixCaching: boolean;
  /** Admit a request only when blocks for its whole prompt can be had, not just its first chunk. */
  readonly reserveFullPrompt: boolean;
  /** Default mixed. */
  readonly scheduler?: SchedulerKind;
  /**
   * Share of the output still to come, of running requests and the next one, for which an
   * admission leaves blocks: 1 never preempts. Default 0, whatever else fits.
   */
  readonly reservedOutput?: number;
}

/** When sessions and turns start. */
export interface TimingPlan {
  /** closed-loop: a turn waits for what it depends on; recorded: every turn at its own time. */
  readonly mode: 'closed-loop' | 'recorded';
  /** Sessions in flight at once, the next one starting when one is done; null: by arrival. */
  readonly lanes: number | null;
  /** Longest wait between turns, ns; Infinity keeps all. */
  readonly maxGapNs: number;
  /** Replaces recorded arrivals by one session each `1/rate` s; null keeps them. */
  readonly sessionsPerSecond: number | null;
}

/** Everything a simulation needs. */
export interface SimulationPlan {
  readonly workload: Workload;
  readonly pools: readonly PoolPlan[];
  /** Pool of each workload model, by model index. */
  readonly poolOfModel: readonly number[];
  readonly timing: TimingPlan;
  /** Take up to 256 decode steps in one event (default true); same result either way. */
  readonly fastForward?: boolean;
}
