// SPDX-License-Identifier: Apache-2.0
import { SOURCES } from '../sources.js';
import type { Part } from '../types.js';

const KW = 1000;

/** Racks and nodes: contents, power and price. What they add up to is computed. */
export const RACKS: readonly Part[] = [
  {
    id: 'hgx_h100',
    name: 'HGX H100, 8 GPUs',
    aliases: [],
    kind: 'rack',
    contents: { h100_sxm: 8, x86_host: 1 },
    facts: {
      powerW: { ...SOURCES.derived, value: 8 * 1730, unit: 'W', note: '8 x all-in 1.73 kW' },
    },
  },
  {
    id: 'hgx_h200',
    name: 'HGX H200, 8 GPUs',
    aliases: [],
    kind: 'rack',
    contents: { h200_sxm: 8, x86_host: 1 },
    facts: {
      powerW: { ...SOURCES.derived, value: 8 * 1730, unit: 'W', note: '8 x all-in 1.73 kW' },
    },
  },
  {
    id: 'hgx_b200',
    name: 'HGX B200, 8 GPUs',
    aliases: [],
    kind: 'rack',
    contents: { b200_sxm: 8, x86_host: 1 },
    facts: {
      powerW: { ...SOURCES.derived, value: 8 * 2170, unit: 'W', note: '8 x all-in 2.17 kW' },
    },
  },
  {
    id: 'hgx_b300',
    name: 'HGX B300, 8 GPUs',
    aliases: [],
    kind: 'rack',
    contents: { b300_sxm: 8, x86_host: 1 },
    facts: {
      powerW: { ...SOURCES.derived, value: 8 * 2170, unit: 'W', note: '8 x all-in 2.17 kW' },
    },
  },
  {
    id: 'gb200_nvl72',
    name: 'NVIDIA GB200 NVL72',
    aliases: [],
    kind: 'rack',
    contents: { gb200: 72, grace_cpu: 36 },
    facts: {
      powerW: {
        ...SOURCES.awesome,
        value: 120 * KW,
        low: 120 * KW,
        high: 132 * KW,
        unit: 'W',
        note: 'the rack; all-in at the data centre 151 kW (2.1 kW a GPU)',
      },
      capexUsd: { ...SOURCES.awesomePrice, value: 2.75e6, low: 2e6, high: 3.5e6, unit: 'USD' },
    },
  },
  {
    id: 'gb300_nvl72',
    name: 'NVIDIA GB300 NVL72',
    aliases: [],
    kind: 'rack',
    contents: { gb300: 72, grace_cpu: 36 },
    facts: {
      powerW: {
        ...SOURCES.verda,
        status: 'inferred',
        value: 132 * KW,
        low: 120 * KW,
        high: 142 * KW,
        unit: 'W',
        note: 'the GPUs alone take 100.8 kW',
      },
      capexUsd: { ...SOURCES.awesomePrice, value: 3.5e6, low: 3e6, high: 4e6, unit: 'USD' },
    },
  },
  {
    id: 'vr_nvl72',
    name: 'NVIDIA Vera Rubin NVL72',
    aliases: ['vera-rubin-nvl72', 'vr200-nvl72'],
    kind: 'rack',
    contents: { rubin: 72, vera_cpu: 36, nvlink6_switch: 9 },
    facts: {
      powerW: {
        ...SOURCES.rackPower,
        value: 230 * KW,
        low: 190 * KW,
        high: 230 * KW,
        unit: 'W',
        note: 'Max-Q 190 kW, Max-P 230 kW',
      },
      capexUsd: {
        ...SOURCES.margins,
        value: 72 * 120000,
        unit: 'USD',
        note: 'projection of 120,000 USD a GPU; no public price',
      },
    },
  },
  {
    id: 'hgx_rubin_nvl8',
    name: 'HGX Rubin NVL8',
    aliases: [],
    kind: 'rack',
    contents: { rubin: 8, x86_host: 1 },
    facts: { powerW: { ...SOURCES.rackPower, value: 24 * KW, unit: 'W' } },
  },
  {
    id: 'lpx_rack',
    name: 'NVIDIA Groq 3 LPX rack',
    aliases: ['lpx', 'groq3_lpx'],
    kind: 'rack',
    contents: { groq3_lpu: 256 },
    facts: {
      powerW: {
        ...SOURCES.unpublished,
        value: null,
        low: 120 * KW,
        high: 230 * KW,
        unit: 'W',
        note: 'the range is that of NVL72 racks of 2025 and 2026',
      },
      gpuLinkLatencyS: {
        ...SOURCES.unpublished,
        value: null,
        low: 2e-6,
        high: 4e-6,
        unit: 's',
        note: 'one hop of low-latency Ethernet between GPU and LPU trays',
      },
      capexUsd: { ...SOURCES.unpublished, value: null, unit: 'USD' },
    },
  },
];
