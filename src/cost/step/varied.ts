// SPDX-License-Identifier: Apache-2.0
import type { Operation } from '../op/operation.js';
import type { StepTraffic } from '../serving/step-operation.js';

/** Name of the constants that an operation is priced with, as reports have it. */
export function operationLabel({ op, dtype, kvDtype }: Operation): string {
  return kvDtype === '' ? `${op} ${dtype}` : `${op} on ${kvDtype} KV`;
}

/** What attention has that no rows were measured of. */
export const STATE_AND_SCORES = 'recurrent state and index scores';

/** Work without measured rows. */
export function trafficLabel({ part }: StepTraffic): string {
  return part === 'glue' ? 'elementwise work' : STATE_AND_SCORES;
}

/** Operations of that name take `factor` times as long. */
export interface Varied {
  readonly part: string;
  readonly factor: number;
}

/** How many times as long work of that name takes. */
export function factorOf(label: string, varied: Varied | undefined): number {
  return varied !== undefined && varied.part === label ? varied.factor : 1;
}
