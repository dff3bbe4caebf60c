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
