// SPDX-License-Identifier: Apache-2.0
import type { OperationEstimator } from '../op/estimator.js';
import { devicePeaks } from './device-peaks.js';
import { stepFormats } from './formats.js';
import { residentSequences } from './kv-cap.js';
import { type LayoutReading, readLayout } from './layout.js';
import { indexLayers, type ServingFamily, servingFamily } from './model-kind.js';
import type { ServingPoint } from './point.js';
import { type Speculation, speculationOf } from './rules.js';
import { type StepParts, stepParts } from './step-cost.js';
import { stepList, type StepShape } from './step-list.js';

/** All of a point's TPOT that fitted constants do not touch: a fit evaluates it many times. */
export interface PointParts {
  readonly engine: ServingPoint['engine'];
  readonly generation: string;
  readonly family: ServingFamily;
  readonly layers: number;
  /** Layers with an indexer of their own. */
  readonly indexLayers: number;
  readonly reading: LayoutReading;
  readonly speculation: Speculation | undefined;
  /** Sequences that decode together in a replica, after the KV cap. */
  readonly resident: number;
  /** Sequences that the row asks for. */
  readonly wanted: number;
  readonly decode: StepParts;
  /** One prompt, in chunks, and the layers walked for it. */
  readonly prefill: StepParts;
  readonly chunks: number;
  /** Mean tokens of prompt and output. */
  readonly isl: number;
  readonly osl: number;
  readonly borrowed: string;
}

/** Tokens of a prefill chunk. */
export const CHUNK = 8192;

const RANDOM_LENGTHS = ['1024/1024', '1024/8192', '8192/1024'];

/**
 * Mean over nominal length: the three pairs of the public serving benchmark are drawn from
 * [0.8, 1] of nominal (assumed, its files do not say), other pairs are taken as fixed.
 */
export function meanShare(isl: number, osl: number): number {
  return RANDOM_LENGTHS.includes(`${isl}/${osl}`) ? 0.9 : 1;
}

function add(into: StepParts, from: StepParts): void {
  for (const key of Object.keys(into) as (keyof StepParts)[]) into[key] += from[key];
}

/** Prices decode and prefill of a point before any constant on top. */
export function pointParts(point: ServingPoint, estimator: OperationEstimator): PointParts {
  const { model, engine, device, columns } = point;
  const { peaks, borrowed } = devicePeaks(device);
  const reading = readLayout(columns, model.ffn.kind === 'MoE');
  const { layout } = reading;
  const formats = stepFormats(point, peaks.generation);
  const share = meanShare(point.isl, point.osl);
  const isl = Math.round(point.isl * share);
  const osl = Math.round(point.osl * share);
  const wanted = Math.max(1, point.batch * reading.batchFactor);
  const resident = Math.min(wanted, residentSequences(point, layout, formats, isl, osl));
  const speculation = speculationOf(point, layout.dp);
  const priced = (shape: StepShape): StepParts =>
    stepParts(stepList(model, layout, formats, shape), estimator, peaks);
  const decode = priced({
    kind: 'decode', sequences: resident, newTokens: 1 + (speculation?.drafts ?? 0),
    past: Math.round(isl + osl / 2),
  });
  const chunks = Math.ceil(isl / CHUNK);
  let prefill: StepParts | undefined;
  for (let past = 0; past < isl; past += CHUNK) {
    const newTokens = Math.min(CHUNK, isl - past);
    const parts = priced({ kind: 'prefill', sequences: 1, newTokens, past });
    if (prefill === undefined) prefill = parts;
    else add(prefill, parts);
  }
  return {
    engine, generation: peaks.generation, family: servingFamily(model), layers: model.layers,
    indexLayers: indexLayers(model), reading, speculation, resident, wanted, decode,
    prefill: prefill!, chunks, isl, osl, borrowed,
  };
}
