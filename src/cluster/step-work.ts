// SPDX-License-Identifier: Apache-2.0
import { emptyStepLoad, type StepLoad } from '../cost/index.js';

/** A step's load, and what of it is only there because chunks follow prefixes from the cache. */
export interface StepWork extends StepLoad {
  /** Sum over chunks of 2*new*found, found being the tokens that the request's lookup found. */
  foundPairs: number;
  /** Sum over chunks of found. */
  foundContext: number;
}

/** Nothing to do yet, to be filled and reused. */
export function emptyStepWork(): StepWork {
  return { ...emptyStepLoad(), foundPairs: 0, foundContext: 0 };
}

/** Copies field by field: in the inner loop `Object.assign` takes 0.6 us. */
export function copyStepWork(from: Readonly<StepWork>, to: StepWork): void {
  to.decodeSequences = from.decodeSequences;
  to.decodeContext = from.decodeContext;
  to.prefillTokens = from.prefillTokens;
  to.prefillSequences = from.prefillSequences;
  to.prefillPairs = from.prefillPairs;
  to.prefillContext = from.prefillContext;
  to.sampledSequences = from.sampledSequences;
  to.foundPairs = from.foundPairs;
  to.foundContext = from.foundContext;
}
