// SPDX-License-Identifier: Apache-2.0
export {
  BYTES_PER_ELEMENT,
  fixedBytesPerSequence,
  fixedElementsPerSequence,
  indexKeyBytesPerToken,
  kvBytesOfSequence,
  kvBytesPerToken,
  kvBytesPerTokenPerRank,
  kvElementsPerTokenPerLayer,
  type KvLayout,
  type SequenceBytesOptions,
  splitWeightBytes,
  type StateDtype,
  weightBytes,
  weightBytesPerRank,
  type WeightFormats,
} from './bytes.js';
export { findModel, findModelIn, modelNames, models } from './catalogue.js';
export { ModelConfigError } from './config-fields.js';
export { type ConfigOrigin, looksLikeModelConfig, modelFromConfig } from './hugging-face.js';
export { attentionLayers, attends, contradiction, layerGroups, moeLayers } from './layers.js';
export { type ParameterCount, parameters } from './parameters.js';
export type {
  Attention,
  CompressedLayers,
  DenseFfn,
  Ffn,
  FfnOnlyLayers,
  FullLayers,
  GroupedAttention,
  Indexer,
  KvDtype,
  LatentAttention,
  LayerGroup,
  LinearLayers,
  MambaLayers,
  ModelArchitecture,
  MoeFfn,
  SlidingLayers,
  SparseLayers,
  Status,
  WeightDtype,
} from './types.js';
export {
  attentionFlopsPerRow,
  attentionIntensity,
  type AttentionWork,
  attentionWork,
  decodeFlopsPerToken,
} from './work.js';
