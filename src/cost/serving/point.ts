// SPDX-License-Identifier: Apache-2.0
import type { Device } from '../../hardware/index.js';
import type { ModelArchitecture } from '../../model/index.js';
import type { Engine } from '../engine.js';
import type { Precision } from './formats.js';
import type { LayoutColumns } from './layout.js';

/** One load on one deployment of prefill and decode together, as published rows state it. */
export interface ServingPoint {
  readonly model: ModelArchitecture;
  readonly device: Device;
  readonly engine: Engine;
  readonly version: string;
  readonly precision: Precision;
  /** Nominal prompt and output tokens. */
  readonly isl: number;
  readonly osl: number;
  /** Requests in flight over all replicas. */
  readonly concurrency: number;
  /** Sequences of one attention replica, as the row states it. */
  readonly batch: number;
  readonly columns: LayoutColumns;
}
