// SPDX-License-Identifier: Apache-2.0
import { runs, sourceOf } from './bundled.js';
import type { LoadOptions } from './bundled.js';
import { Core } from './core.js';
import { scalarWasm, simdWasm } from './generated/wasm-bytes.js';

/**
 * A fresh instance of the wasm core. Synchronous: the bundled module is 64 KB at most, locates no
 * file and imports nothing, so this works in Node, Deno, Bun, browsers and their workers.
 *
 * Both builds give the same results bit for bit.
 */
export function loadCore(options: LoadOptions = {}): Core {
  return new Core(sourceOf(options, { simd: simdWasm, scalar: scalarWasm }));
}

/** True when this runtime can run the SIMD build. */
export function simdSupported(): boolean {
  return runs(simdWasm);
}
