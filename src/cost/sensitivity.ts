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

function totalNs(
  options: OperationStepOptions,
  mix: readonly LoadShare[],
  lists?: StepLists,
): number {
  const model = makeOperationStepModel(options, lists);
  const cost: StepCost = {
    totalNs: 0, attentionNs: 0, gemmNs: 0, communicationNs: 0, overheadNs: 0, bound: 0,
  };
  return mix.reduce((sum, { load, steps }) => sum + steps * model.price(load, cost), 0);
}

/** Largest influence first; what changes the time before what changes the capacity. */
function compare(a: Assumption, b: Assumption): number {
  const group = ({ influence, influenceOn }: Assumption): number =>
    influence === undefined ? 2 : influenceOn === 'time' ? 0 : 1;
  const size = ({ influence = 0 }: Assumption): number => Math.abs(influence);
  return group(a) - group(b) || size(b) - size(a);
}

/**
 * One-at-a-time sensitivity: every input of the step model with what the time of the mix does when
 * it is 10 % larger, and the inputs of the memory model, largest influence first.
 */
export function rankAssumptions(
  options: StepModelOptions,
  mix: readonly LoadShare[],
  memory: readonly Assumption[] = [],
): Assumption[] {
  const base = operationOptions(options);
  const lists = mix.length === 0 ? undefined : new StepLists(base);
  const baseNs = lists === undefined ? 0 : totalNs(base, mix, lists);
  const inputs = variableInputs(options).map((input): Assumption => {
    const plain = plainInput(input);
    if (input.options === undefined || !(baseNs > 0)) return plain;
    const varied = input.options(FACTOR);
    const shared = varied.device === base.device ? lists : undefined;
    const influence = totalNs(varied, mix, shared) / baseNs - 1;
    return { ...plain, influence, influenceOn: 'time' };
  });
  // A sort keeps the order of equals, so that the list is the same everywhere.
  return [...inputs, ...memory].sort(compare);
}
