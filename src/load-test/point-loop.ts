// SPDX-License-Identifier: Apache-2.0
import type { PricedRow } from '../calibrate/index.js';
import { schedulingOf } from '../cluster/index.js';
import type { Rng } from '../core/index.js';
import type { StepModel } from '../cost/index.js';
import {
  CHUNK, devicePeaks, kvTokens, meanShare, ROUNDS, type ServingPoint, stepFormats,
} from '../cost/serving/index.js';
import type { RequestLengths } from '../workload/index.js';
import type { ClosedLoop } from './closed-loop.js';

/**
 * Lengths are even draws this far to either side of their mean, over nominal. The public benchmark
 * draws from [0.8, 1] of nominal. For other pairs the width is assumed: users of equal lengths who
 * begin together stay in step for ever, and measured TTFT says that users get out of step.
 */
const HALF_WIDTH = 0.1;

/** Purposes of draws; a number once given away is never reused. */
const Purpose = { input: 1, output: 2 } as const;

/** SGLang's prompt chunk on devices with more memory; elsewhere it is `CHUNK`. */
const SGLANG_BLACKWELL_TOKENS = 16384;

/** Uniform draws, as `Rng` has them. */
export type Uniform = Pick<Rng, 'uniform'>;

/** Prompt and output of `count` requests; the mean is `meanShare` of nominal. */
export function requestLengths(
  { isl, osl }: Pick<ServingPoint, 'isl' | 'osl'>,
  count: number,
  rng: Uniform,
): RequestLengths[] {
  const shortest = meanShare(isl, osl) - HALF_WIDTH;
  const draw = (nominal: number, purpose: number, i: number): number => {
    const share = shortest + 2 * HALF_WIDTH * rng.uniform(purpose, i, 0);
    return Math.max(1, Math.round(nominal * share));
  };
  return Array.from({ length: count }, (_, i) => ({
    inputTokens: draw(isl, Purpose.input, i),
    outputTokens: draw(osl, Purpose.output, i),
  }));
}

/**
 * The closed loop of a row on one of its attention replicas, which share the load evenly. It begins
 * with all users at once: the public benchmark waits for its warm-up to end before it measures, and
 * without a prefix cache nothing of that is left.
 */
export function pointLoop(row: PricedRow, stepModel: StepModel, rng: Uniform): ClosedLoop {
  const { point, parts } = row;
  const { engine, device } = point;
  const { generation } = devicePeaks(device).peaks;
  const users = Math.max(1, Math.round(parts.wanted));
  const wide = engine === 'sglang' && generation === 'blackwell';
  const formats = stepFormats(point, generation);
  return {
    users,
    requests: requestLengths(point, ROUNDS * users, rng),
    kvTokens: kvTokens(point, parts.reading.layout, formats, parts.isl + parts.osl / 2),
    ...schedulingOf(engine),
    maxBatchedTokens: wide ? SGLANG_BLACKWELL_TOKENS : CHUNK,
    stepModel,
  };
}
