// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Part } from '../types.js';
import { GB, TB, TFLOPS } from '../units.js';

/** Accelerators that the step model does not price. */
export const ACCELERATORS: readonly Part[] = [
  {
    id: 'groq3_lpu',
    name: 'NVIDIA Groq 3 LPU (LP30)',
    aliases: ['lpu', 'lp30'],
    kind: 'accelerator',
    facts: {
      fp8FlopsPerS: {
        ...SOURCES.register,
        value: 1230 * TFLOPS,
        unit: 'FLOP/s',
        note: 'no NVFP4, NVLink or CUDA at launch',
      },
      memoryBytes: { ...SOURCES.lpxBlog, value: 0.5 * GB, unit: 'byte', note: 'on-chip SRAM only' },
      memoryBandwidthBytesPerS: { ...SOURCES.lpxBlog, value: 150 * TB, unit: 'byte/s' },
      scaleUpBytesPerS: {
        ...SOURCES.scaleUpBlog,
        value: 1250 * GB,
        unit: 'byte/s',
        note: 'one direction: the published 2.5 TB/s counts both; 96 links of 112 Gb/s are '
          + '1.344 TB/s raw',
      },
      vectorBytes: {
        ...SOURCES.scaleUpBlog,
        value: 320,
        unit: 'byte',
        note: 'unit of the compile-time schedule',
      },
    },
  },
  {
    id: 'wse3',
    name: 'Cerebras WSE-3 (CS-3)',
    aliases: ['wse-3', 'cs-3', 'cerebras'],
    kind: 'accelerator',
    facts: {
      fp16SparseFlopsPerS: {
        ...SOURCES.wafer,
        value: 125e15,
        unit: 'FLOP/s',
        note: 'headline with sparsity',
      },
      memoryBytes: { ...SOURCES.wafer, value: 44 * GB, unit: 'byte', note: 'on-wafer SRAM' },
      memoryBandwidthBytesPerS: { ...SOURCES.wafer, value: 21000 * TB, unit: 'byte/s' },
      ioBytesPerS: { ...SOURCES.wafer, value: 150 * GB, unit: 'byte/s', note: '1.2 Tb/s' },
      powerW: { ...SOURCES.wafer, value: 23000, unit: 'W', note: 'system' },
      capexUsd: {
        ...SOURCES.wafer,
        status: 'inferred',
        value: 1e6,
        low: 1e6,
        high: 3e6,
        unit: 'USD',
      },
    },
  },
];
