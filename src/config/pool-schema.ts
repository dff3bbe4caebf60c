// SPDX-License-Identifier: Apache-2.0
/** One pool: replicas of one model on one kind of device. */
import { z } from 'zod';
import { POOL_DEFAULTS } from './defaults.js';

export const DTYPES = ['bf16', 'fp8', 'nvfp4'] as const;
export const ENGINES = ['vllm', 'sglang', 'trtllm'] as const;
export const SCHEDULERS = ['mixed', 'prefill-first', 'whole-prompts'] as const;
export const ROUTERS = ['round-robin', 'prefix-aware'] as const;

const count = z.int().positive();
const name = z.string().min(1);

export const poolSchema = z.strictObject({
  name: name.default(POOL_DEFAULTS.name).describe('Unique name that `models` refers to.'),
  model: name
    .default(POOL_DEFAULTS.model)
    .describe('Model that every replica serves: a name of `kvloom catalog models`.'),
  device: name
    .default(POOL_DEFAULTS.device)
    .describe('Accelerator: a name of `kvloom catalog hardware`.'),
  engine: z
    .enum(ENGINES)
    .default(POOL_DEFAULTS.engine)
    .describe('Engine whose fitted times a step has and whose scheduling a replica follows.'),
  tensorParallel: count
    .default(POOL_DEFAULTS.tensorParallel)
    .describe('Devices that the attention of a replica is split over.'),
  attentionDataParallel: count
    .max(1024)
    .default(POOL_DEFAULTS.attentionDataParallel)
    .describe('Attention ranks of a replica that share its experts, each with its own requests.'),
  expertParallel: count
    .nullable()
    .default(POOL_DEFAULTS.expertParallel)
    .describe('Ranks that hold whole experts; null: as many of the devices as divide the experts.'),
  replicas: count.max(65_536).default(POOL_DEFAULTS.replicas).describe('Copies of the model.'),
  router: z
    .enum(ROUTERS)
    .default(POOL_DEFAULTS.router)
    .describe('How a request finds its replica.'),
  overlapWeight: z
    .number()
    .min(0)
    .default(POOL_DEFAULTS.overlapWeight)
    .describe('prefix-aware router: what a block to prefill counts against a block in use.'),
  blockSize: z
    .int()
    .positive()
    .max(4096)
    .default(POOL_DEFAULTS.blockSize)
    .describe('Tokens a KV block.'),
  numGpuBlocks: count
    .nullable()
    .default(POOL_DEFAULTS.numGpuBlocks)
    .describe('KV blocks a replica; null derives them from the memory of its devices.'),
  gpuMemoryUtilization: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Share of device memory for weights, activations and KV; by engine when absent.'),
  hbmBandwidthShare: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Share of the HBM bandwidth of the catalogue that the devices reach.'),
  maxSequences: count
    .max(65_536)
    .default(POOL_DEFAULTS.maxSequences)
    .describe('Sequences that run at once on a replica.'),
  maxBatchedTokens: count
    .default(POOL_DEFAULTS.maxBatchedTokens)
    .describe('Tokens a step computes at most.'),
  weightDtype: z.enum(DTYPES).default(POOL_DEFAULTS.weightDtype).describe('Type of the weights.'),
  kvDtype: z.enum(DTYPES).default(POOL_DEFAULTS.kvDtype).describe('Type of the KV cache.'),
  usdPerGpuHour: z
    .number()
    .positive()
    .optional()
    .describe('What an hour of one device costs you.'),
  gpuHour: name
    .optional()
    .describe('Hourly price of the catalogue: an id of `kvloom catalog prices`.'),
  prefixCaching: z
    .boolean()
    .default(POOL_DEFAULTS.prefixCaching)
    .describe('Keep KV blocks of finished requests for later ones.'),
  reserveFullPrompt: z
    .boolean()
    .default(POOL_DEFAULTS.reserveFullPrompt)
    .describe('Admit a request only when its whole prompt fits (scheduler_reserve_full_isl).'),
  scheduler: z
    .enum(SCHEDULERS)
    .optional()
    .describe('How a step shares prompts and decodes, if not as the engine does.'),
  reservedOutput: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Share of the output to come that an admission leaves blocks for, if not as there.'),
});

export type PoolSpec = z.output<typeof poolSchema>;
