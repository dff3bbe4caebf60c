// SPDX-License-Identifier: Apache-2.0
/** Run configs: types, checks, defaults, JSON Schema. */
export { BUILTIN_TRACE, POOL_DEFAULTS } from './defaults.js';
export { mergeCatalogs, parseCatalog, readCatalog } from './catalog.js';
export type { Catalog } from './catalog-schema.js';
export { runJsonSchema } from './json-schema.js';
export { mapModels } from './models.js';
export { formatConfig, parseConfig, parseRunSpec, readConfigText } from './parse.js';
export type { PoolSpec } from './pool-schema.js';
export { runSchema, type RunConfig, type RunSpec } from './schema.js';
export { applyAssignments } from './set.js';
export { didYouMean, nearest } from './suggest.js';
export {
  parseSlo,
  sloTargets,
  type SloMetric,
  type SloSpec,
  type SloStatistic,
  type SloTarget,
  type SloUnit,
} from './slo.js';
export { TRACE_FORMATS, type TraceFormat } from './workload-schema.js';
export type {
  AgenticWorkload,
  FixedWorkload,
  TraceWorkload,
  WorkloadSpec,
} from './workload-schema.js';
