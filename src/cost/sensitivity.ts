// SPDX-License-Identifier: Apache-2.0
import {
  plainInput,
  variableInputs,
  type Assumption,
} from './assumptions.js';
import type { StepModelOptions } from './options.js';
import { makeOperationStepModel } from './step/operation-step-model.js';
import { StepLists } from './step/step-lists.js';
import { operationOptions, type OperationStepOptions } from './step/options.js';
import type { StepCost, StepLoad } from './types.js';

/** So many steps of one load: what a run did, in a few mean steps. */
export interface LoadShare {
  load: StepLoad;
  steps: number;
}

/** How much larger an input is made. */
const FACTOR = 1.1;

/** ns that the mix takes under each of the options, all for the model and layout of `base`. */
function totalsNs(
  base: OperationStepOptions,
  varied: readonly OperationStepOptions[],
  mix: readonly LoadShare[],
): number[] {
  const lists = new StepLists(base);
  const models = varied.map((each) => makeOperationStepModel(each, lists.on(each.device)));
  const cost: StepCost = {
    totalNs: 0, attentionNs: 0, gemmNs: 0, communicationNs: 0, overheadNs: 0, bound: 0,
  };
  const totals = models.map(() => 0);
  // All models price a load one after the other: their lists ran at its sizes then.
  for (const { load, steps } of mix) {
    models.forEach((model, i) => {
      totals[i] += steps * model.price(load, cost);
    });
  }
  return totals;
}

/** Largest influence first; what changes the time before what changes the capacity. */
function compare(a: Assumption, b: Assumption): number {
  const group = ({ influence, influenceOn }: Assumption): number =>
    influence === undefined ? 2 : influenceOn === 'time' ? 0 : 1;
  const size = ({ influence = 0 }: Assumption): number => Math.abs(influence);
  return group(a) - group(b) || size(b) - size(a);
}

/**
 * One-at-a-time sensitivity: from a mix of steps to every input of the step model with what the
 * time of the mix does when it is 10 % larger, and the inputs of the memory model, largest
 * influence first.
 */
export function assumptionRanking(
  options: StepModelOptions,
  memory: readonly Assumption[] = [],
): (mix: readonly LoadShare[]) => Assumption[] {
  const inputs = variableInputs(options);
  const base = operationOptions(options);
  return (mix) => {
    const varied = inputs.map((input) => input.options?.(FACTOR) ?? base);
    const [baseNs, ...totals] = mix.length === 0 ? [0] : totalsNs(base, [base, ...varied], mix);
    const ranked = inputs.map((input, i): Assumption => {
      const plain = plainInput(input);
      if (input.options === undefined || !(baseNs > 0)) return plain;
      return { ...plain, influence: totals[i] / baseNs - 1, influenceOn: 'time' };
    });
    // A sort keeps the order of equals, so that the list is the same everywhere.
    return [...ranked, ...memory].sort(compare);
  };
}

/** As `assumptionRanking`, for one mix. */
export function rankAssumptions(
  options: StepModelOptions,
  mix: readonly LoadShare[],
  memory: readonly Assumption[] = [],
): Assumption[] {
  return assumptionRanking(options, memory)(mix);
}
