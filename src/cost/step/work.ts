// SPDX-License-Identifier: Apache-2.0
import { NS_PER_US } from '../../hardware/index.js';
import { BINDS, type BindSums, emptyParts } from '../serving/step-cost.js';
import type { ServingScales } from '../serving/tpot.js';

/** Time of some operations by where a report books it, ns. */
export interface Shares {
  /** Products, experts, elementwise work. */
  gemm: number;
  attention: number;
  comm: number;
  launches: number;
}

export function noShares(): Shares {
  return { gemm: 0, attention: 0, comm: 0, launches: 0 };
}

export function total({ gemm, attention, comm, launches }: Readonly<Shares>): number {
  return gemm + attention + comm + launches;
}

/** Priced operations: in a step of decodes, in one of prompts, and what binds them. */
export class Work {
  /** With a factor a part and a share of launches. */
  readonly decode = noShares();
  /** With one factor on everything. */
  readonly prompt = noShares();
  /** Sum of `prompt`. */
  promptNs = 0;
  /** ns of `prompt` by index of `BOUNDS`. */
  readonly promptBinds = new Float64Array(4);
  /** ns of `decode` by what binds, launches apart. */
  compute = 0;
  hbm = 0;
  link = 0;
  latency = 0;
}

/** Collects parts of operations and applies fitted constants to them. */
export class WorkSum {
  readonly parts = emptyParts();
  readonly binds: BindSums;

  constructor(private readonly scales: ServingScales) {
    this.binds = {
      binds: new Float64Array(4), plain: new Float64Array(4), factors: scales,
    };
  }

  /** Starts at nothing; the caller adds to `parts` and `binds`. */
  begin(): this {
    const { parts } = this;
    parts.gemm = parts.attention = parts.experts = parts.comm = parts.glue = parts.fixed = 0;
    this.binds.binds.fill(0);
    this.binds.plain.fill(0);
    return this;
  }

  /** Fills `work` with the sum. */
  end(work: Work): Work {
    const { scales: s } = this;
    const { binds, plain } = this.binds;
    const { decode, prompt, promptBinds } = work;
    const { gemm, attention, experts, comm, glue, fixed } = this.parts;
    decode.gemm = (s.gemm * gemm + s.experts * experts + glue) * NS_PER_US;
    decode.attention = s.attention * attention * NS_PER_US;
    decode.comm = s.comm * comm * NS_PER_US;
    decode.launches = s.launches * fixed * NS_PER_US;
    const k = s.prefill * NS_PER_US;
    prompt.gemm = k * (gemm + experts + glue);
    prompt.attention = k * attention;
    prompt.comm = k * comm;
    prompt.launches = k * fixed;
    work.promptNs = total(prompt);
    for (let i = 0; i < 4; i++) promptBinds[i] = k * plain[i];
    promptBinds[BINDS.latency] += prompt.launches;
    work.compute = binds[BINDS.compute] * NS_PER_US;
    work.hbm = binds[BINDS.hbm] * NS_PER_US;
    work.link = binds[BINDS.link] * NS_PER_US;
    work.latency = binds[BINDS.latency] * NS_PER_US;
    return work;
  }
}
