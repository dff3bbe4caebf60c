// SPDX-License-Identifier: Apache-2.0
import { dtypeOf } from './dtype.js';
import type { Constant, Form, OperationCost } from './form.js';
import { norm2, norm4 } from './numbers.js';
import type { Operation } from './operation.js';
import { flopsPerUs, type Peaks, unitFlopsPerUs } from './peaks.js';

/** An m x k by k x n product. */
export type GemmShape = Pick<Operation, 'dtype' | 'm' | 'n' | 'k'>;

/** Rows of an output tile; a tile is one SM's work. */
const TILE = 128;

const COMPUTE: Constant = {
  name: 'compute', unit: 'share', low: 0.2, high: 1, centre: 0.65, means: 'share of tensor peak',
};
const MEMORY: Constant = {
  name: 'memory', unit: 'share', low: 0.5, high: 0.93, centre: 0.82, means: 'share of HBM',
};
const FIXED: Constant = {
  name: 'fixed', unit: 'us', low: 0, high: 30, centre: 2, means: 'launch',
};
const WALK: Constant = {
  name: 'walk', unit: 'us', low: 0, high: 4, centre: 0.7,
  means: 'serial walk along k: per 1024 of k, or per square root of that',
};
const QUANTISE: Constant = {
  name: 'quantise', unit: 'share', low: 0.2, high: 1.2, centre: 0.5,
  means: 'share of HBM while activations are quantised',
};
const WAVE: Constant = {
  name: 'wave', unit: 'factor', low: 0, high: 1, centre: 0.3, optional: true,
  means: 'how much of the last, partly filled wave of tiles is paid',
};

/** Arithmetic and bytes at peak; returns the time to quantise activations at HBM peak, us. */
function ideal({ m, n, k, dtype }: GemmShape, peaks: Peaks, cost: OperationCost): number {
  const { unit, bytes } = dtypeOf(dtype);
  const hbm = peaks.hbm * 1e-6;
  cost.linkUs = 0;
  cost.computeUs = (2 * m * n * k) / unitFlopsPerUs(peaks, unit);
  cost.memoryUs = (bytes * (m * k + n * k) + 2 * m * n) / hbm;
  // bf16 activations are read and their copy written.
  return (m * k * (2 + bytes)) / hbm;
}

/**
 * bf16, us: `fixed + norm4(C/compute, B/memory) + walk*sqrt(k/1000)`, C and B being arithmetic and
 * bytes at peak. Libraries split k, so the walk grows as a root. A term for tiles and waves fits
 * few shapes well and carries badly: cuBLAS has tiles of 64 and split k.
 */
export function gemmBf16(
  shape: GemmShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  ideal(shape, peaks, cost);
  cost.computeUs /= c[0];
  cost.memoryUs /= c[1];
  cost.fixedUs = c[2] + c[3] * Math.sqrt(shape.k / 1000);
  cost.us = cost.fixedUs + norm4(cost.computeUs, cost.memoryUs);
  return cost.us;
}

/** fp8 with one scale a tensor, us: as bf16 with norm2, plus `Q/quantise`. */
export function gemmFp8(
  shape: GemmShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const quantise = ideal(shape, peaks, cost) / c[4];
  cost.computeUs /= c[0];
  cost.memoryUs /= c[1];
  cost.fixedUs = c[2] + c[3] * Math.sqrt(shape.k / 1000);
  cost.us = cost.fixedUs + norm2(cost.computeUs, cost.memoryUs);
  cost.memoryUs += quantise;
  cost.us += quantise;
  return cost.us;
}

/** Columns of a tile of block-scaled products. */
function tileColumns(dtype: string): number {
  return dtype === 'nvfp4' ? 256 : 128;
}

/**
 * How much of k a tile of block-scaled products takes to fill its pipeline and to be written:
 * four stages of 128 on Hopper; Blackwell accumulates the next tile while it writes one.
 */
function fillOf({ generation }: Peaks): number {
  return generation === 'blackwell' ? 128 : 512;
}

/**
 * Block-scaled fp8 and fp4, us: `fixed + norm4(Cw/compute, B/memory) + Q/quantise + walk*k/1000`.
 * Cw pays for filling the pipeline, C*(k + fill)/k, and for partly filled waves of tiles:
 * `max(C, tile*(w + wave*(ceil(w) - w)))`, 128 rows by 128 columns, 256 in nvfp4.
 */
export function gemmBlock(
  shape: GemmShape,
  peaks: Peaks,
  c: ArrayLike<number>,
  cost: OperationCost,
): number {
  const quantise = ideal(shape, peaks, cost) / c[4];
  const { m, n, k, dtype } = shape;
  const columns = tileColumns(dtype);
  const filled = (k + fillOf(peaks)) / k;
  const tileUs = (2 * TILE * columns * k * peaks.sms) / flopsPerUs(peaks, dtype);
  const waves = (Math.ceil(m / TILE) * Math.ceil(n / columns)) / peaks.sms;
  const tiled = tileUs * (waves + c[5] * (Math.ceil(waves) - waves));
  cost.computeUs = (filled * Math.max(cost.computeUs, tiled)) / c[0];
  cost.memoryUs /= c[1];
  cost.fixedUs = c[2] + (c[3] * k) / 1000;
  cost.us = cost.fixedUs + norm4(cost.computeUs, cost.memoryUs);
  cost.memoryUs += quantise;
  cost.us += quantise;
  return cost.us;
}

function shapeOf({ n, k }: Operation): string {
  return `n ${n}, k ${k}`;
}

function beyond({ n, k }: Operation): string {
  return n < 512 || k < 512 ? 'n or k below 512' : k > 16384 ? 'k above 16384' : '';
}

const shared = { shapeOf, beyond };
export const gemmBf16Form: Form = {
  ...shared, evaluate: gemmBf16, pull: 0.05,
  constants: [COMPUTE, MEMORY, FIXED, { ...WALK, centre: 1.2 }],
};
export const gemmFp8Form: Form = {
  ...shared, evaluate: gemmFp8, pull: 0.1,
  constants: [COMPUTE, MEMORY, { ...FIXED, centre: 12 }, { ...WALK, centre: 0.6 }, QUANTISE],
};
export const gemmBlockForm: Form = {
  ...shared, evaluate: gemmBlock, pull: 0.2,
  constants: [
    COMPUTE, MEMORY, { ...FIXED, centre: 5 }, { ...WALK, centre: 0.5 }, QUANTISE, WAVE,
  ],
};
