// SPDX-License-Identifier: Apache-2.0
export type { NumericExports } from './exports.js';
export { loadNumeric } from './load.js';
export { NUMERIC_ABI_VERSION, NumericCore } from './numeric-core.js';
export { Scratch } from './scratch.js';
export type { Item } from './scratch.js';

// Expert routing
export { ExpertRouter, ROUTER_KINDS, ROUTER_SCORINGS, ROUTERS } from './expert-router.js';
export type {
  ExpertChoice, ExpertRouterOptions, RouterKind, RouterScoring,
} from './expert-router.js';
export { COPY_RULES, ExpertLayout, TRAFFIC_RULES, expertCapacity } from './expert-layout.js';
export type {
  AlignedSlots, CopyOptions, CopyRule, DispatchLayout, Permutation, RankGrid, TrafficOptions,
  TrafficRule,
} from './expert-layout.js';
export { exchangeOf, imbalance, rankLoads, tokenBytes } from './expert-traffic.js';
export type { Exchange, ExchangeOptions, WireFormat } from './expert-traffic.js';
export {
  gpuLoads, packExperts, placeExperts, placementOf, replicateExperts,
} from './expert-placement.js';
export type { Packing, Placement, PlacementShape, Replication } from './expert-placement.js';
export { rebalanceExperts } from './expert-rebalance.js';
export type { LayerRebalance, Rebalance, RebalanceOptions } from './expert-rebalance.js';
export { ExpertPopularity } from './expert-popularity.js';
export type { ExpertPopularityOptions, PopularityModel, TokenRun } from './expert-popularity.js';
export { ExpertStep } from './expert-step.js';
export type { ExpertStepOptions, StepLoad, StepTokens } from './expert-step.js';

// Number formats
export type { Floats, HalfArray } from './floats.js';
export { NUMBER_FORMATS, decodeFloats, encodeFloats, encodeStochastic } from './codec.js';
export type { NumberFormat } from './codec.js';
export {
  linearScales, nvfp4Dequantize, nvfp4EncodeScale, nvfp4Quantize, nvfp4ScaleBytes, swizzleScales,
} from './nvfp4.js';
export type { ErrorStatistics, Nvfp4Format, Nvfp4Options, Nvfp4Tensor } from './nvfp4.js';
export { HADAMARD_SIGNS, hadamard16 } from './hadamard.js';
export {
  KV_BYTES_PER_ELEMENT, kvAffineDecode, kvAffineEncode, kvFp4Decode, kvFp4Encode, kvFp8Decode,
  kvFp8Encode,
} from './kv-formats.js';
export type { AffineRows, KvFp4Blocks } from './kv-formats.js';
export { GGML_BLOCKS, ggmlDecode, ggmlEncode } from './ggml-blocks.js';
export type { GgmlFormat } from './ggml-blocks.js';

// Speculative decoding
export { acceptanceCurves, acceptancePoints, contextCurves } from './acceptance-data.js';
export type { AcceptanceCurve, AcceptancePoint, ContextCurve } from './acceptance-data.js';
export {
  AcceptanceModel, acceptanceCurve, contextCurve, contextFactor, lengthAt, scaledSurvival,
  survivalOf,
} from './acceptance-model.js';
export type { AcceptanceModelOptions } from './acceptance-model.js';
export { AcceptanceSampler } from './acceptance-sampler.js';
export type {
  AcceptanceMethod, SamplerOptions, StepRequest, StepResult,
} from './acceptance-sampler.js';
export { ratesOfLength, ratesOfConditional, ratesOfSurvival } from './acceptance-rates.js';
export { bestDrafts, expectedLength, lengthOf, speedup } from './acceptance-rates.js';
export type { AcceptanceRates, StepCost } from './acceptance-rates.js';
export { verifyBlock } from './block-verify.js';
export type { BlockBatch, BlockVerified } from './block-verify.js';
export { DraftTree } from './draft-tree.js';
export type { TreeSampling, TreeShape, TreeWalk } from './draft-tree.js';
export { NgramDrafter } from './ngram-drafter.js';
export type { NgramOptions } from './ngram-drafter.js';
export { badRow } from './spec-arguments.js';
export type { Numbers } from './spec-arguments.js';
export { verifyGreedy, verifyRejection, verifyTypical } from './spec-verify.js';
export type {
  DraftBatch, GreedyBatch, RejectionBatch, TypicalBatch, Verified,
} from './spec-verify.js';
export { SuffixDrafter } from './suffix-drafter.js';
export type { SuffixDraft, SuffixDraftOptions, SuffixOptions } from './suffix-drafter.js';
export { VerifyNoise } from './verify-noise.js';
export type { NoiseRequest } from './verify-noise.js';
export { TreeGrower } from './tree-grower.js';
export type { GrownTree } from './tree-grower.js';
