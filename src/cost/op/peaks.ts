// SPDX-License-Identifier: Apache-2.0
import { type Dtype, dtypeOf } from './dtype.js';

/** Generation of GPU: systems of one generation are fitted together. */
export type Generation = 'ampere' | 'ada' | 'hopper' | 'blackwell';

/** What the operation forms need to know of a device. Bandwidths are bytes/s in one direction. */
export interface Peaks {
  readonly id: string;
  readonly generation: Generation;
  /** Dense tensor-core peaks, FLOP/s. fp4 is 0 where the device has no such unit. */
  readonly bf16: number;
  readonly fp8: number;
  readonly fp4: number;
  /** bf16 FLOP of the tensor cores in the time of one exponential of the special function units. */
  readonly flopsPerExp: number;
  /** HBM bandwidth, bytes/s. */
  readonly hbm: number;
  /** Streaming multiprocessors. */
  readonly sms: number;
  /** L2 capacity, bytes. */
  readonly l2: number;
  /** NVLink, bytes/s per GPU. */
  readonly nvlink: number;
  /** NIC, bytes/s per GPU. */
  readonly nic: number;
  /** GPUs in one NVLink domain. */
  readonly nvlinkGpus: number;
}

const HOPPER = {
  generation: 'hopper', bf16: 989e12, fp8: 1978e12, fp4: 0, sms: 132, flopsPerExp: 256,
} as const;
const BLACKWELL = { generation: 'blackwell', nvlink: 900e9, nic: 100e9, l2: 126e6 } as const;
const HOPPER_LINKS = { l2: 50e6, nvlink: 450e9, nic: 50e9, nvlinkGpus: 8 } as const;

/**
 * Vendor peaks as ai-dynamo/aiconfigurator states them (systems/*.yaml, commit 095f58a5,
 * Apache-2.0); SM counts and L2 sizes from NVIDIA's architecture papers. Fitted efficiencies are
 * shares of exactly these numbers: change one and the constants of its system must be refitted.
 * A clock of an SM does 4,096 dense bf16 FLOP on Hopper and 8,192 on Blackwell, beside 16
 * exponentials (CUDA C++ Programming Guide, table of arithmetic throughput); Blackwell Ultra does
 * twice as many (NVIDIA, "Making Softmax More Efficient with NVIDIA Blackwell Ultra").
 * FlashAttention-3 counts the same for H100: 3.9 of 989 T/s.
 */
const SYSTEMS: readonly Peaks[] = [
  { id: 'h100_sxm', ...HOPPER, ...HOPPER_LINKS, hbm: 3.35e12 },
  { id: 'h200_sxm', ...HOPPER, ...HOPPER_LINKS, hbm: 4.8e12 },
  {
    id: 'b200_sxm', ...BLACKWELL, bf16: 2250e12, fp8: 4500e12, fp4: 9000e12, hbm: 7.7e12,
    flopsPerExp: 512, sms: 148, nvlinkGpus: 8,
  },
  {
    id: 'b300_sxm', ...BLACKWELL, bf16: 2250e12, fp8: 4500e12, fp4: 14000e12, hbm: 7.75e12,
    flopsPerExp: 256, sms: 148, nvlinkGpus: 8,
  },
  {
    id: 'gb200', ...BLACKWELL, bf16: 2500e12, fp8: 5000e12, fp4: 10000e12, hbm: 8e12,
    flopsPerExp: 512, sms: 152, nvlinkGpus: 72,
  },
  {
    id: 'gb300', ...BLACKWELL, bf16: 2500e12, fp8: 5000e12, fp4: 15000e12, hbm: 8e12,
    flopsPerExp: 256, sms: 152, nvlinkGpus: 72,
  },
  {
    id: 'a100_sxm', generation: 'ampere', bf16: 312e12, fp8: 312e12, fp4: 0, hbm: 2.039e12,
    flopsPerExp: 128, sms: 108, l2: 40e6, nvlink: 300e9, nic: 25e9, nvlinkGpus: 8,
  },
  {
    id: 'l40s', generation: 'ada', bf16: 362e12, fp8: 733e12, fp4: 0, hbm: 0.864e12,
    flopsPerExp: 64, sms: 142, l2: 96e6, nvlink: 32e9, nic: 50e9, nvlinkGpus: 8,
  },
];

/** Ids of the systems whose peaks are known. */
export const SYSTEM_IDS: readonly string[] = SYSTEMS.map(({ id }) => id);

/** Peaks of a system, or undefined. */
export function peaksOf(system: string): Peaks | undefined {
  return SYSTEMS.find(({ id }) => id === system);
}

/** Whether it is a Blackwell Ultra: compute capability 10.3, not 10.0. */
export function isUltra({ generation, flopsPerExp }: Peaks): boolean {
  return generation === 'blackwell' && flopsPerExp < 512;
}

/** Dense tensor peak of a unit, FLOP/us. fp4 falls back to fp8 where there is no unit. */
export function unitFlopsPerUs(peaks: Peaks, unit: Dtype['unit']): number {
  if (unit === 'fp4') return (peaks.fp4 > 0 ? peaks.fp4 : peaks.fp8) * 1e-6;
  return (unit === 'fp8' ? peaks.fp8 : peaks.bf16) * 1e-6;
}

/** The same for a number format. */
export function flopsPerUs(peaks: Peaks, dtype: string): number {
  return unitFlopsPerUs(peaks, dtypeOf(dtype).unit);
}
