// SPDX-License-Identifier: Apache-2.0
import { GB, GIB, MIB } from '../hardware/index.js';
import {
  kvBytesPerTokenPerRank,
  weightBytesPerRank,
  type ModelArchitecture,
} from '../model/index.js';
import { checkLayout, type StepModelOptions } from './options.js';

export interface KvCapacityOptions extends Omit<StepModelOptions, 'engine'> {
  /** Tokens in one KV block. */
  blockSize: number;
  /** Share of the visible HBM an engine may fill; default 0.9, vLLM's. */
  gpuMemoryUtilization?: number;
  /** Tokens of the largest step, which sizes the activations; default 8192. */
  maxBatchedTokens?: number;
}

/** What one rank holds; tokens and blocks are the whole replica's, which every rank mirrors. */
export interface KvCapacity {
  tokens: number;
  blocks: number;
  weightBytesPerGpu: number;
  kvBytesPerTokenPerGpu: number;
  /** Activations, CUDA context, graphs and collective buffers. */
  reservedBytes: number;
}

/** The model and at least one KV block do not fit the memory an engine may use. */
export class DoesNotFitError extends Error {
  override readonly name = 'DoesNotFitError';
  /** Bytes a GPU is short of. */
  readonly missingBytes: number;

  constructor(message: string, missingBytes: number) {
    super(message);
    this.missingBytes = missingBytes;
  }
}

/** CUDA context, graphs, workspaces: aiconfigurator's `other_mem` (commit 095f58a5), inferred. */
export const RUNTIME_RESERVE_BYTES = 3.5 * GIB;

/** NCCL buffers by ranks, from the same source. */
function collectiveBytes(ranks: number): number {
  if (ranks === 1) return 0;
  return ranks === 2 ? 342 * MIB : 392 * MIB;
}

/** Live activation tensors of attention width; falls with ranks, as the split ones shrink. */
function activationTensors(ranks: number): number {
  if (ranks === 1) return 10;
  return ranks === 2 ? 6 : 5;
}

function activationBytes(model: ModelArchitecture, ranks: number, tokens: number): number {
  const { attention, ffn } = model;
  const headDim = attention.kind === 'MLA' ? attention.vHeadDim : attention.headDim;
  const width = attention.heads * headDim;
  let bytes = 2 * tokens * width * activationTensors(ranks);
  if (ffn.kind === 'MoE') {
    // Workspace of the fused expert kernel, aiconfigurator's formula at one data-parallel rank.
    const experts = (ffn.routedExperts * ffn.expertsPerToken) / ranks;
    bytes += ((tokens * model.hiddenSize * experts) / 128) * 4;
  }
  return bytes;
}

function formatGb(bytes: number): string {
  return (bytes / GB).toFixed(1);
}

function doesNotFit(options: KvCapacityOptions, missing: number, parts: string): DoesNotFitError {
  const { device, model, tensorParallel: ranks, weightDtype } = options;
  const knobs = ['raise tensorParallel'];
  if (weightDtype === 'bf16') knobs.push('store the weights in fp8');
  else if (weightDtype === 'fp8' && device.compute.nvfp4FlopsPerS !== null) {
    knobs.push('store the weights in nvfp4');
  }
  knobs.push('raise gpuMemoryUtilization', 'lower maxBatchedTokens', 'take a device with more HBM');
  return new DoesNotFitError(
    `${model.name} in ${weightDtype} does not fit ${ranks} x ${device.name}: `
      + `short of ${formatGb(missing)} GB a GPU (${parts}); ${knobs.join(', or ')}`,
    missing,
  );
}

/**
 * KV cache an engine gets, by vLLM's convention: utilisation * HBM - weights - activations and
 * runtime reserve. Qwen3-32B fp8 on one H200 gives 738 thousand tokens; aiconfigurator's worked
 * example says 737,808.
 * @throws DoesNotFitError when not even one block is left.
 */
export function kvCapacity(options: KvCapacityOptions): KvCapacity {
  checkLayout(options);
  const { device, model, tensorParallel: ranks, weightDtype, kvDtype, blockSize } = options;
  const { gpuMemoryUtilization: utilisation = 0.9, maxBatchedTokens = 8192 } = options;
  if (!Number.isInteger(blockSize) || blockSize < 1) {
    throw new RangeError(`blockSize: must be a whole number of 1 or more, got ${blockSize}`);
  }
  if (!(utilisation > 0 && utilisation <= 1)) {
    throw new RangeError(`gpuMemoryUtilization: must be above 0 and at most 1, got ${utilisation}`);
  }
  if (!Number.isInteger(maxBatchedTokens) || maxBatchedTokens < 1) {
    throw new RangeError(
      `maxBatchedTokens: must be a whole number of 1 or more, got ${maxBatchedTokens}`,
    );
  }
  const weightBytesPerGpu = weightBytesPerRank(model, weightDtype, ranks);
  const kvBytesPerTokenPerGpu = kvBytesPerTokenPerRank(model, kvDtype, ranks);
  const reservedBytes = activationBytes(model, ranks, maxBatchedTokens)
    + RUNTIME_RESERVE_BYTES
    + collectiveBytes(ranks);
  const usable = utilisation * device.memory.visibleBytes;
  const kvBytes = usable - weightBytesPerGpu - reservedBytes;
  const blockBytes = blockSize * kvBytesPerTokenPerGpu;
  if (kvBytes < blockBytes) {
    const parts = `weights ${formatGb(weightBytesPerGpu)}, reserve ${formatGb(reservedBytes)}, `
      + `one KV block ${formatGb(blockBytes)}, usable ${formatGb(usable)}`;
    throw doesNotFit(options, blockBytes - kvBytes, parts);
  }
  const blocks = Math.floor(kvBytes / blockBytes);
  const tokens = blocks * blockSize;
  return { tokens, blocks, weightBytesPerGpu, kvBytesPerTokenPerGpu, reservedBytes };
}
