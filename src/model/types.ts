// SPDX-License-Identifier: Apache-2.0
/** How far a number can be trusted: the hardware layer's words, which this one may not import. */
export type Status = 'measured' | 'vendor claim' | 'inferred' | 'assumed';

/** Storage format of weights. */
export type WeightDtype = 'bf16' | 'fp8' | 'nvfp4';
/** Storage format of cached keys and values. */
export type KvDtype = 'bf16' | 'fp8' | 'nvfp4';

/** Multi-head (every query head has its own KV head) or grouped-query attention. */
export interface GroupedAttention {
  kind: 'GQA' | 'MHA';
  heads: number;
  kvHeads: number;
  headDim: number;
  /** An RMSNorm over each query and key head (Qwen3). */
  qkNorm: boolean;
}

/** Multi-head latent attention: one compressed KV row a token, shared by all heads. */
export interface LatentAttention {
  kind: 'MLA';
  heads: number;
  qLoraRank: number;
  kvLoraRank: number;
  qkNopeHeadDim: number;
  qkRopeHeadDim: number;
  vHeadDim: number;
}

export type Attention = GroupedAttention | LatentAttention;

export interface DenseFfn {
  kind: 'dense';
  intermediateSize: number;
}

/** Mixture of experts, after `denseLayers` ordinary layers. */
export interface MoeFfn {
  kind: 'MoE';
  routedExperts: number;
  expertsPerToken: number;
  sharedExperts: number;
  expertIntermediateSize: number;
  denseLayers: number;
  denseIntermediateSize: number;
}

export type Ffn = DenseFfn | MoeFfn;

/** A decoder-only transformer, as its public configuration describes it. */
export interface ModelArchitecture {
  id: string;
  name: string;
  aliases: readonly string[];
  layers: number;
  hiddenSize: number;
  vocabularySize: number;
  maxContextTokens: number;
  attention: Attention;
  ffn: Ffn;
  /** Parameter count on the model card, for checking ours. */
  publishedParameters: number;
  source: string;
  status: Status;
}
