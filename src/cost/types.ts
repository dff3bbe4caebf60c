// SPDX-License-Identifier: Apache-2.0
/**
 * One engine step as the cost model sees it: aggregates only, so that a step of 256 sequences
 * costs the same to price as a step of one.
 */
export interface StepLoad {
  /** Sequences that decode one token in this step. */
  decodeSequences: number;
  /** Sum of the context lengths (tokens of KV read) over those sequences. */
  decodeContext: number;
  /** Prompt tokens computed in this step, over all chunks. */
  prefillTokens: number;
  /** Sequences with a prompt chunk in this step. */
  prefillSequences: number;
  /** Sum over chunks of new*(new + 2*past): twice the query-key pairs of causal attention. */
  prefillPairs: number;
  /** Sum over chunks of past + new tokens: the KV that the chunks read. */
  prefillContext: number;
  /** Sequences whose next token is sampled in this step (decodes + finished prompts). */
  sampledSequences: number;
}

/** A load with nothing in it, to be filled and reused. */
export function emptyStepLoad(): StepLoad {
  return {
    decodeSequences: 0,
    decodeContext: 0,
    prefillTokens: 0,
    prefillSequences: 0,
    prefillPairs: 0,
    prefillContext: 0,
    sampledSequences: 0,
  };
}

/**
 * Where the time of a step went, ns each. `totalNs` is an integer and what the clock advances; the
 * four parts add up to it before rounding.
 */
export interface StepCost {
  totalNs: number;
  /** Attention, with MLA's absorbed projections and the expansion of its latent rows. */
  attentionNs: number;
  /** Projections, FFN or experts, element-wise traffic between them, LM head and sampling. */
  gemmNs: number;
  /** All-reduce (and expert all-to-all where a layout has one), latency included. */
  communicationNs: number;
  /** Per-layer latency floor, host time a step and host time a sequence. */
  overheadNs: number;
  /** Index into `BOUNDS`: what most of the step's time is spent on. */
  bound: number;
}

/** What can bind a step. */
export const BOUNDS = ['compute', 'hbm', 'link', 'latency'] as const;
export type Bound = (typeof BOUNDS)[number];

/**
 * Prices steps of one model on one parallel layout. Pure and deterministic: the same load gives
 * the same integer on every runtime (only + - * / sqrt, min, max, round).
 */
export interface StepModel {
  /** Prices any step and fills `out`. @throws RangeError for a step without any token. */
  price(load: Readonly<StepLoad>, out: StepCost): number;
  /**
   * Ends of decode-only steps in a row: `ends[at + i]` is the end of step i. Each step costs what
   * `price` says of it to the last bit, but all of them in one loop, the inner loop of decode
   * fast-forward. Returns the last end.
   * @throws RangeError unless `sequences` is a positive integer.
   */
  decodeEnds(run: DecodeSteps, ends: Float64Array, at: number): number;
}

/** Decode-only steps in a row. */
export interface DecodeSteps {
  readonly steps: number;
  readonly sequences: number;
  /** Sum of context lengths at the first step, tokens. */
  readonly context: number;
  readonly startNs: number;
}
