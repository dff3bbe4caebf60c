// SPDX-License-Identifier: Apache-2.0
import { attentionLayers, layerGroups, moeLayers } from './layers.js';
import type {
  Attention,
  Indexer,
  LayerGroup,
  LinearLayers,
  MambaLayers,
  ModelArchitecture,
} from './types.js';

/** Parameters of a model by what they do; every count is over all layers. */
export interface ParameterCount {
  total: number;
  /** Read for one token: the routed experts count only as far as a token visits them. */
  active: number;
  /** Input embedding and LM head; one matrix when they are tied. */
  embedding: number;
  /** Attention, state space and linear layers, with indexers. */
  attention: number;
  /** MLA's two down-projections, a part of `attention`: tensor parallelism does not split them. */
  latentDown: number;
  denseFfn: number;
  /** With the projections into and out of a latent width. */
  routedExperts: number;
  sharedExperts: number;
  router: number;
  norms: number;
}

function attentionPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind === 'MLA') {
    const { heads, qLoraRank, kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, vHeadDim } = attention;
    const queryInner = qLoraRank === 0 ? hidden : qLoraRank;
    const queryUp = queryInner * heads * (qkNopeHeadDim + qkRopeHeadDim);
    const kvUp = kvLoraRank * heads * (qkNopeHeadDim + vHeadDim);
    return latentDownPerLayer(hidden, attention) + queryUp + kvUp + heads * vHeadDim * hidden;
  }
  const { heads, kvHeads, headDim, keyIsValue, outputGate, qLoraRank } = attention;
  const width = heads * headDim;
  const query = qLoraRank === undefined ? hidden * width : qLoraRank * (hidden + width);
  const keyValue = (keyIsValue === true ? 1 : 2) * hidden * kvHeads * headDim;
  const bottleneck = attention.outputBottleneck;
  const output = bottleneck === undefined
    ? width * hidden
    : width * bottleneck.rank + bottleneck.groups * bottleneck.rank * hidden;
  return query + keyValue + output + (outputGate === true ? hidden * width : 0);
}

function latentDownPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind !== 'MLA') return 0;
  return hidden * (attention.qLoraRank + attention.kvLoraRank + attention.qkRopeHeadDim);
}

function normsPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind === 'MLA') return 2 * hidden + attention.qLoraRank + attention.kvLoraRank;
  return 2 * hidden + (attention.qkNorm ? 2 * attention.headDim : 0);
}

/** Queries (from the query bottleneck where there is one), one shared key, one weight a head. */
function indexerParameters(hidden: number, attention: Attention, indexer: Indexer): number {
  const rank = attention.qLoraRank ?? 0;
  const queryInner = rank === 0 ? hidden : rank;
  const { heads, headDim, layers } = indexer;
  return layers * (queryInner * heads * headDim + hidden * headDim + hidden * heads);
}

function linearParameters(hidden: number, group: LinearLayers): number {
  const { keyHeads, valueHeads, keyHeadDim, valueHeadDim, gateRank } = group;
  const key = keyHeads * keyHeadDim;
  const value = valueHeads * valueHeadDim;
  const convolution = group.convolutionWidth * (2 * key + value);
  // Gated delta: a full output gate, decay and write strength a head. KDA: gates in bottlenecks.
  const gates = gateRank === undefined
    ? hidden * (value + 2 * valueHeads)
    : gateRank * (2 * hidden + key + value) + hidden * valueHeads;
  return group.layers * (hidden * (2 * key + 2 * value) + gates + convolution);
}

function mambaParameters(hidden: number, group: MambaLayers): number {
  const inner = group.heads * group.headDim;
  const mixed = inner + 2 * group.groups * group.stateSize;
  const projections = hidden * (inner + mixed + group.heads) + inner * hidden;
  // Convolution with bias; decay, skip and step bias a head; the gated norm.
  const small = (group.convolutionWidth + 1) * mixed + 3 * group.heads + inner;
  return group.layers * (projections + small);
}

/** What a group has beside `model.attention`. */
function groupParameters(model: ModelArchitecture, group: LayerGroup): number {
  const { hiddenSize: hidden, attention } = model;
  if (group.kind === 'linear') return linearParameters(hidden, group);
  if (group.kind === 'mamba') return mambaParameters(hidden, group);
  const indexer = 'indexer' in group ? group.indexer : undefined;
  return indexer === undefined ? 0 : indexerParameters(hidden, attention, indexer);
}

/**
 * Counts parameters from the configuration. Left out: multi-token-prediction modules, biases of
 * linear layers, the compressors of DeepSeek-V4 and vision towers.
 */
export function parameters(model: ModelArchitecture): ParameterCount {
  const { layers, hiddenSize: hidden, attention, ffn } = model;
  const embedding = (model.tiedEmbeddings === true ? 1 : 2) * model.vocabularySize * hidden;
  const attending = attentionLayers(model);
  let mixers = attending * attentionPerLayer(hidden, attention);
  for (const group of layerGroups(model)) mixers += groupParameters(model, group);
  const latentDown = attending * latentDownPerLayer(hidden, attention);
  const norms = layers * normsPerLayer(hidden, attention) + hidden;
  let denseFfn = 0;
  let routedExperts = 0;
  let visitedExperts = 0;
  let sharedExperts = 0;
  let router = 0;
  if (ffn.kind === 'dense') {
    const { ffnLayers = layers, matrices = 3 } = ffn;
    denseFfn = ffnLayers * matrices * hidden * ffn.intermediateSize;
  } else {
    const experts = moeLayers(model);
    const { matrices = 3, latentSize } = ffn;
    const expert = matrices * (latentSize ?? hidden) * ffn.expertIntermediateSize;
    const latent = latentSize === undefined ? 0 : 2 * hidden * latentSize;
    const shared = ffn.sharedIntermediateSize ?? ffn.sharedExperts * ffn.expertIntermediateSize;
    denseFfn = ffn.denseLayers * 3 * hidden * ffn.denseIntermediateSize;
    routedExperts = experts * (ffn.routedExperts * expert + latent);
    visitedExperts = experts * (ffn.expertsPerToken * expert + latent);
    sharedExperts = experts * matrices * hidden * shared;
    // One score row an expert, and its load-balancing bias.
    router = experts * ffn.routedExperts * (hidden + 1);
  }
  const common = embedding + mixers + denseFfn + sharedExperts + router + norms;
  return {
    total: common + routedExperts,
    active: common + visitedExperts,
    embedding,
    attention: mixers,
    latentDown,
    denseFfn,
    routedExperts,
    sharedExperts,
    router,
    norms,
  };
}
