// SPDX-License-Identifier: Apache-2.0
import { naturalLog } from '../cost/op/numbers.js';
import {
  effectKeys, type PointParts, scalesOf, SERVING_CONSTANTS, type ServingEffects, servingScales,
  summedEffects, tpot, ttft,
} from '../cost/serving/index.js';
import { solveSymmetric } from './least-squares.js';
import type { ServingRow } from './serving-rows.js';

/** A row with all that constants do not touch. */
export interface PricedRow extends ServingRow {
  readonly parts: PointParts;
}

/** Residuals (logarithms of predicted over measured) beyond this count by their size. */
const SOFT = 0.12;
/** Noise that effects are weighed against. */
const NOISE = 0.08;
/** Effects of each level in units of a constant's spread: chosen by leaving out whole groups. */
const LEVELS = [2, 1, 0.7, 0.5] as const;
const ITERATIONS = 40;
const SIZE = SERVING_CONSTANTS.length;

/** Effects that fit the rows, each shrunk to zero. Deterministic. */
export function fitServing(rows: readonly PricedRow[]): ServingEffects {
  const search = new EffectSearch(rows);
  for (let i = 0; i < ITERATIONS && search.improve(); i++);
  return search.effects();
}

/** One row of the fit: indices of its groups. */
interface Entry {
  readonly row: PricedRow;
  readonly at: readonly number[];
}

/** Gauss-Newton on reweighted residuals with damping. */
class EffectSearch {
  private readonly keys: string[] = [];
  private readonly entries: Entry[];
  private readonly pull: Float64Array;
  private x: Float64Array;
  private loss: number;
  private damping = 1e-3;

  constructor(rows: readonly PricedRow[]) {
    const levels: number[] = [];
    this.entries = rows.map((row) => {
      const at = effectKeys(row.parts).map((key, level) => {
        let i = this.keys.indexOf(key);
        if (i < 0) {
          i = this.keys.push(key) - 1;
          levels.push(level);
        }
        return i;
      });
      return { row, at };
    });
    this.pull = new Float64Array(this.keys.length * SIZE);
    levels.forEach((level, group) => SERVING_CONSTANTS.forEach(({ spread, common }, c) => {
      const expected = spread * LEVELS[level] * (common === true && level > 0 ? 1e-6 : 1);
      this.pull[group * SIZE + c] = (NOISE * NOISE) / (expected * expected);
    }));
    this.x = new Float64Array(this.pull.length);
    this.loss = this.lossAt(this.x);
  }

  effects(): ServingEffects {
    return Object.fromEntries(this.keys.map((key, group) => {
      const own = Array.from(this.x.subarray(group * SIZE, (group + 1) * SIZE));
      return [key, own.map((value) => Number(value.toPrecision(3)))];
    }));
  }

  private sum(x: Float64Array, { at }: Entry): Float64Array {
    const sum = summedEffects({}, []);
    for (const group of at) for (let c = 0; c < SIZE; c++) sum[c] += x[group * SIZE + c];
    return sum;
  }

  private residual({ row }: Entry, sum: Float64Array): number {
    const us = tpot(row.parts, scalesOf(sum, row.parts.engine)).us;
    return naturalLog(us / 1000 / row.tpotMs);
  }

  private lossAt(x: Float64Array): number {
    let loss = 0;
    for (const entry of this.entries) {
      const z = this.residual(entry, this.sum(x, entry)) / SOFT;
      loss += 2 * SOFT * SOFT * (Math.sqrt(1 + z * z) - 1);
    }
    for (let i = 0; i < x.length; i++) loss += this.pull[i] * x[i] * x[i];
    return loss;
  }

  /** One accepted step; false when the loss hardly falls any more. */
  improve(): boolean {
    const { h, g } = this.normalEquations();
    for (let tries = 0; tries < 8; tries++) {
      const matrix = h.map((row, i) => {
        const copy = Float64Array.from(row);
        copy[i] *= 1 + this.damping;
        return copy;
      });
      const step = Float64Array.from(g);
      if (solveSymmetric(matrix, step)) {
        const next = this.x.map((value, i) => value - step[i]);
        const loss = this.lossAt(next);
        if (loss < this.loss) {
          const gain = this.loss - loss;
          this.x = next;
          this.loss = loss;
          this.damping = Math.max(1e-6, this.damping / 5);
          return gain > 1e-4 * loss;
        }
      }
      this.damping *= 6;
    }
    return false;
  }

  private normalEquations(): { h: Float64Array[]; g: Float64Array } {
    const { x, pull } = this;
    const h = Array.from(x, () => new Float64Array(x.length));
    const g = new Float64Array(x.length);
    for (const entry of this.entries) {
      const sum = this.sum(x, entry);
      const residual = this.residual(entry, sum);
      const z = residual / SOFT;
      const weight = 1 / Math.sqrt(1 + z * z);
      const slopes = SERVING_CONSTANTS.map(({ spread }, c) => {
        const moved = Float64Array.from(sum);
        moved[c] += 1e-3 * spread;
        return (this.residual(entry, moved) - residual) / (1e-3 * spread);
      });
      for (const a of entry.at) {
        for (let c = 0; c < SIZE; c++) {
          const slope = weight * slopes[c];
          if (slope === 0) continue;
          const own = h[a * SIZE + c];
          g[a * SIZE + c] += slope * residual;
          for (const b of entry.at) {
            for (let d = 0; d < SIZE; d++) own[b * SIZE + d] += slope * slopes[d];
          }
        }
      }
    }
    for (let i = 0; i < x.length; i++) {
      g[i] += pull[i] * x[i];
      h[i][i] += pull[i];
    }
    return { h, g };
  }
}

/** Predicted mean times of a row, ms. */
export interface PredictedTimes {
  readonly tpotMs: number;
  /** An order of magnitude. */
  readonly ttftMs: number;
}

export function predictTimes(effects: ServingEffects, { parts }: PricedRow): PredictedTimes {
  const scales = servingScales(effects, parts);
  const time = tpot(parts, scales);
  return { tpotMs: time.us / 1000, ttftMs: ttft(parts, scales, time) / 1000 };
}
