// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Part } from '../types.js';
import { GB, TB } from '../units.js';

/** Where KV blocks can lie below HBM, with what a read costs. */
export const TIERS: readonly Part[] = [
  {
    id: 'dram_pcie5',
    name: 'Host DRAM over PCIe 5.0 x16',
    aliases: ['host_dram_ddr5', 'dram'],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.kvloomGuess,
        value: 55 * GB,
        unit: 'byte/s',
        high: 64 * GB,
        low: 40 * GB,
        note: 'large pinned copies; the link peaks at 64 GB/s',
      },
      readLatencyS: { ...SOURCES.storageTables, value: 2e-6, unit: 's' },
    },
  },
  {
    id: 'dram_c2c_grace',
    name: 'LPDDR5X of Grace over NVLink-C2C',
    aliases: [],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.recalled,
        value: 450 * GB,
        unit: 'byte/s',
        note: 'a direction, shared by two GPUs; its memory has 500 GB/s',
      },
      capacityBytes: { ...SOURCES.recalled, value: 480 * GB, unit: 'byte', note: 'a CPU' },
      readLatencyS: { ...SOURCES.kvloomGuess, value: 2e-6, unit: 's' },
    },
  },
  {
    id: 'dram_c2c_vera',
    name: 'LPDDR5X of Vera over NVLink-C2C',
    aliases: [],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.veraNews,
        value: 900 * GB,
        unit: 'byte/s',
        note: 'a direction, shared by two GPUs; its memory has 1.2 TB/s',
      },
      capacityBytes: { ...SOURCES.veraNews, value: 1.5 * TB, unit: 'byte', note: 'a CPU' },
      readLatencyS: { ...SOURCES.kvloomGuess, value: 2e-6, unit: 's' },
    },
  },
  {
    id: 'nvme_gen5',
    name: 'NVMe drive, PCIe 5.0 x4',
    aliases: ['nvme'],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.storageTables,
        value: 14 * GB,
        low: 12 * GB,
        high: 14.9 * GB,
        unit: 'byte/s',
        note: 'sequential',
      },
      writeBytesPerS: { ...SOURCES.storageTables, value: 8 * GB, unit: 'byte/s' },
      readLatencyS: {
        ...SOURCES.storageTables,
        value: 70e-6,
        low: 20e-6,
        high: 100e-6,
        unit: 's',
        note: 'random 4 KiB; GPUDirect Storage takes 20-60 us one way',
      },
      capacityBytes: { ...SOURCES.storageTables, value: 7.68 * TB, unit: 'byte' },
    },
  },
  {
    id: 'nvmeof_rdma',
    name: 'NVMe over fabrics, RDMA',
    aliases: ['nvme-of'],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.datasheet,
        value: 50 * GB,
        unit: 'byte/s',
        note: 'the 400 Gb/s link; drives permitting',
      },
      readLatencyS: {
        ...SOURCES.storageTables,
        value: 230e-6,
        low: 120e-6,
        high: 340e-6,
        unit: 's',
        note: 'round trip; the value is the middle of the range',
      },
    },
  },
  {
    id: 'cmx',
    name: 'NVIDIA CMX context memory storage (was ICMS)',
    aliases: ['icms'],
    kind: 'tier',
    facts: {
      capacityBytes: { ...SOURCES.bluefieldNews, value: 16 * TB, unit: 'byte', note: 'a GPU' },
      readBytesPerS: {
        ...SOURCES.derived,
        value: 100 * GB,
        unit: 'byte/s',
        note: 'the 800 Gb/s of one BlueField-4; no measurement published',
      },
      readLatencyS: {
        ...SOURCES.storageTables,
        value: 195e-6,
        low: 50e-6,
        high: 340e-6,
        unit: 's',
        note: 'generic NVMe over RDMA, not an NVIDIA figure; middle of the range',
      },
    },
  },
  {
    id: 'object_store',
    name: 'Object store, S3 class',
    aliases: ['s3'],
    kind: 'tier',
    facts: {
      readBytesPerS: {
        ...SOURCES.recalled,
        status: 'inferred',
        value: 5 * GB,
        unit: 'byte/s',
        note: 'a host, parallel reads',
      },
      readLatencyS: {
        ...SOURCES.recalled,
        status: 'inferred',
        value: 0.11,
        low: 0.02,
        high: 0.2,
        unit: 's',
        note: 'first byte, standard class; express class has single-digit ms; middle of the range',
      },
    },
  },
];
