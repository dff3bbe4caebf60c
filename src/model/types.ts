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
  /** A sigmoid gate of query width on the output (Qwen3-Next and later). */
  outputGate?: boolean;
  /** One row is key and value at once (DeepSeek-V4): half the cache of that head. */
  keyIsValue?: boolean;
  /** Queries come through a bottleneck of this rank. */
  qLoraRank?: number;
  /** Outputs go through one bottleneck a group of heads. */
  outputBottleneck?: { groups: number; rank: number };
}

/** Multi-head latent attention: one compressed KV row a token, shared by all heads. */
export interface LatentAttention {
  kind: 'MLA';
  heads: number;
  /** 0: queries are projected at full rank. */
  qLoraRank: number;
  kvLoraRank: number;
  qkNopeHeadDim: number;
  qkRopeHeadDim: number;
  vHeadDim: number;
}

export type Attention = GroupedAttention | LatentAttention;

/** Small keys by which a layer finds the tokens worth attending to. */
export interface Indexer {
  heads: number;
  headDim: number;
  /** Bytes of one index key with its scale; stored in one byte a value whatever the cache is. */
  keyBytes: number;
  /** Layers that keep keys of their own; the rest reuse an earlier layer's choice. */
  layers: number;
}

/** Attention over the whole context. */
export interface FullLayers {
  kind: 'full';
  layers: number;
}

/** Attention over the last `windowTokens` only; older keys and values are dropped. */
export interface SlidingLayers {
  kind: 'sliding';
  layers: number;
  windowTokens: number;
}

/** Attention over the `topTokens` that an indexer picks, by token (DSA) or by block. */
export interface SparseLayers {
  kind: 'sparse';
  layers: number;
  topTokens: number;
  indexer: Indexer;
}

/** One cached row stands for `ratio` tokens (CSA picks rows by an indexer, HCA reads them all). */
export interface CompressedLayers {
  kind: 'compressed';
  layers: number;
  ratio: number;
  /** Newest tokens that are also kept as they are. */
  windowTokens: number;
  /** Rows read for one query; absent: all. */
  topRows?: number;
  indexer?: Indexer;
}

/** A matrix a value head instead of a cache: gated delta rule, KDA. */
export interface LinearLayers {
  kind: 'linear';
  layers: number;
  keyHeads: number;
  valueHeads: number;
  keyHeadDim: number;
  valueHeadDim: number;
  convolutionWidth: number;
  /** KDA decays each key channel apart, through a bottleneck of this rank. */
  gateRank?: number;
}

/** Mamba-2 state space layers. */
export interface MambaLayers {
  kind: 'mamba';
  layers: number;
  heads: number;
  headDim: number;
  stateSize: number;
  groups: number;
  convolutionWidth: number;
}

/** Layers with an FFN and nothing else (Nemotron counts them as layers). */
export interface FfnOnlyLayers {
  kind: 'ffn';
  layers: number;
}

export type LayerGroup =
  | FullLayers
  | SlidingLayers
  | SparseLayers
  | CompressedLayers
  | LinearLayers
  | MambaLayers
  | FfnOnlyLayers;

export interface DenseFfn {
  kind: 'dense';
  intermediateSize: number;
  /** Layers with an FFN; default all. */
  ffnLayers?: number;
  /** 3 with a gate (default), 2 without. */
  matrices?: 2 | 3;
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
  /** Layers with experts; default all but the dense ones. */
  moeLayers?: number;
  /** Width of all shared experts together; default that many routed ones. */
  sharedIntermediateSize?: number;
  /** Matrices of an expert: 3 with a gate (default), 2 without. */
  matrices?: 2 | 3;
  /** Routed experts work at this width, behind a projection down and up. */
  latentSize?: number;
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
  /** Shape of the attention layers. */
  attention: Attention;
  /** What the layers do; absent: all of them attend to the whole context. */
  layerGroups?: readonly LayerGroup[];
  ffn: Ffn;
  /** Input embedding and LM head are one matrix. */
  tiedEmbeddings?: boolean;
  /** Multi-token-prediction modules of the checkpoint; not in any count here. */
  mtpLayers?: number;
  /** Parameter count on the model card, for checking ours; null: none was found. */
  publishedParameters: number | null;
  /** Active parameters on the model card. */
  publishedActiveParameters?: number;
  source: string;
  /** When the source was published or read, ISO 8601, as exact as it is known. */
  date: string;
  status: Status;
  /** What a reader should know, as where a public figure differs from ours. */
  note?: string;
}
