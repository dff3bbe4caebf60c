// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Device } from '../types.js';
import { GB, GIB, TB, TFLOPS } from '../units.js';

/** Rubin as announced in 2026-01: 22 TB/s. */
export const RUBIN: Device = {
  id: 'rubin',
  name: 'NVIDIA Rubin (one GPU of a VR NVL72, 22 TB/s)',
  aliases: ['rubin_22', 'vr200', 'rubin-gpu'],
  architecture: 'rubin',
  compute: {
    ...SOURCES.aisimulateSystem,
    bf16FlopsPerS: 4000 * TFLOPS,
    fp8FlopsPerS: 17500 * TFLOPS,
    nvfp4FlopsPerS: 35000 * TFLOPS,
    nvfp4HeadlineFlopsPerS: 50000 * TFLOPS,
    note: 'NVIDIA states 35 PF for training and 50 PF for inference, which counts adaptive '
      + 'compression; 35 PF is the plain dense ceiling',
  },
  memory: {
    ...SOURCES.rubinBlog,
    type: 'HBM4',
    bandwidthBytesPerS: 22 * TB,
    capacityBytes: 288 * GB,
    visibleBytes: 278.5 * GIB,
    note: 'large copies on pre-production parts moved 10.15-10.33 TB/s (see rubin_copy_rate); '
      + 'visible bytes from ai-dynamo/aisimulate',
  },
  scaleUp: {
    ...SOURCES.rubinBlog,
    name: 'NVLink 6',
    bandwidthBytesPerS: 1800 * GB,
    domainGpus: 72,
    note: 'pre-production parts ran 36 links of 41 GB/s, 1476 GB/s',
  },
  scaleOut: { ...SOURCES.rubinBlog, name: 'ConnectX-9 1.6 Tb/s', bandwidthBytesPerS: 200 * GB },
  hostLink: {
    ...SOURCES.veraNews,
    name: 'NVLink-C2C to Vera',
    bandwidthBytesPerS: 900 * GB,
    note: 'a direction per Vera CPU, which two GPUs share',
  },
  power: { ...SOURCES.margins, gpuTdpW: 1800, note: 'third-party pages range over 1800-2300 W' },
  dataCentrePower: {
    ...SOURCES.unpublished,
    allInW: null,
    note: 'the rack takes 190-230 kW, 2.6-3.2 kW a GPU before cooling (vr_nvl72)',
  },
};

/** Rubin as it is expected to ship. */
export const RUBIN_19_2: Device = {
  ...RUBIN,
  id: 'rubin_19_2',
  name: 'NVIDIA Rubin (one GPU of a VR NVL72, 19.2 TB/s)',
  aliases: ['rubin-19.2'],
  memory: { ...RUBIN.memory, ...SOURCES.performanceIndex, bandwidthBytesPerS: 19.2 * TB },
};
