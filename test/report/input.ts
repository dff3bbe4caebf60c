// SPDX-License-Identifier: Apache-2.0
import { evaluateSlo, summarize, type RunRecords } from '../../src/metrics/index.js';
import type { Assumption, Scenario, SummaryTextInput } from '../../src/report/index.js';

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

export function textInput(
  records: RunRecords,
  slo: Record<string, number> = {},
): SummaryTextInput {
  const summary = summarize(records, { exactRequests: 100, blockSizeTokens: [64] });
  const next = 'kvloom run -o out';
  return { identity, scenario, summary, slo: evaluateSlo(slo, summary), assumptions, next };
}
