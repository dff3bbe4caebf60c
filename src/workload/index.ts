// SPDX-License-Identifier: Apache-2.0
export * from './types.js';
export { WorkloadBuilder } from './builder.js';
export type {
  AgentDraft, BlockIds, DependencyDraft, IdReach, SessionDraft, TurnDraft,
} from './draft.js';
export { ChainIndex } from './chain-index.js';
export { blockAt, completeBlocks, copyChain, nextExtending } from './identity.js';
export { limitSessions } from './limit.js';
export { timeOrder } from './order.js';
export {
  type AgenticSessions, type FixedRequests, type NormalDraw, type Spread, SYNTHETIC_BLOCK_SIZE,
  agenticSessions, fixedRequests, listedRequests, type RequestLengths,
} from './synthetic.js';
export type { Chunks } from './trace/bytes.js';
export { TRACE_FORMATS, type TraceFormat, checkFormat, detectFormat } from './trace/detect.js';
export { parseNative } from './trace/native.js';
export { writeNative } from './trace/native-writer.js';
export {
  type ReadOptions, convertToNative, readSessions, readWorkload, readWorkloads,
} from './trace/read.js';
export type { NestedTimes } from './trace/weka.js';
