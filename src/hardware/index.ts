// SPDX-License-Identifier: Apache-2.0
export { deviceNames, devices, findDevice } from './catalogue.js';
export type {
  ComputePeak,
  Device,
  GpuArchitecture,
  Hbm,
  Link,
  Power,
  Provenance,
  Status,
} from './types.js';
export { GB, GIB, MIB, NS_PER_S, NS_PER_US, TB, TFLOPS } from './units.js';
