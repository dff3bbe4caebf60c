// SPDX-License-Identifier: Apache-2.0
import type { Device, Provenance } from './types.js';
import { GB, GIB, MIB, TB, TFLOPS } from './units.js';

const DATASHEET: Provenance = {
  source: 'NVIDIA H100/H200/Blackwell/Blackwell Ultra datasheets, via ai-dynamo/aiconfigurator',
  status: 'vendor claim',
};
const SCALE_UP: Provenance = {
  source: 'SemiAnalysisAI/InferenceX-app gpu-specs.ts, commit 77ca49a6 (2026-04-03)',
  status: 'vendor claim',
};
const AICONFIGURATOR: Provenance = {
  source: 'ai-dynamo/aiconfigurator systems/*.yaml, commit 095f58a5 (2026-08-21)',
  status: 'vendor claim',
};
const BLACKWELL_POWER: Provenance = {
  source: 'Verda, NVIDIA GB300 NVL72: GPU Architecture & Performance (2025-2026); all-in power: '
    + 'SemiAnalysis data-centre model in InferenceX-app, commit 77ca49a6',
  status: 'vendor claim',
};
const HOPPER_POWER: Provenance = {
  source: `${DATASHEET.source}; all-in power: SemiAnalysis data-centre model in InferenceX-app, `
    + 'commit 77ca49a6',
  status: 'vendor claim',
};

const HOPPER_COMPUTE = {
  ...DATASHEET,
  bf16FlopsPerS: 989 * TFLOPS,
  fp8FlopsPerS: 1979 * TFLOPS,
  nvfp4FlopsPerS: null,
};
const HOPPER_LINKS = {
  scaleUp: { ...SCALE_UP, name: 'NVLink 4', bandwidthBytesPerS: 450 * GB, domainGpus: 8 },
  scaleOut: { ...SCALE_UP, name: 'ConnectX-7', bandwidthBytesPerS: 50 * GB },
  hostLink: { ...AICONFIGURATOR, name: 'PCIe 5.0 x16', bandwidthBytesPerS: 64 * GB },
  power: { ...HOPPER_POWER, gpuTdpW: 700, allInW: 1730 },
};

const H100_SXM: Device = {
  id: 'h100_sxm',
  name: 'NVIDIA H100 SXM',
  aliases: ['h100', 'h100-sxm5', 'h100-80gb'],
  architecture: 'hopper',
  compute: HOPPER_COMPUTE,
  memory: {
    ...DATASHEET,
    type: 'HBM3',
    bandwidthBytesPerS: 3.35 * TB,
    capacityBytes: 80 * GB,
    visibleBytes: 80 * GIB,
  },
  ...HOPPER_LINKS,
};

const H200_SXM: Device = {
  id: 'h200_sxm',
  name: 'NVIDIA H200 SXM',
  aliases: ['h200', 'h200-141gb'],
  architecture: 'hopper',
  compute: HOPPER_COMPUTE,
  memory: {
    ...DATASHEET,
    type: 'HBM3e',
    bandwidthBytesPerS: 4.8 * TB,
    capacityBytes: 141 * GB,
    visibleBytes: 141 * GIB,
  },
  ...HOPPER_LINKS,
};

const B200_SXM: Device = {
  id: 'b200_sxm',
  name: 'NVIDIA B200 SXM (HGX)',
  aliases: ['b200', 'hgx-b200'],
  architecture: 'blackwell',
  compute: {
    ...DATASHEET,
    bf16FlopsPerS: 2250 * TFLOPS,
    fp8FlopsPerS: 4500 * TFLOPS,
    nvfp4FlopsPerS: 9000 * TFLOPS,
  },
  memory: {
    ...DATASHEET,
    type: 'HBM3e',
    bandwidthBytesPerS: 7.7 * TB,
    capacityBytes: 180 * GB,
    visibleBytes: 180 * GIB,
  },
  scaleUp: { ...SCALE_UP, name: 'NVLink 5', bandwidthBytesPerS: 900 * GB, domainGpus: 8 },
  scaleOut: {
    ...AICONFIGURATOR,
    name: 'ConnectX-7/8 at 400-800 Gb/s',
    bandwidthBytesPerS: 100 * GB,
  },
  // The board takes PCIe 6.0 (128 GB/s), but most hosts sold with it run 5.0.
  hostLink: { ...AICONFIGURATOR, name: 'PCIe 5.0 x16', bandwidthBytesPerS: 64 * GB },
  power: { ...BLACKWELL_POWER, gpuTdpW: 1000, allInW: 2170 },
};

const GB300: Device = {
  id: 'gb300',
  name: 'NVIDIA GB300 (one GPU of an NVL72)',
  aliases: ['gb300-nvl72'],
  architecture: 'blackwell',
  compute: {
    ...DATASHEET,
    bf16FlopsPerS: 2500 * TFLOPS,
    fp8FlopsPerS: 5000 * TFLOPS,
    nvfp4FlopsPerS: 15000 * TFLOPS,
  },
  memory: {
    ...DATASHEET,
    type: 'HBM3e',
    bandwidthBytesPerS: 8 * TB,
    capacityBytes: 288 * GB,
    // nvidia-smi figure quoted by aiconfigurator.
    visibleBytes: 284208 * MIB,
  },
  scaleUp: { ...SCALE_UP, name: 'NVLink 5', bandwidthBytesPerS: 900 * GB, domainGpus: 72 },
  scaleOut: { ...AICONFIGURATOR, name: 'ConnectX-8 800 Gb/s', bandwidthBytesPerS: 100 * GB },
  // 450 GB/s a direction per Grace CPU, which two GPUs share when both use it.
  hostLink: { ...AICONFIGURATOR, name: 'NVLink-C2C to Grace', bandwidthBytesPerS: 450 * GB },
  power: { ...BLACKWELL_POWER, gpuTdpW: 1400, allInW: 2100 },
};

/** Every device of the catalogue. */
export const devices: readonly Device[] = [H100_SXM, H200_SXM, B200_SXM, GB300];

/** Letters and digits only, so that `H100 SXM`, `h100-sxm` and `h100_sxm` are one name. */
function normalise(name: string): string {
  return name.toLowerCase().replace(/^nvidia/, '').replace(/[^a-z0-9]/g, '');
}

const byName = new Map<string, Device>();
for (const device of devices) {
  for (const name of [device.id, device.name, ...device.aliases]) {
    byName.set(normalise(name), device);
  }
}

/** The device of that id, name or alias, or undefined. */
export function findDevice(nameOrAlias: string): Device | undefined {
  return byName.get(normalise(nameOrAlias));
}

/** Ids of the catalogue, for messages and completion. */
export function deviceNames(): string[] {
  return devices.map((device) => device.id);
}
