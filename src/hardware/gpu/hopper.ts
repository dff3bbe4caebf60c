// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Device } from '../types.js';
import { GB, GIB, TB, TFLOPS } from '../units.js';

const COMPUTE = {
  ...SOURCES.datasheet,
  bf16FlopsPerS: 989 * TFLOPS,
  fp8FlopsPerS: 1979 * TFLOPS,
  nvfp4FlopsPerS: null,
};
const LINKS = {
  scaleUp: {
    ...SOURCES.inferenceX,
    name: 'NVLink 4',
    bandwidthBytesPerS: 450 * GB,
    domainGpus: 8,
  },
  scaleOut: { ...SOURCES.inferenceX, name: 'ConnectX-7', bandwidthBytesPerS: 50 * GB },
  hostLink: { ...SOURCES.aiconfigurator, name: 'PCIe 5.0 x16', bandwidthBytesPerS: 64 * GB },
  power: { ...SOURCES.datasheet, gpuTdpW: 700 },
  dataCentrePower: { ...SOURCES.allInPower, allInW: 1730 },
};

export const H100_SXM: Device = {
  id: 'h100_sxm',
  name: 'NVIDIA H100 SXM',
  aliases: ['h100', 'h100-sxm5', 'h100-80gb'],
  architecture: 'hopper',
  compute: COMPUTE,
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3',
    bandwidthBytesPerS: 3.35 * TB,
    capacityBytes: 80 * GB,
    visibleBytes: 80 * GIB,
  },
  ...LINKS,
};

export const H200_SXM: Device = {
  id: 'h200_sxm',
  name: 'NVIDIA H200 SXM',
  aliases: ['h200', 'h200-141gb'],
  architecture: 'hopper',
  compute: COMPUTE,
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3e',
    bandwidthBytesPerS: 4.8 * TB,
    capacityBytes: 141 * GB,
    visibleBytes: 141 * GIB,
  },
  ...LINKS,
};
