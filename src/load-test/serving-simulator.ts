// SPDX-License-Identifier: Apache-2.0
import type { PricedRow, ServingPrediction } from '../calibrate/index.js';
import { loadCore, Rng } from '../core/index.js';
import { type ServingEffects, servingScales, unsimulatedUs } from '../cost/serving/index.js';
import { ClosedLoopRunner } from './closed-loop.js';
import { pointLoop } from './point-loop.js';
import { rowSteps } from './row-steps.js';

/** Lengths of every row come from the same draws. */
const SEED = 1;

/** Predicts measured closed loops with the simulated cluster. Equal rows give equal times. */
export class ServingSimulator {
  readonly #runner = new ClosedLoopRunner();
  readonly #rng = new Rng(loadCore(), SEED);

  /**
   * Mean times of a row's load in ms. Of TTFT, the front end and launches outside of graphs are no
   * part of the steps: the formula's terms stand for them.
   */
  predict(row: PricedRow, effects: ServingEffects): ServingPrediction {
    const scales = servingScales(effects, row.parts);
    const loop = pointLoop(row, rowSteps(row, scales), this.#rng);
    const { tpotMs, ttftMs } = this.#runner.run(loop);
    const outside = unsimulatedUs(row.parts, scales) / 1000;
    return { row, predictedMs: tpotMs, ttftMs: ttftMs + outside };
  }
}
