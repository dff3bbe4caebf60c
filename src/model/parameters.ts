// SPDX-License-Identifier: Apache-2.0
import type { Attention, ModelArchitecture } from './types.js';

/** Parameters of a model by what they do; every count is over all layers. */
export interface ParameterCount {
  total: number;
  /** Read for one token: the routed experts count only as far as a token visits them. */
  active: number;
  /** Input embedding and LM head, untied in every model here. */
  embedding: number;
  attention: number;
  /** MLA's two down-projections, a part of `attention`: tensor parallelism does not split them. */
  latentDown: number;
  denseFfn: number;
  routedExperts: number;
  sharedExperts: number;
  router: number;
  norms: number;
}

function attentionPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind !== 'MLA') {
    const { heads, kvHeads, headDim } = attention;
    return hidden * headDim * (2 * heads + 2 * kvHeads);
  }
  const { heads, qLoraRank, kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, vHeadDim } = attention;
  const queryUp = qLoraRank * heads * (qkNopeHeadDim + qkRopeHeadDim);
  const kvUp = kvLoraRank * heads * (qkNopeHeadDim + vHeadDim);
  return latentDownPerLayer(hidden, attention) + queryUp + kvUp + heads * vHeadDim * hidden;
}

function latentDownPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind !== 'MLA') return 0;
  return hidden * (attention.qLoraRank + attention.kvLoraRank + attention.qkRopeHeadDim);
}

function normsPerLayer(hidden: number, attention: Attention): number {
  if (attention.kind === 'MLA') return 2 * hidden + attention.qLoraRank + attention.kvLoraRank;
  return 2 * hidden + (attention.qkNorm ? 2 * attention.headDim : 0);
}

/** Counts parameters from the configuration, without multi-token-prediction modules. */
export function parameters(model: ModelArchitecture): ParameterCount {
  const { layers, hiddenSize: hidden, attention, ffn } = model;
  const embedding = 2 * model.vocabularySize * hidden;
  const attentionTotal = layers * attentionPerLayer(hidden, attention);
  const latentDown = layers * latentDownPerLayer(hidden, attention);
  const norms = layers * normsPerLayer(hidden, attention) + hidden;
  let denseFfn = 0;
  let routedExperts = 0;
  let visitedExperts = 0;
  let sharedExperts = 0;
  let router = 0;
  if (ffn.kind === 'dense') {
    denseFfn = layers * 3 * hidden * ffn.intermediateSize;
  } else {
    const moeLayers = layers - ffn.denseLayers;
    const expert = 3 * hidden * ffn.expertIntermediateSize;
    denseFfn = ffn.denseLayers * 3 * hidden * ffn.denseIntermediateSize;
    routedExperts = moeLayers * ffn.routedExperts * expert;
    visitedExperts = moeLayers * ffn.expertsPerToken * expert;
    sharedExperts = moeLayers * ffn.sharedExperts * expert;
    // One score row an expert, and its load-balancing bias.
    router = moeLayers * ffn.routedExperts * (hidden + 1);
  }
  const common = embedding + attentionTotal + denseFfn + sharedExperts + router + norms;
  return {
    total: common + routedExperts,
    active: common + visitedExperts,
    embedding,
    attention: attentionTotal,
    latentDown,
    denseFfn,
    routedExperts,
    sharedExperts,
    router,
    norms,
  };
}
