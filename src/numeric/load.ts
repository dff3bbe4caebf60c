// SPDX-License-Identifier: Apache-2.0
import { sourceOf } from '../core/index.js';
import type { LoadOptions } from '../core/index.js';
import { scalarWasm, simdWasm } from './generated/wasm-bytes.js';
import { NumericCore } from './numeric-core.js';

/**
 * A fresh instance of the numeric kernels. Synchronous, locates no file and imports nothing. Both
 * builds give the same results bit for bit.
 */
export function loadNumeric(options: LoadOptions = {}): NumericCore {
  return new NumericCore(sourceOf(options, { simd: simdWasm, scalar: scalarWasm }));
}
