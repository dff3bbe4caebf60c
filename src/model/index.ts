// SPDX-License-Identifier: Apache-2.0
export {
  BYTES_PER_ELEMENT,
  kvBytesPerToken,
  kvBytesPerTokenPerRank,
  kvElementsPerTokenPerLayer,
  weightBytes,
  weightBytesPerRank,
} from './bytes.js';
export { findModel, modelNames, models } from './catalogue.js';
export { type ParameterCount, parameters } from './parameters.js';
export type {
  Attention,
  DenseFfn,
  Ffn,
  GroupedAttention,
  KvDtype,
  LatentAttention,
  ModelArchitecture,
  MoeFfn,
  Status,
  WeightDtype,
} from './types.js';
