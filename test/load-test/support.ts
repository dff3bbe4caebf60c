// SPDX-License-Identifier: Apache-2.0
import type { StepModel } from '../../src/cost/index.js';

/** Prices of a made-up machine, ns. */
export interface Prices {
  readonly step: number;
  readonly sequence: number;
  readonly promptToken: number;
}

/** A step costs a fixed time, a time a decoding sequence and a time a prompt token. */
export function linearSteps({ step, sequence, promptToken }: Prices): StepModel {
  const price = (sequences: number, tokens: number): number =>
    step + sequence * sequences + promptToken * tokens;
  return {
    price(load, out) {
      const totalNs = price(load.decodeSequences, load.prefillTokens);
      Object.assign(out, {
        totalNs, gemmNs: totalNs, attentionNs: 0, communicationNs: 0, overheadNs: 0, bound: 0,
      });
      return totalNs;
    },
    decodeEnds({ steps, sequences, startNs }, ends, at) {
      for (let i = 0; i < steps; i++) ends[at + i] = startNs + (i + 1) * price(sequences, 0);
      return startNs + steps * price(sequences, 0);
    },
  };
}
