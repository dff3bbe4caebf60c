// SPDX-License-Identifier: Apache-2.0
/** Latency of single operations: forms, constants fitted to measured rows, and what they lack. */
export { type AllToAllShape, allToAll } from './all-to-all.js';
export { contextAttention, type ContextShape } from './context-attention.js';
export { customAllReduce } from './custom-all-reduce.js';
export { decodeAttention, type DecodeShape, warmShare } from './decode-attention.js';
export { deepEpLowLatency, deepEpNormal, type DeepEpShape } from './deep-ep.js';
export { type Dtype, DTYPE_NAMES, dtypeOf } from './dtype.js';
export { BoundOperation, type OperationEstimate, OperationEstimator } from './estimator.js';
export { FITTED } from './fitted.js';
export type { FamilyKey, Fitted, FittedFamily, HeldOutErrors } from './fitted-family.js';
export {
  boundOf, type Constant, emptyCost, type Form, type OperationBound, type OperationCost,
} from './form.js';
export { formOf } from './forms.js';
export { gemmBf16, gemmBlock, gemmFp8, type GemmShape } from './gemm.js';
export { contextMla, decodeMla, type MlaShape } from './mla.js';
export { moe, type MoeShape, moeWithLoad } from './moe.js';
export { type CollectiveShape, nccl } from './nccl.js';
export { type Operation, operation, type OperationName, OPERATIONS } from './operation.js';
export {
  hostUs, type LaunchMode, quantizeUs, samplingUs, smallKernelsUs,
} from './overheads.js';
export { type Peaks, peaksOf, SYSTEM_IDS } from './peaks.js';
export { computeScale, type QuantizeShape } from './quantize.js';
export { rankLoad, type RankLoad } from './routing.js';
export { type KvTransfer, kvTransferUs, type Path, tierReadUs, transferUs } from './transfer.js';
