// SPDX-License-Identifier: Apache-2.0
import type { Provenance } from '../hardware/index.js';
import type { GpuHour } from './types.js';

const TCO: Provenance = {
  source: 'SemiAnalysis AI Cloud TCO constants in SemiAnalysisAI/InferenceX-app, commit 77ca49a6',
  date: '2026-04-03',
  status: 'inferred',
};
const PLACEHOLDER = { ...TCO, note: 'the source takes 1.2 times the part before' };

/** Hyperscaler, neocloud and three-year rental, USD an hour. */
function tco(
  device: string,
  hyperscaler: number,
  neocloud: number,
  rental: number,
  from: Provenance = TCO,
): GpuHour[] {
  const row = (id: string, what: string, usdPerGpuHour: number): GpuHour =>
    ({ ...from, id: `${device}-${id}`, device, basis: 'tco', what, usdPerGpuHour });
  return [
    row('hyperscaler', 'cost of ownership, hyperscaler', hyperscaler),
    row('neocloud', 'cost of ownership, neocloud', neocloud),
    row('rental-3y', 'rental over three years', rental),
  ];
}

/** Hourly prices of GPUs, modelled and asked. */
export const GPU_HOURS: readonly GpuHour[] = [
  ...tco('h100_sxm', 1.3, 1.69, 1.3),
  ...tco('h200_sxm', 1.41, 1.74, 1.6),
  ...tco('b200_sxm', 1.95, 2.34, 2.9),
  ...tco('b300_sxm', 2.34, 2.808, 3.48, PLACEHOLDER),
  ...tco('gb200', 2.21, 2.75, 3.3),
  ...tco('gb300', 2.652, 3.3, 3.96, PLACEHOLDER),
  {
    id: 'h100-1y',
    device: 'h100_sxm',
    basis: 'market',
    what: '1-year contract, 2026-03',
    usdPerGpuHour: 2.35,
    source: 'SemiAnalysis rental index via several 2026-04 articles (low of 1.70 in 2025-10)',
    date: '2026-03',
    status: 'measured',
  },
  {
    id: 'h100-on-demand',
    device: 'h100_sxm',
    basis: 'market',
    what: 'on-demand median of 37 providers, 2026-05',
    usdPerGpuHour: 2.95,
    source: 'AIMultiple Cloud GPU Rental Price Index (2026-05-20)',
    date: '2026-05',
    status: 'measured',
  },
  {
    id: 'h100-on-demand-range',
    device: 'h100_sxm',
    basis: 'market',
    what: 'on-demand range, 2026-05',
    usdPerGpuHour: 3.495,
    low: 1.99,
    high: 5,
    source: 'Mercatus cloud GPU pricing guide (2026-05)',
    date: '2026-05',
    status: 'measured',
  },
  {
    id: 'h200-on-demand',
    device: 'h200_sxm',
    basis: 'market',
    what: 'on-demand range, 2026-05',
    usdPerGpuHour: 4.75,
    low: 2.5,
    high: 7,
    source: 'Mercatus cloud GPU pricing guide (2026-05)',
    date: '2026-05',
    status: 'measured',
  },
  {
    id: 'gb200-aws',
    device: 'gb200',
    basis: 'market',
    what: 'AWS Capacity Block, 761.904 USD per rack-hour, 2026-07',
    usdPerGpuHour: 10.582,
    source: 'AshitaOrbis/inference-margins dive of 2026-07-15',
    date: '2026-07',
    status: 'vendor claim',
  },
  {
    id: 'gb200-neocloud',
    device: 'gb200',
    basis: 'market',
    what: 'neocloud range, 2026-07',
    usdPerGpuHour: 4.75,
    low: 3.5,
    high: 6,
    source: 'AshitaOrbis/inference-margins',
    date: '2026-07',
    status: 'inferred',
  },
  {
    id: 'b300-nebius',
    device: 'b300_sxm',
    basis: 'market',
    what: 'Nebius list, 2026-07',
    usdPerGpuHour: 7.85,
    source: 'AshitaOrbis/inference-margins dive of 2026-07-15',
    date: '2026-07',
    status: 'vendor claim',
  },
  {
    id: 'gb300-private',
    device: 'gb300',
    basis: 'market',
    what: 'early private rates; no public rack price found by that project',
    usdPerGpuHour: 5.5,
    low: 4,
    high: 7,
    source: 'AshitaOrbis/inference-margins',
    date: '2026-07-15',
    status: 'inferred',
  },
  {
    id: 'rubin-projection',
    device: 'rubin',
    basis: 'market',
    what: 'projection only',
    usdPerGpuHour: 8.5,
    source: 'AshitaOrbis/inference-margins',
    date: '2026-07-15',
    status: 'inferred',
  },
  {
    id: 'h800-deepseek',
    device: 'h100_sxm',
    basis: 'market',
    what: 'H800, price assumed in the DeepSeek disclosure of 2025-03-01',
    usdPerGpuHour: 2,
    source: 'DeepSeek-V3/R1 inference system overview',
    date: '2025-03',
    status: 'vendor claim',
  },
];
