// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Part } from '../types.js';
import { GB, TB } from '../units.js';

/** CPUs that feed accelerators and run tools. */
export const HOSTS: readonly Part[] = [
  {
    id: 'vera_cpu',
    name: 'NVIDIA Vera CPU',
    aliases: ['vera'],
    kind: 'host',
    facts: {
      cores: { ...SOURCES.veraNews, value: 88, unit: 'core', note: '176 threads, Arm v9.2-A' },
      hostMemoryBytes: { ...SOURCES.veraNews, value: 1.5 * TB, unit: 'byte', note: 'LPDDR5X' },
      hostMemoryBandwidthBytesPerS: { ...SOURCES.veraNews, value: 1.2 * TB, unit: 'byte/s' },
      c2cBytesPerS: {
        ...SOURCES.veraNews,
        value: 900 * GB,
        unit: 'byte/s',
        note: 'one direction; 1.8 TB/s both ways, shared by two GPUs',
      },
    },
  },
  {
    id: 'grace_cpu',
    name: 'NVIDIA Grace CPU',
    aliases: ['grace'],
    kind: 'host',
    facts: {
      cores: { ...SOURCES.recalled, value: 72, unit: 'core' },
      hostMemoryBytes: { ...SOURCES.recalled, value: 480 * GB, unit: 'byte', note: 'LPDDR5X' },
      hostMemoryBandwidthBytesPerS: { ...SOURCES.recalled, value: 0.5 * TB, unit: 'byte/s' },
      c2cBytesPerS: {
        ...SOURCES.recalled,
        value: 450 * GB,
        unit: 'byte/s',
        note: 'one direction; 0.9 TB/s both ways, shared by two GPUs',
      },
    },
  },
  {
    id: 'x86_host',
    name: 'x86 host with two sockets',
    aliases: ['x86', 'xeon', 'epyc'],
    kind: 'host',
    facts: {
      cores: { ...SOURCES.kvloomGuess, value: 96, low: 64, high: 256, unit: 'core' },
      hostMemoryBytes: {
        ...SOURCES.kvloomGuess,
        value: 2 * TB,
        low: 1 * TB,
        high: 6 * TB,
        unit: 'byte',
      },
      hostMemoryBandwidthBytesPerS: {
        ...SOURCES.kvloomGuess,
        value: 0.6 * TB,
        low: 0.4 * TB,
        high: 1.2 * TB,
        unit: 'byte/s',
      },
      pcieBytesPerS: {
        ...SOURCES.aiconfigurator,
        value: 64 * GB,
        unit: 'byte/s',
        note: 'one direction a GPU, PCIe 5.0 x16',
      },
    },
  },
];
