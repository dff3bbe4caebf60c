// SPDX-License-Identifier: Apache-2.0
/** Results as text, JSON, JSON lines and a timeline: pure functions of plain data. */
export type { ApiBillFacts, CostFacts, PoolCostFacts } from './cost-lines.js';
export { perfettoTrace } from './perfetto.js';
export {
  requestLine,
  requestsJsonl,
  type RequestLine,
  type RequestLineOptions,
} from './requests-jsonl.js';
export {
  RUN_JSON_SCHEMA,
  runDocument,
  runJson,
  type RunDocument,
  type ContextFacts,
  type RunJsonInput,
  type WorkloadFacts,
} from './run-json.js';
export type {
  Assumption, Identity, Scenario, ScenarioContexts, ScenarioPool,
} from './scenario.js';
export { ansiStyle, plainStyle, type TextFormat, type TextStyle } from './style.js';
export { summaryText, type SummaryTextInput } from './summary-text.js';
