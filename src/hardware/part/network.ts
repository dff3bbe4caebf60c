// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Fact, Part } from '../types.js';
import { GB, TB } from '../units.js';

const MICROSECOND = 1e-6;

const p2p: Fact = {
  ...SOURCES.aicConstants,
  value: 10 * MICROSECOND,
  unit: 's',
  note: 'GPU to GPU, a message, software included',
};
const interRack: Fact = {
  ...SOURCES.aicConstants,
  value: 15 * MICROSECOND,
  unit: 's',
  note: 'GPU to GPU, a message: 10 us and 5 us more between racks',
};
const rate = (value: number, source: Omit<Fact, 'value' | 'unit'>, note?: string): Fact =>
  note === undefined
    ? { ...source, value, unit: 'byte/s' }
    : { ...source, value, unit: 'byte/s', note };

/** NICs, DPUs and switches: one direction, a port or device. */
export const DEVICES: readonly Part[] = [
  {
    id: 'connectx7',
    name: 'NVIDIA ConnectX-7',
    aliases: ['cx7'],
    kind: 'nic',
    facts: { bandwidthBytesPerS: rate(50 * GB, SOURCES.datasheet, '400 Gb/s, PCIe 5.0 x16') },
  },
  {
    id: 'connectx8',
    name: 'NVIDIA ConnectX-8',
    aliases: ['cx8'],
    kind: 'nic',
    facts: { bandwidthBytesPerS: rate(100 * GB, SOURCES.datasheet, '800 Gb/s, PCIe 6.0') },
  },
  {
    id: 'connectx9',
    name: 'NVIDIA ConnectX-9 SuperNIC',
    aliases: ['cx9'],
    kind: 'nic',
    facts: {
      bandwidthBytesPerS: rate(100 * GB, SOURCES.rubinBlog, '800 Gb/s a device, two a GPU'),
    },
  },
  {
    id: 'bluefield4',
    name: 'NVIDIA BlueField-4 DPU',
    aliases: ['bf4'],
    kind: 'dpu',
    facts: {
      bandwidthBytesPerS: rate(100 * GB, SOURCES.bluefieldNews, '800 Gb/s'),
      cores: { ...SOURCES.bluefieldNews, value: 64, unit: 'core', note: 'Arm' },
    },
  },
  {
    id: 'spectrum6',
    name: 'NVIDIA Spectrum-6 Ethernet switch (Spectrum-X)',
    aliases: ['spectrum-x', 'spectrum-6'],
    kind: 'switch',
    facts: { bandwidthBytesPerS: rate(12.8 * TB, SOURCES.recalled, '102.4 Tb/s') },
  },
  {
    id: 'nvlink6_switch',
    name: 'NVIDIA NVLink 6 switch',
    aliases: ['nvswitch6'],
    kind: 'switch',
    facts: {
      bandwidthPerGpuBytesPerS: rate(1800 * GB, SOURCES.rubinBlog, '3.6 TB/s both ways'),
      traysPerRack: { ...SOURCES.rubinBlog, value: 9, unit: 'tray' },
    },
  },
];

/** Links with bandwidth (one direction, a GPU or CPU) and latency. */
export const LINKS: readonly Part[] = [
  {
    id: 'nvlink4',
    name: 'NVLink 4',
    aliases: [],
    kind: 'link',
    facts: { bandwidthBytesPerS: rate(450 * GB, SOURCES.inferenceX), latencyS: p2p },
  },
  {
    id: 'nvlink5',
    name: 'NVLink 5',
    aliases: [],
    kind: 'link',
    facts: { bandwidthBytesPerS: rate(900 * GB, SOURCES.inferenceX), latencyS: p2p },
  },
  {
    id: 'nvlink6',
    name: 'NVLink 6',
    aliases: [],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(1800 * GB, SOURCES.rubinBlog),
      effectiveBytesPerS: rate(1500 * GB, SOURCES.performanceIndex, 'outbound value of the index'),
      observedBytesPerS: rate(1476 * GB, SOURCES.aisimulate, '36 links of 41 GB/s'),
      latencyS: { ...SOURCES.unpublished, value: null, unit: 's', low: 1e-6, high: 1e-5 },
    },
  },
  {
    id: 'c2c_grace',
    name: 'NVLink-C2C, Grace',
    aliases: [],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(450 * GB, SOURCES.recalled, 'shared by two GPUs'),
      latencyS: { ...SOURCES.kvloomGuess, value: 2e-6, low: 1e-6, high: 1e-5, unit: 's' },
    },
  },
  {
    id: 'c2c_vera',
    name: 'NVLink-C2C, Vera',
    aliases: [],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(900 * GB, SOURCES.veraNews, 'shared by two GPUs'),
      latencyS: { ...SOURCES.kvloomGuess, value: 2e-6, low: 1e-6, high: 1e-5, unit: 's' },
    },
  },
  {
    id: 'pcie5_x16',
    name: 'PCIe 5.0 x16',
    aliases: ['pcie5'],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(64 * GB, SOURCES.aiconfigurator),
      effectiveBytesPerS: rate(55 * GB, SOURCES.kvloomGuess, 'large pinned copies'),
      latencyS: { ...SOURCES.storageTables, value: 2e-6, unit: 's' },
    },
  },
  {
    id: 'pcie6_x16',
    name: 'PCIe 6.0 x16',
    aliases: ['pcie6'],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(128 * GB, SOURCES.aiconfigurator),
      latencyS: { ...SOURCES.kvloomGuess, value: 2e-6, unit: 's' },
    },
  },
  {
    id: 'rdma_400g',
    name: 'RDMA over 400 Gb/s',
    aliases: ['ndr'],
    kind: 'link',
    facts: {
      bandwidthBytesPerS: rate(50 * GB, SOURCES.datasheet),
      effectiveBytesPerS: {
        ...rate(51 * GB, SOURCES.deepep, 'DeepEP dispatch over 64 GPUs, H800 and ConnectX-7'),
        low: 43 * GB,
        high: 58 * GB,
      },
      latencyS: interRack,
    },
  },
  {
    id: 'rdma_800g',
    name: 'RDMA over 800 Gb/s',
    aliases: ['xdr'],
    kind: 'link',
    facts: { bandwidthBytesPerS: rate(100 * GB, SOURCES.datasheet), latencyS: interRack },
  },
  {
    id: 'rdma_1600g',
    name: 'RDMA over 1.6 Tb/s, two ConnectX-9',
    aliases: [],
    kind: 'link',
    facts: { bandwidthBytesPerS: rate(200 * GB, SOURCES.rubinBlog), latencyS: interRack },
  },
  {
    id: 'lpx_gpu_link',
    name: 'GPU to LPX, low-latency Ethernet',
    aliases: [],
    kind: 'link',
    facts: {
      latencyS: {
        ...SOURCES.unpublished,
        value: null,
        unit: 's',
        low: 2e-6,
        high: 4e-6,
        note: 'one hop; the range is the one whose effect was examined, two hops a layer',
      },
    },
  },
];
