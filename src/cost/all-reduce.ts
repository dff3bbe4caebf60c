// SPDX-License-Identifier: Apache-2.0
import { NS_PER_S, NS_PER_US, type Device } from '../hardware/index.js';
import { calibrationDevice } from './calibration-device.js';

/**
 * Engine-own (one-shot and two-shot) all-reduce over the scale-up link, in bf16: time = latency +
 * 2 (n-1)/n bytes / (link bandwidth * efficiency). Same source and fit as `calibration.ts`. NCCL's
 * own constants are slower at every size that these devices have rows for, so the minimum of the
 * two is this. Efficiency above 1: the switch reduces, which beats the ring bound.
 */
interface AllReduceRow {
  efficiency: number;
  latencyUs: number;
  fitErrorPercent: number;
  fittedOn?: string;
}

const row = (
  efficiency: number,
  latencyUs: number,
  fitErrorPercent: number,
  fittedOn?: string,
): AllReduceRow =>
  fittedOn === undefined
    ? { efficiency, latencyUs, fitErrorPercent }
    : { efficiency, latencyUs, fitErrorPercent, fittedOn };

/** Rows for 2, 4 and 8 GPUs. */
const ROWS: Readonly<Record<string, readonly [AllReduceRow, AllReduceRow, AllReduceRow]>> = {
  h100_sxm: [row(0.75, 3, 4), row(0.75, 3, 16), row(1.05, 4, 23)],
  h200_sxm: [row(0.65, 3, 7), row(0.75, 3, 4), row(1.05, 4, 27)],
  b200_sxm: [row(0.55, 4, 2, 'gb200'), row(0.3, 4, 5), row(0.8, 10, 7)],
  gb300: [row(0.55, 4, 5), row(0.65, 4, 18), row(0.7, 10, 5, 'b300_sxm')],
};

export interface AllReduceCost {
  latencyNs: number;
  /** Nanoseconds a byte of the reduced tensor. */
  nsPerByte: number;
  fitErrorPercent: number;
  fittedOn?: string;
}

/**
 * Cost of one all-reduce over `gpus`. Sizes between the fitted ones take the next larger row;
 * above 8 GPUs nothing was measured and the 8-GPU row stands in.
 */
export function allReduceCost(device: Device, gpus: number): AllReduceCost {
  if (gpus === 1) return { latencyNs: 0, nsPerByte: 0, fitErrorPercent: 0 };
  const from = calibrationDevice(device);
  const rows = ROWS[from];
  if (rows === undefined) throw new Error(`no all-reduce calibration for ${from}`);
  const fitted = gpus <= 2 ? rows[0] : gpus <= 4 ? rows[1] : rows[2];
  const traffic = (2 * (gpus - 1)) / gpus;
  const bytesPerS = device.scaleUp.bandwidthBytesPerS * fitted.efficiency;
  const cost = {
    latencyNs: fitted.latencyUs * NS_PER_US,
    nsPerByte: (traffic / bytesPerS) * NS_PER_S,
    fitErrorPercent: fitted.fitErrorPercent,
  };
  const own = fitted.fittedOn ?? (from === device.id ? undefined : from);
  const fittedOn = gpus > 8 ? '8 GPUs' : own;
  return fittedOn === undefined ? cost : { ...cost, fittedOn };
}
