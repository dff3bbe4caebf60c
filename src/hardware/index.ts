// SPDX-License-Identifier: Apache-2.0
export { deviceNames, devices, findDevice, findNamed, findPart, parts } from './catalogue.js';
export { derateHbm, RUBIN_COPY_BYTES_PER_S } from './derate.js';
export {
  describeInput,
  deviceFacts,
  MissingInputError,
  type NamedFact,
  partFacts,
  requiredInputs,
  resolveFacts,
} from './facts.js';
export { type Finder, rackTotals } from './rack.js';
export { ridgePoint } from './ridge.js';
export { PART_KINDS } from './types.js';
export type {
  ComputePeak,
  DataCentrePower,
  Device,
  Fact,
  GpuArchitecture,
  Hbm,
  Link,
  Part,
  PartKind,
  Power,
  Provenance,
  Status,
} from './types.js';
export { GB, GIB, MIB, NS_PER_S, NS_PER_US, TB, TFLOPS } from './units.js';
