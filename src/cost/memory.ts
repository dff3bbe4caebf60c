// SPDX-License-Identifier: Apache-2.0
import { GB, GIB, MIB, type Status } from '../hardware/index.js';
import {
  fixedBytesPerSequence,
  kvBytesPerTokenPerRank,
  type KvLayout,
  type ModelArchitecture,
} from '../model/index.js';
import type { Engine } from './engine.js';
import { checkLayout, type StepModelOptions } from './options.js';
import { rankWeightBytes } from './serving/kv-cap.js';
import { operationOptions } from './step/options.js';

export interface KvCapacityOptions extends StepModelOptions {
  /** Tokens in one KV block. */
  blockSize: number;
  /** The engine's memory fraction (`MEMORY_FRACTIONS` says of what); default the engine's own. */
  gpuMemoryUtilization?: number | undefined;
  /** Tokens of the largest step, which sizes the activations; default 8192. */
  maxBatchedTokens?: number;
  /** Sequences whose windows and recurrent state must fit beside the KV cache; default 256. */
  maxSequences?: number;
  /** How cached rows are laid out; default plain. */
  kvLayout?: KvLayout;
}

/** One part of a rank's memory. */
export interface MemoryPart {
  what: string;
  bytes: number;
  source: string;
  status: Status;
}

/** What one rank holds; tokens and blocks are an attention replica's, which its ranks mirror. */
export interface KvCapacity {
  tokens: number;
  blocks: number;
  weightBytesPerGpu: number;
  kvBytesPerTokenPerGpu: number;
  /** Activations, CUDA context, graphs and collective buffers. */
  reservedBytes: number;
  /** Sliding windows and recurrent state of `maxSequences` sequences. */
  stateBytes: number;
  /** Everything but the KV cache, largest first. */
  parts: readonly MemoryPart[];
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

const AIC = 'ai-dynamo/aiconfigurator memory model, commit 095f58a5 (2026-08-21)';

/**
 * What an engine's memory fraction is a share of, and its default: vLLM's gpu_memory_utilization
 * and SGLang's mem_fraction_static of the whole device, TensorRT-LLM's free_gpu_memory_fraction of
 * what weights and activations leave. Source: ai-dynamo/aiconfigurator, commit 095f58a5.
 */
export const MEMORY_FRACTIONS: Readonly<Record<Engine, { of: 'total' | 'free'; value: number }>> = {
  vllm: { of: 'total', value: 0.9 },
  sglang: { of: 'total', value: 0.88 },
  trtllm: { of: 'free', value: 0.9 },
};

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
  const { attention } = model;
  const headDim = attention.kind === 'MLA' ? attention.vHeadDim : attention.headDim;
  const width = attention.heads * headDim;
  return 2 * tokens * width * activationTensors(ranks);
}

/** Workspace of the fused expert kernel, aiconfigurator's formula; `tokens` of all GPUs. */
function expertWorkspaceBytes(model: ModelArchitecture, gpus: number, tokens: number): number {
  const { ffn } = model;
  if (ffn.kind === 'dense') return 0;
  const experts = (ffn.routedExperts * ffn.expertsPerToken) / gpus;
  return ((tokens * model.hiddenSize * experts) / 128) * 4;
}

function formatGb(bytes: number): string {
  return (bytes / GB).toFixed(1);
}

interface Balance {
  weights: number;
  reserved: number;
  state: number;
  parts: MemoryPart[];
  /** Left for the KV cache; negative when the rest does not fit. */
  kv: number;
  /** Bytes of one KV block. */
  block: number;
  perToken: number;
}

function balance(options: KvCapacityOptions): Balance {
  const { device, model, tensorParallel: ranks, kvDtype: dtype } = options;
  const { engine = 'vllm', maxBatchedTokens = 8192, maxSequences = 256 } = options;
  const layout = options.kvLayout ?? 'plain';
  const spread = operationOptions(options);
  const replicas = spread.layout.dp;
  const gpus = ranks * replicas;
  const fraction = MEMORY_FRACTIONS[engine];
  const share = options.gpuMemoryUtilization ?? fraction.value;
  const weights = rankWeightBytes(spread, spread.layout, spread.formats);
  const activations = activationBytes(model, ranks, maxBatchedTokens);
  const workspace = expertWorkspaceBytes(model, gpus, replicas * maxBatchedTokens);
  const collectives = collectiveBytes(gpus);
  const reserved = activations + workspace + RUNTIME_RESERVE_BYTES + collectives;
  const fixed = { dtype, tensorParallel: ranks, layout };
  const state = maxSequences * fixedBytesPerSequence(model, fixed);
  const perToken = kvBytesPerTokenPerRank(model, dtype, ranks, layout);
  const visible = device.memory.visibleBytes;
  const left = fraction.of === 'free'
    ? (visible - weights - reserved) * share
    : share * visible - weights - reserved;
  const part = (what: string, bytes: number, source = AIC): MemoryPart =>
    ({ what, bytes, source, status: 'inferred' });
  const parts = [
    part('weights', weights, `computed from the configuration: ${model.source}`),
    part(`activations of ${maxBatchedTokens} tokens`, activations),
    part('workspace of the expert kernel', workspace),
    part('CUDA context, graphs and libraries', RUNTIME_RESERVE_BYTES),
    part('communication buffers', collectives),
    part(`windows and recurrent state of ${maxSequences} sequences`, state, 'kvloom'),
  ];
  return {
    weights,
    reserved,
    state,
    parts: parts.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes),
    kv: left - state,
    block: options.blockSize * perToken,
    perToken,
  };
}

/** Bytes a GPU is short of with other options; null when it would not run for another reason. */
function shortage(options: KvCapacityOptions): number | null {
  try {
    checkLayout(options);
  } catch {
    return null;
  }
  const { kv, block } = balance(options);
  return block - kv;
}

function knobs(options: KvCapacityOptions): string[] {
  const { tensorParallel: ranks, weightDtype, engine = 'vllm' } = options;
  const list: string[] = [];
  const attempt = (what: string, change: Partial<KvCapacityOptions>): void => {
    const short = shortage({ ...options, ...change });
    if (short === null) return;
    list.push(short <= 0 ? `${what} fits` : `${what} is still short of ${formatGb(short)} GB`);
  };
  let next = ranks * 2;
  while ((shortage({ ...options, tensorParallel: next }) ?? 0) > 0) next *= 2;
  if (shortage({ ...options, tensorParallel: next }) !== null) {
    attempt(`tensorParallel ${next}`, { tensorParallel: next });
  } else {
    list.push('no larger tensorParallel helps');
  }
  if (weightDtype === 'bf16') attempt('weightDtype fp8', { weightDtype: 'fp8' });
  if (weightDtype !== 'nvfp4') attempt('weightDtype nvfp4', { weightDtype: 'nvfp4' });
  const share = options.gpuMemoryUtilization ?? MEMORY_FRACTIONS[engine].value;
  if (share < 0.97) attempt('gpuMemoryUtilization 0.97', { gpuMemoryUtilization: 0.97 });
  attempt('maxBatchedTokens 2048', { maxBatchedTokens: 2048 });
  const state = balance(options).state;
  if (state > 0) attempt('maxSequences 16', { maxSequences: 16 });
  return list;
}

function doesNotFit(options: KvCapacityOptions, found: Balance): DoesNotFitError {
  const { device, model, tensorParallel, attentionDataParallel = 1, weightDtype } = options;
  const gpus = tensorParallel * attentionDataParallel;
  const missing = found.block - found.kv;
  const parts = found.parts.map(({ what, bytes }) => `${what} ${formatGb(bytes)}`).join(', ');
  return new DoesNotFitError(
    `${model.name} in ${weightDtype} does not fit ${gpus} x ${device.name}: `
      + `short of ${formatGb(missing)} GB a GPU (${parts}, of ${device.memory.type} `
      + `${formatGb(device.memory.visibleBytes)} GB); ${knobs(options).join(', ')}; `
      + 'or take a device with more HBM',
    missing,
  );
}

function checkNumbers(options: KvCapacityOptions): void {
  const { blockSize, gpuMemoryUtilization: share = 0.9 } = options;
  const { maxBatchedTokens = 8192, maxSequences = 256 } = options;
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`gpuMemoryUtilization: must be above 0 and at most 1, got ${share}`);
  }
  for (const [name, value] of Object.entries({ blockSize, maxBatchedTokens, maxSequences })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`${name}: must be a whole number of 1 or more, got ${value}`);
  }
}

/**
 * KV cache an engine gets: its fraction of the HBM it sees, less weights, activations, runtime
 * reserve and the state of its sequences. Qwen3-32B fp8 on one H200 under vLLM gives 738 thousand
 * tokens; aiconfigurator's worked example says 737,808. A config's numGpuBlocks replaces all of
 * this.
 * @throws DoesNotFitError when not even one block is left: by how much, and what would help.
 */
export function kvCapacity(options: KvCapacityOptions): KvCapacity {
  checkLayout(options);
  checkNumbers(options);
  const found = balance(options);
  if (found.kv < found.block) throw doesNotFit(options, found);
  // A model of recurrent layers only has no cache that grows; its blocks are counted, not stored.
  const blocks = found.block === 0 ? 0x3ffffff : Math.floor(found.kv / found.block);
  return {
    tokens: blocks * options.blockSize,
    blocks,
    weightBytesPerGpu: found.weights,
    kvBytesPerTokenPerGpu: found.perToken,
    reservedBytes: found.reserved,
    stateBytes: found.state,
    parts: found.parts,
  };
}
