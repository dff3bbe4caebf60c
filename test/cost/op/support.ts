// SPDX-License-Identifier: Apache-2.0
import {
  emptyCost, FITTED, type FittedFamily, formOf, operation, type Operation, type OperationName,
  peaksOf, type Peaks,
} from '../../../src/cost/op/index.js';

export const h100 = peaksOf('h100_sxm') as Peaks;
export const b200 = peaksOf('b200_sxm') as Peaks;

/** An operation of ordinary size for each name; tests change one size at a time. */
export function typical(op: OperationName, dtype = 'bfloat16', kvDtype = ''): Operation {
  return operation({
    op, dtype, kvDtype, m: 512, n: 4096, k: 4096, batch: 16, isl: 2048, pastKv: 8191, heads: 32,
    kvHeads: 8, headDim: 128, tokens: 256, hidden: 4096, inter: 1536, topk: 8, experts: 128,
    moeTp: 1, moeEp: 1, distribution: 'balanced', gpus: 8, elements: 1 << 20,
  });
}

/** A typical operation of a shipped family. */
export function typicalOf({ op, dtype, kvDtype, kernelSource }: FittedFamily): Operation {
  const words = dtype === '' ? 'bfloat16' : dtype;
  return { ...typical(op as OperationName, words, kvDtype), kernelSource };
}

/** us of an operation with constants of a shipped family on a system. */
export function usOf(family: FittedFamily, system: string, o: Operation): number {
  const constants = family.systems[system];
  return formOf(o).evaluate(o, peaksOf(system) as Peaks, constants, emptyCost());
}

/** Every shipped family with every system that it was fitted on. */
export function everyFit(): [string, FittedFamily, string][] {
  return FITTED.families.flatMap((family) =>
    Object.keys(family.systems)
      .filter((system) => peaksOf(system) !== undefined)
      .map((system): [string, FittedFamily, string] => {
        const { op, dtype, kernelSource } = family;
        return [`${op} ${dtype} ${kernelSource} on ${system}`, family, system];
      }),
  );
}
