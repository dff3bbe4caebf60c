// SPDX-License-Identifier: Apache-2.0
import type { PointParts } from './point-parts.js';
import type { Speculation } from './rules.js';

/** Constants on top of operation costs, for one engine, generation and family. */
export interface ServingScales {
  /** Factors on what a part takes beside launches. */
  readonly gemm: number;
  readonly attention: number;
  readonly experts: number;
  readonly comm: number;
  /** Share of the benchmarks' launches that graphs leave. */
  readonly launches: number;
  /** Norm, rope, cache and router kernels, us a layer. */
  readonly glueUs: number;
  /** The same on top for layers with an indexer, us. */
  readonly indexUs: number;
  /** Host time, us a step and us a sequence. */
  readonly hostUs: number;
  readonly sequenceUs: number;
  /** Factor on the cost of prompts that others prefill meanwhile. */
  readonly prefill: number;
  /** Share of a weight pass that a step of prompts and decodes saves. */
  readonly mixed: number;
}

/** No fit at all: operation costs as benchmarks have them and round fixed times. */
export const NEUTRAL_SCALES: ServingScales = {
  gemm: 1, attention: 1, experts: 1, comm: 1, launches: 0.8, glueUs: 5, indexUs: 80,
  hostUs: 500, sequenceUs: 4, prefill: 1, mixed: 0.5,
};

/** TPOT and what it is made of, us. */
export interface Tpot {
  us: number;
  /** One decode step, over the tokens that it yields. */
  decodeUs: number;
  /** Prompts of others that ran meanwhile. */
  prefillUs: number;
}

/** Weighted sum of a step's parts without fixed times of layers and host, us. */
function scaled(parts: PointParts['decode'], s: ServingScales): number {
  const { gemm, attention, experts, comm, glue, fixed } = parts;
  return s.gemm * gemm + s.attention * attention + s.experts * experts + s.comm * comm
    + s.launches * fixed + glue;
}

/** Steps that a token takes: drafts cost a layer each, and divide by what is accepted. */
export function stepsOfToken(layers: number, speculation: Speculation | undefined): number {
  return speculation === undefined ? 1 : (1 + speculation.drafts / layers) / speculation.accepted;
}

/**
 * `t_dec = scales * parts + launches*fixed + glue*layers + host + sequence*b`; drafts add their
 * share of a step and divide by what is accepted. A request meets b-1 other prefills while it
 * decodes; a step that mixes both passes the weights once.
 */
export function tpot(parts: PointParts, s: ServingScales): Tpot {
  const { layers, indexLayers, resident, osl, speculation, prefill, chunks } = parts;
  const layerUs = layers * s.glueUs + indexLayers * s.indexUs;
  const step = scaled(parts.decode, s) + layerUs + s.hostUs + s.sequenceUs * resident;
  const decodeUs = step * stepsOfToken(layers, speculation);
  const { gemm, attention, experts, comm, glue, fixed } = prefill;
  const prompt = gemm + attention + experts + comm + glue + fixed;
  const others = Math.max(0, resident - 1);
  const interference = (others * prompt * s.prefill) / osl;
  const met = Math.min(1, (others * chunks) / osl);
  const pass = 0.8 * (decodeUs - s.attention * parts.decode.attention);
  const saved = Math.min(s.mixed * met * Math.max(0, pass), 0.7 * interference);
  const prefillUs = interference - saved;
  return { us: decodeUs + prefillUs, decodeUs, prefillUs };
}
