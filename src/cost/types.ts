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

/** Where the time of a step went, ns each; `totalNs` is an integer and what the clock advances. */
export interface StepCost {
  totalNs: number;
  attentionNs: number;
  /** Projections, FFN or experts, and the LM head. */
  gemmNs: number;
  /** All-reduce and expert all-to-all. */
  communicationNs: number;
  /** Per-layer latency floor and host time a step. */
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
  /** Prices any step and fills `out`. */
  price(load: Readonly<StepLoad>, out: StepCost): number;
  /**
   * Price of a decode-only step. Equal to `price` of the same load to the last bit, and cheap
   * enough for the inner loop of decode fast-forward.
   */
  decodeNs(sequences: number, context: number): number;
}
