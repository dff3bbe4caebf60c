// SPDX-License-Identifier: Apache-2.0
/** What a config that says nothing gets. */

/** DeepSeek-V3 in fp8 on one node of eight H200. */
export const POOL_DEFAULTS = {
  name: 'main',
  model: 'deepseek-v3',
  device: 'h200_sxm',
  engine: 'vllm',
  tensorParallel: 8,
  attentionDataParallel: 1,
  expertParallel: null,
  replicas: 1,
  router: 'prefix-aware',
  overlapWeight: 10,
  blockSize: 64,
  numGpuBlocks: null,
  maxSequences: 256,
  maxBatchedTokens: 8192,
  weightDtype: 'fp8',
  kvDtype: 'fp8',
  prefixCaching: true,
  reserveFullPrompt: true,
} as const;

/** The session that ships with the package. */
export const BUILTIN_TRACE = 'builtin:seed-session';

export const TRACE_DEFAULTS = {
  path: BUILTIN_TRACE,
  format: 'auto',
  timing: 'closed-loop',
  lanes: null,
  maxGapSeconds: null,
  maxSessions: null,
  sessionsPerSecond: null,
} as const;

export const AGENTIC_DEFAULTS = {
  thinkSeconds: 0,
  sessionsPerSecond: 1,
  sharedPrefixTokens: 0,
} as const;

export const RUN_DEFAULTS = { name: 'run', seed: 42, exactRequests: 1_000_000 } as const;
