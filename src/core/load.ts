// SPDX-License-Identifier: Apache-2.0
import { Core } from './core.js';
import type { CoreSource } from './core.js';
import { scalarWasm, simdWasm } from './generated/wasm-bytes.js';

export interface LoadOptions {
  /** Another build of the kernels: bytes, a compiled module or base64. Default: the bundled one. */
  source?: CoreSource | string;
  /** Which bundled build: by feature detection (default), with SIMD or without. */
  simd?: 'auto' | 'on' | 'off';
}

/** Compiled once a thread; instances share the module, never its memory. */
const compiled = new Map<string, WebAssembly.Module>();

/**
 * A fresh instance of the wasm core. Synchronous: the bundled module is 64 KB at most, locates no
 * file and imports nothing, so this works in Node, Deno, Bun, browsers and their workers.
 *
 * Both builds give the same results bit for bit.
 */
export function loadCore(options: LoadOptions = {}): Core {
  const { source, simd = 'auto' } = options;
  if (source === undefined) return new Core(bundled(simd));
  if (typeof source !== 'string') return new Core(source);
  return new Core(new WebAssembly.Module(fromBase64(source)));
}

/** True when this runtime can run the SIMD build. */
export function simdSupported(): boolean {
  try {
    compile('simd', simdWasm);
    return true;
  } catch {
    return false;
  }
}

function bundled(simd: 'auto' | 'on' | 'off'): WebAssembly.Module {
  const useSimd = simd === 'on' || (simd === 'auto' && simdSupported());
  return useSimd ? compile('simd', simdWasm) : compile('scalar', scalarWasm);
}

function compile(name: string, base64: string): WebAssembly.Module {
  let module = compiled.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(fromBase64(base64));
    compiled.set(name, module);
  }
  return module;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
