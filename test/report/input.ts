// SPDX-License-Identifier: Apache-2.0
import { evaluateSlo, summarize, type RunRecords } from '../../src/metrics/index.js';
import type { Assumption, CostFacts, Scenario, SummaryTextInput } from '../../src/report/index.js';

export const identity = { version: '0.1.0', abi: 1, seed: 42, digest: '9f3c00112233a1e7' };

export const scenario: Scenario = {
  workload: 'coding-agent',
  pools: [
    {
      ...{ name: 'main', model: 'deepseek-v3', device: 'h200_sxm', replicas: 2 },
      ...{ tensorParallel: 8, router: 'prefix-aware' },
    },
  ],
};

const source = 'neutral start';
export const assumptions: Assumption[] = [
  { what: 'HBM bandwidth', value: 4.8, unit: 'TB/s', source, status: 'vendor claim' },
  { what: 'host time a step', value: 500, unit: 'us', source, status: 'assumed' },
  { what: 'host time a sequence', value: 4, unit: 'us', source, status: 'assumed' },
];

/** 16 GPUs for half an hour, and an API's bill. */
export const cost: CostFacts = {
  pools: [
    {
      ...{ pool: 'main', gpus: 16, gpuHours: 8 },
      price: { usdPerGpuHour: 2, what: 'rental over three years', status: 'inferred' },
      cost: {
        totalUsd: 16, usdPerMtokOfInputAndOutput: 1.28, cachedInputUsdPerMtokOfCachedInput: 0.03,
        uncachedInputUsdPerMtokOfUncachedInput: 1.1, outputUsdPerMtokOfOutput: 82,
      },
    },
  ],
  unpriced: [],
  api: [
    {
      ...{ tariff: 'opus', requests: 283, missing: '' },
      ...{ cachedInputUsd: 5.25, uncachedInputUsd: 4, outputUsd: 2.8, totalUsd: 12.05 },
    },
  ],
};

export function textInput(
  records: RunRecords,
  slo: Record<string, number> = {},
): SummaryTextInput {
  const summary = summarize(records, { exactRequests: 100, blockSizeTokens: [64] });
  const next = 'kvloom run -o out';
  const results = evaluateSlo(slo, summary);
  return { identity, scenario, summary, slo: results, cost, assumptions, next };
}
