// SPDX-License-Identifier: Apache-2.0
import { BINDS } from '../serving/step-cost.js';
import { cellStart, GRID_CELLS } from './context-grid.js';
import type { StepPrices } from './step-prices.js';
import { noShares, type Shares, total, Work } from './work.js';

const scratch = new Work();

/** A context at which attention has shown whether arithmetic or bytes bind it. */
const LONG = 65_536;

/**
 * Decode steps of one number of sequences. All but attention is one number; attention is linear in
 * the sum of contexts between the points of a grid.
 */
export class DecodeTable {
  /** All but attention, which the clock adds to it, ns. */
  readonly baseNs: number;
  /** The parts of `baseNs`; fixed times are with the launches. */
  readonly base: Readonly<Shares>;
  /** ns by index of `BOUNDS` of what `base` has. */
  readonly binds: Float64Array;
  /** What binds attention, one for all contexts: in a run of steps the bound then changes once. */
  readonly attentionBind: number;
  /** All that the sequences pass through, and their LM head: what a step with prompts shares. */
  readonly pass: Work;
  readonly head: Work;
  /** Attention at the start of each cell, ns; negative: not known yet. */
  private readonly values = new Float64Array(GRID_CELLS + 1).fill(-1);

  constructor(
    private readonly prices: StepPrices,
    readonly sequences: number,
  ) {
    const work = this.attention(LONG);
    this.attentionBind = work.compute > work.hbm ? BINDS.compute : BINDS.hbm;
    const base = { ...noShares(), launches: work.decode.launches + prices.fixedNs(sequences) };
    this.binds = new Float64Array(4);
    this.pass = prices.pass(sequences);
    this.head = prices.head(sequences);
    const works = [this.pass, this.head, prices.absorb(sequences)];
    for (const { decode, compute, hbm, link, latency } of works) {
      base.gemm += decode.gemm;
      base.comm += decode.comm;
      base.launches += decode.launches;
      this.binds[BINDS.compute] += compute;
      this.binds[BINDS.hbm] += hbm;
      this.binds[BINDS.link] += link;
      this.binds[BINDS.latency] += latency;
    }
    this.binds[BINDS.latency] += base.launches;
    this.base = base;
    this.baseNs = total(base);
  }

  /** Attention at the start of a cell, ns. */
  at(cell: number): number {
    const known = this.values[cell];
    if (known >= 0) return known;
    const value = this.attention(cellStart(cell)).decode.attention;
    this.values[cell] = value;
    return value;
  }

  private attention(past: number): Work {
    const { prices, sequences } = this;
    return prices.attention({ kind: 'decode', sequences, newTokens: 1, past }, scratch);
  }
}
