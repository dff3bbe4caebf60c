// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { Core } from '../../src/core/core.js';
import { scalarWasm, simdWasm } from '../../src/core/generated/wasm-bytes.js';
import { loadCore, simdSupported } from '../../src/core/load.js';

describe('loadCore', () => {
  it('picks the SIMD build where it can run', () => {
    expect(simdSupported()).toBe(true);
    expect(loadCore().simd).toBe(true);
    expect(loadCore({ simd: 'auto' }).simd).toBe(true);
    expect(loadCore({ simd: 'on' }).simd).toBe(true);
    expect(loadCore({ simd: 'off' }).simd).toBe(false);
  });

  it('takes bytes, a module or base64', () => {
    const bytes = Uint8Array.from(Buffer.from(scalarWasm, 'base64'));
    expect(loadCore({ source: bytes }).simd).toBe(false);
    expect(loadCore({ source: new WebAssembly.Module(bytes) }).simd).toBe(false);
    expect(loadCore({ source: simdWasm }).simd).toBe(true);
    expect(() => loadCore({ source: 'AAAA' })).toThrow(WebAssembly.CompileError);
  });

  it('decodes base64 where the runtime has no decoder of its own', () => {
    vi.stubGlobal('Buffer', undefined);
    try {
      expect(loadCore({ source: simdWasm }).simd).toBe(true);
      expect(() => loadCore({ source: 'AAAA' })).toThrow(WebAssembly.CompileError);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('gives instances that share nothing', () => {
    const a = loadCore();
    const b = loadCore();
    expect(a).toBeInstanceOf(Core);
    const at = a.take(8);
    a.u32[at >> 2] = 7;
    expect(b.u32[at >> 2]).toBe(0);
    expect(a.exports.memory).not.toBe(b.exports.memory);
  });

  it('bundles modules that import nothing and stay below 64 KB', () => {
    for (const base64 of [simdWasm, scalarWasm]) {
      const bytes = Buffer.from(base64, 'base64');
      expect(bytes.length).toBeLessThan(65536);
      expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
    }
  });

  it('bundles the bytes that the package ships as files', () => {
    for (const [name, base64] of [['core.wasm', simdWasm], ['core.scalar.wasm', scalarWasm]]) {
      const file = readFileSync(new URL(`../../dist/core/${name}`, import.meta.url));
      expect(file.toString('base64')).toBe(base64);
    }
  });

  it('loads the debug build, which imports abort alone', () => {
    const file = readFileSync(new URL('../../dist/core/core.debug.wasm', import.meta.url));
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(file));
    for (const { module, name } of imports) expect(`${module}.${name}`).toBe('env.abort');
    expect(loadCore({ source: file }).exports.abi_version()).toBe(2);
  });
});
