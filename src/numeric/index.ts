// SPDX-License-Identifier: Apache-2.0
export type { NumericExports } from './exports.js';
export { loadNumeric } from './load.js';
export { NUMERIC_ABI_VERSION, NumericCore } from './numeric-core.js';
export { Scratch } from './scratch.js';
export type { Item } from './scratch.js';
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
