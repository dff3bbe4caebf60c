// SPDX-License-Identifier: Apache-2.0
import { WasmInstance } from '../core/index.js';
import type { CoreSource } from '../core/index.js';
import type { NumericExports } from './exports.js';
import { Scratch } from './scratch.js';

/** ABI of the numeric module that this host was written against. */
export const NUMERIC_ABI_VERSION = 1;

/** One instance of the numeric kernels: number formats, speculative decoding, expert routing. */
export class NumericCore extends WasmInstance<NumericExports> {
  /** Arguments of the call under way, in linear memory. */
  readonly scratch = new Scratch(this);

  constructor(source: CoreSource) {
    super(source, NUMERIC_ABI_VERSION);
  }
}
