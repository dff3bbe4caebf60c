// SPDX-License-Identifier: Apache-2.0
export type { BenchCase, BenchTask, Family, StreamTotals } from './case.js';
export { streamCase } from './cases/kv-stream.js';
export { benchCases, ChecksumMismatch, FAMILIES, runKernels } from './kernels.js';
export type { KernelOptions, KernelResult, NativeRun, NativeRunner } from './kernels.js';
export { benchCost, type CostResult, costRows } from './cost.js';
export { findCase, kvRounds, runKv } from './kv.js';
export type { KvOptions, KvResult, KvStream } from './kv.js';
export { KV_NOTE, kvRows, kvTotalRows } from './kv-rows.js';
export { localLane } from './lane.js';
export type { BuildName, Lane, OpenLane } from './lane.js';
export {
  NUMERIC_NOTE, numericCases, numericLane, numericRatioRows, numericRows, runNumeric,
} from './numeric/index.js';
export type {
  NativeSide, NumericBuild, NumericCase, NumericNative, NumericOptions, NumericResult, Side,
} from './numeric/index.js';
export { compareReports, parseReport, REPORT_FORMAT, slowerThan } from './report.js';
export type { BenchReport, Change, Machine } from './report.js';
export { changeRows, contextRows, headLines, kernelRows, simRows } from './rows.js';
export { ROUTER_NOTE, routerStreamRows, runRouterStream } from './router-stream.js';
export type { RouterStreamResult } from './router-stream.js';
export { runSim, simScenarios } from './sim.js';
export type { Meter, SimOutcome, SimResult, SimRunner, SimScenario } from './sim.js';
export { ratio, summarize } from './statistics.js';
export type { Ratio, Timing } from './statistics.js';
export { encodeStream, generateSessions, makeStream } from './stream.js';
export type { RequestStream } from './stream.js';
