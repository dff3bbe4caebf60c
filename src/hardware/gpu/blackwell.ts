// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Device } from '../types.js';
import { GB, GIB, MIB, TB, TFLOPS } from '../units.js';

const NVLINK_5 = { ...SOURCES.inferenceX, name: 'NVLink 5', bandwidthBytesPerS: 900 * GB };
const HGX_ALL_IN = { ...SOURCES.allInPower, allInW: 2170 };
const NVL72_ALL_IN = { ...SOURCES.allInPower, allInW: 2100 };
/** 450 GB/s a direction per Grace CPU, which two GPUs share when both use it. */
const GRACE_C2C = {
  ...SOURCES.aiconfigurator,
  name: 'NVLink-C2C to Grace',
  bandwidthBytesPerS: 450 * GB,
  note: 'a direction per Grace CPU, which two GPUs share',
};

export const B200_SXM: Device = {
  id: 'b200_sxm',
  name: 'NVIDIA B200 SXM (HGX)',
  aliases: ['b200', 'hgx-b200'],
  architecture: 'blackwell',
  compute: {
    ...SOURCES.datasheet,
    bf16FlopsPerS: 2250 * TFLOPS,
    fp8FlopsPerS: 4500 * TFLOPS,
    nvfp4FlopsPerS: 9000 * TFLOPS,
  },
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3e',
    bandwidthBytesPerS: 7.7 * TB,
    capacityBytes: 180 * GB,
    visibleBytes: 180 * GIB,
  },
  scaleUp: { ...NVLINK_5, domainGpus: 8 },
  scaleOut: {
    ...SOURCES.aiconfigurator,
    name: 'ConnectX-7/8 at 400-800 Gb/s',
    bandwidthBytesPerS: 100 * GB,
  },
  hostLink: {
    ...SOURCES.aiconfigurator,
    name: 'PCIe 5.0 x16',
    bandwidthBytesPerS: 64 * GB,
    note: 'the board takes PCIe 6.0 (128 GB/s), but most hosts sold with it run 5.0',
  },
  power: { ...SOURCES.verda, gpuTdpW: 1000 },
  dataCentrePower: HGX_ALL_IN,
};

export const B300_SXM: Device = {
  id: 'b300_sxm',
  name: 'NVIDIA B300 SXM (HGX)',
  aliases: ['b300', 'hgx-b300'],
  architecture: 'blackwell',
  compute: {
    ...SOURCES.datasheet,
    bf16FlopsPerS: 2250 * TFLOPS,
    fp8FlopsPerS: 4500 * TFLOPS,
    nvfp4FlopsPerS: 14000 * TFLOPS,
  },
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3e',
    bandwidthBytesPerS: 7.75 * TB,
    capacityBytes: 270 * GB,
    visibleBytes: 275040 * MIB,
    note: 'visible: nvidia-smi figure quoted by aiconfigurator',
  },
  scaleUp: { ...NVLINK_5, domainGpus: 8 },
  scaleOut: {
    ...SOURCES.aiconfigurator,
    name: 'ConnectX-8 800 Gb/s',
    bandwidthBytesPerS: 100 * GB,
  },
  hostLink: { ...SOURCES.aiconfigurator, name: 'PCIe 6.0 x16', bandwidthBytesPerS: 128 * GB },
  power: { ...SOURCES.verda, gpuTdpW: 1100 },
  dataCentrePower: { ...HGX_ALL_IN, note: 'the source reuses its B200 figure' },
};

export const GB200: Device = {
  id: 'gb200',
  name: 'NVIDIA GB200 (one GPU of an NVL72)',
  aliases: ['gb200-gpu'],
  architecture: 'blackwell',
  compute: {
    ...SOURCES.datasheet,
    bf16FlopsPerS: 2500 * TFLOPS,
    fp8FlopsPerS: 5000 * TFLOPS,
    nvfp4FlopsPerS: 10000 * TFLOPS,
    exp2PerS: 5e12,
  },
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3e',
    bandwidthBytesPerS: 8 * TB,
    capacityBytes: 186 * GB,
    visibleBytes: 189471 * MIB,
    note: 'visible: nvidia-smi figure quoted by aiconfigurator',
  },
  scaleUp: { ...NVLINK_5, domainGpus: 72 },
  scaleOut: {
    ...SOURCES.aiconfigurator,
    name: 'ConnectX-8 800 Gb/s',
    bandwidthBytesPerS: 100 * GB,
    note: '50 GB/s in racks with ConnectX-7',
  },
  hostLink: GRACE_C2C,
  power: { ...SOURCES.verda, gpuTdpW: 1200 },
  dataCentrePower: NVL72_ALL_IN,
};

export const GB300: Device = {
  id: 'gb300',
  name: 'NVIDIA GB300 (one GPU of an NVL72)',
  aliases: ['gb300-gpu'],
  architecture: 'blackwell',
  compute: {
    ...SOURCES.datasheet,
    bf16FlopsPerS: 2500 * TFLOPS,
    fp8FlopsPerS: 5000 * TFLOPS,
    nvfp4FlopsPerS: 15000 * TFLOPS,
    exp2PerS: 10.7e12,
  },
  memory: {
    ...SOURCES.datasheet,
    type: 'HBM3e',
    bandwidthBytesPerS: 8 * TB,
    capacityBytes: 288 * GB,
    visibleBytes: 284208 * MIB,
    note: 'visible: nvidia-smi figure quoted by aiconfigurator',
  },
  scaleUp: { ...NVLINK_5, domainGpus: 72 },
  scaleOut: {
    ...SOURCES.aiconfigurator,
    name: 'ConnectX-8 800 Gb/s',
    bandwidthBytesPerS: 100 * GB,
  },
  hostLink: GRACE_C2C,
  power: { ...SOURCES.verda, gpuTdpW: 1400 },
  dataCentrePower: { ...NVL72_ALL_IN, note: 'the source reuses its GB200 figure' },
};
