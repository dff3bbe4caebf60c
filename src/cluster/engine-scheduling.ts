// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '../cost/index.js';
import type { SchedulerKind } from './options.js';

/** What sets the steps of engines apart. */
export interface Scheduling {
  readonly scheduler: SchedulerKind;
  /** See `PoolPlan.reservedOutput`. */
  readonly reservedOutput: number;
}

/**
 * TensorRT-LLM evicts nobody by default. SGLang starts with 0.7 of what requests may still generate
 * and comes down to a seventh of that over 600 steps without a retraction
 * (`init_new_token_ratio`, `min_new_token_ratio_factor`); the simulator keeps that end.
 */
const SCHEDULING: Readonly<Record<Engine, Scheduling>> = {
  vllm: { scheduler: 'mixed', reservedOutput: 0 },
  sglang: { scheduler: 'prefill-first', reservedOutput: 0.1 },
  trtllm: { scheduler: 'whole-prompts', reservedOutput: 1 },
};

/** How an engine fills steps and admits requests unless told otherwise. */
export function schedulingOf(engine: Engine): Scheduling {
  return SCHEDULING[engine];
}
