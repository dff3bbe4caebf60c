// SPDX-License-Identifier: Apache-2.0
import { exponential, naturalLog } from '../op/numbers.js';
import type { PointParts } from './point-parts.js';
import { NEUTRAL_SCALES, type ServingScales } from './tpot.js';

/** A constant on top of operation costs. */
export interface ServingConstant {
  readonly name: Exclude<keyof ServingScales, 'mixed'>;
  /** Factors are fitted as logarithms; the others add up as they are. */
  readonly unit: 'factor' | 'share' | 'us';
  readonly low: number;
  readonly high: number;
  /** Standard deviation that an effect is expected to have, in logarithms or the unit. */
  readonly spread: number;
  /** Whether only the effect common to all rows is fitted. */
  readonly common?: boolean;
}

const FACTOR = { unit: 'factor', low: 0.22, high: 4.5 } as const;

/** Constants of a step in the order of their effects. */
export const SERVING_CONSTANTS: readonly ServingConstant[] = [
  { name: 'gemm', ...FACTOR, spread: 0.2 },
  { name: 'attention', ...FACTOR, spread: 0.3 },
  { name: 'experts', ...FACTOR, spread: 0.3 },
  { name: 'comm', ...FACTOR, spread: 0.4 },
  { name: 'prefill', ...FACTOR, spread: 0.3 },
  { name: 'launches', unit: 'share', low: 0, high: 1.2, spread: 0.3 },
  { name: 'glueUs', unit: 'us', low: 0, high: 400, spread: 12 },
  { name: 'hostUs', unit: 'us', low: 0, high: 10000, spread: 200 },
  { name: 'sequenceUs', unit: 'us', low: 0, high: 200, spread: 6 },
  { name: 'indexUs', unit: 'us', low: 0, high: 400, spread: 40, common: true },
];

/** Share of a weight pass that mixed steps save. Rows identify it poorly, so it is not fitted. */
const MIXED: Readonly<Record<PointParts['engine'], number>> = {
  trtllm: 1, vllm: 0.6, sglang: 0.55,
};

/** What decides which fitted effects apply. */
export type ScaleGroup = Pick<PointParts, 'engine' | 'generation' | 'family'>;

/** Groups that effects are fitted for, from all rows to the pair of engine and family. */
export function effectKeys(parts: ScaleGroup): string[] {
  const { engine, generation, family } = parts;
  return ['all', `${engine} ${generation}`, family, `${engine} ${family}`];
}

/** Name of the rows that share all effects: engine, generation and family at once. */
export function servingCell({ engine, generation, family }: ScaleGroup): string {
  return `${engine} ${generation} ${family}`;
}

/** Value of a constant with no effect on it, as effects are counted. */
function neutral({ name, unit }: ServingConstant): number {
  return unit === 'factor' ? naturalLog(NEUTRAL_SCALES[name]) : NEUTRAL_SCALES[name];
}
const START = SERVING_CONSTANTS.map(neutral);

/** Effects by group, each a vector in the order of `SERVING_CONSTANTS`. */
export type ServingEffects = Readonly<Record<string, readonly number[]>>;

/** Sum of the neutral start and the effects of a point's groups; groups never fitted add none. */
export function summedEffects(effects: ServingEffects, keys: readonly string[]): Float64Array {
  const sum = Float64Array.from(START);
  for (const key of keys) {
    const own = effects[key];
    if (own === undefined) continue;
    for (let i = 0; i < sum.length; i++) sum[i] += own[i];
  }
  return sum;
}

/** Constants of summed effects, held inside of their bounds. */
export function scalesOf(sum: ArrayLike<number>, engine: PointParts['engine']): ServingScales {
  const scales: { -readonly [K in keyof ServingScales]: number } = { ...NEUTRAL_SCALES };
  scales.mixed = MIXED[engine];
  SERVING_CONSTANTS.forEach(({ name, unit, low, high }, i) => {
    const value = unit === 'factor' ? exponential(Math.max(-20, Math.min(20, sum[i]))) : sum[i];
    scales[name] = Math.min(high, Math.max(low, value));
  });
  return scales;
}

/** Constants for a point, from fitted effects. */
export function servingScales(effects: ServingEffects, parts: ScaleGroup): ServingScales {
  return scalesOf(summedEffects(effects, effectKeys(parts)), parts.engine);
}
