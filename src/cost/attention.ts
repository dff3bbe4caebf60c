// SPDX-License-Identifier: Apache-2.0
import { BYTES_PER_ELEMENT, type KvDtype, type LatentAttention } from '../model/index.js';
import { formatsOf, gemm, ratesOf, type LinearOperation } from './operations.js';
import type { StepModelOptions } from './options.js';

/**
 * Attention of a step from its aggregates, ns over all layers of one rank. Everything is linear in
 * the sums that `StepLoad` holds, so one sequence and 256 cost the same to price.
 */
export interface AttentionCoefficients {
  /** Decode, a token of context. */
  decodeComputeNsPerContext: number;
  decodeKvNsPerContext: number;
  /** Decode, a sequence: queries in, outputs out. */
  decodeIoNsPerSequence: number;
  /** Prefill, a unit of new*(new + 2*past). */
  prefillComputeNsPerPair: number;
  /** Prefill, a new token: queries, outputs, its keys and values, rope and cache write. */
  prefillNsPerNewToken: number;
  /** Prefill, a token of the prefix: its keys and values. */
  prefillNsPerPastToken: number;
  /** MLA only: the two absorbed projections of decode, in sequences. */
  absorbed?: LinearOperation;
  /** MLA only: keys and values expanded from the latent rows of prefix and new tokens. */
  kvUp?: LinearOperation;
}

/** nvfp4 caches have no calibrated kernels; fp8's shares stand in for them. */
function calibratedKv(dtype: KvDtype): 'bf16' | 'fp8' {
  return dtype === 'bf16' ? 'bf16' : 'fp8';
}

function groupedAttention(options: StepModelOptions): AttentionCoefficients {
  const { device, model, tensorParallel: ranks, kvDtype } = options;
  const { attention, layers } = model;
  if (attention.kind === 'MLA') throw new Error('grouped attention expected');
  const kv = calibratedKv(kvDtype);
  const decode = ratesOf(device, `generation_attention kv ${kv}`, kv);
  const context = ratesOf(device, `context_attention kv ${kv}`, 'bf16');
  const width = (attention.heads / ranks) * attention.headDim;
  const kvHeads = Math.ceil(attention.kvHeads / ranks);
  const kvBytes = 2 * kvHeads * attention.headDim * BYTES_PER_ELEMENT[kvDtype];
  const queryOutputBytes = 4 * width;
  return {
    decodeComputeNsPerContext: layers * 4 * width * decode.nsPerFlop,
    decodeKvNsPerContext: layers * kvBytes * decode.nsPerByte,
    decodeIoNsPerSequence: layers * queryOutputBytes * decode.nsPerByte,
    prefillComputeNsPerPair: layers * 2 * width * context.nsPerFlop,
    prefillNsPerNewToken: layers * (queryOutputBytes + kvBytes) * context.nsPerByte,
    // The low memory share of context kernels is work on new tokens (rope, cache write, layout);
    // the prefix is only streamed, as decode does it. It decides short suffixes on long prefixes.
    prefillNsPerPastToken: layers * kvBytes * decode.nsPerByte,
  };
}

/** FLOP a query head spends on a latent row in decode: scores over 576, values over 512. */
function latentFlopsPerHead(attention: LatentAttention): number {
  return 2 * (2 * attention.kvLoraRank + attention.qkRopeHeadDim);
}

function absorbedProjections(
  options: StepModelOptions,
  attention: LatentAttention,
): LinearOperation {
  const { device, model, tensorParallel: ranks } = options;
  const heads = attention.heads / ranks;
  // One GEMM a head and direction, batched: bf16 whatever the weights are stored in.
  const one = gemm(
    device, 'absorbed', 'bf16', 2 * model.layers, attention.qkNopeHeadDim, attention.kvLoraRank,
  );
  return {
    ...one,
    computeNsPerToken: one.computeNsPerToken * heads,
    weightNs: one.weightNs * heads,
    trafficNsPerToken: one.trafficNsPerToken * heads,
  };
}

function latentAttention(
  options: StepModelOptions,
  attention: LatentAttention,
): AttentionCoefficients {
  const { device, model, tensorParallel: ranks, kvDtype, weightDtype } = options;
  const { layers } = model;
  const kv = calibratedKv(kvDtype);
  // An fp8 cache lets decode multiply in fp8; context attention stays bf16.
  const decode = ratesOf(device, `generation_mla kv ${kv}`, kv);
  const context = ratesOf(device, `context_mla kv ${kv}`, 'bf16');
  const heads = attention.heads / ranks;
  const rowBytes = (attention.kvLoraRank + attention.qkRopeHeadDim) * BYTES_PER_ELEMENT[kvDtype];
  const queryKey = attention.qkNopeHeadDim + attention.qkRopeHeadDim;
  const queryKeyValue = queryKey + attention.vHeadDim;
  const format = formatsOf(model, weightDtype).attention;
  const upWidth = heads * (attention.qkNopeHeadDim + attention.vHeadDim);
  return {
    decodeComputeNsPerContext:
      layers * latentFlopsPerHead(attention) * heads * decode.nsPerFlop,
    decodeKvNsPerContext: layers * rowBytes * decode.nsPerByte,
    decodeIoNsPerSequence: layers * latentFlopsPerHead(attention) * heads * decode.nsPerByte,
    prefillComputeNsPerPair: layers * queryKeyValue * heads * context.nsPerFlop,
    // bf16 queries and outputs of the new tokens, and their keys and values.
    prefillNsPerNewToken: layers * 4 * queryKeyValue * heads * context.nsPerByte,
    prefillNsPerPastToken: layers * 2 * queryKeyValue * heads * context.nsPerByte,
    absorbed: absorbedProjections(options, attention),
    kvUp: gemm(device, 'kv up', format, layers, attention.kvLoraRank, upWidth),
  };
}

/** Coefficients of the model's attention on one rank. */
export function attentionCoefficients(options: StepModelOptions): AttentionCoefficients {
  const { attention } = options.model;
  return attention.kind === 'MLA'
    ? latentAttention(options, attention)
    : groupedAttention(options);
}
