// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Runs the tests on other kernels: a mutant (scripts/mutate.mjs), which is a SIMD build. */
const modules = [
  ['src/core/generated/wasm-bytes.ts', process.env['KVLOOM_TEST_WASM']],
  ['src/numeric/generated/wasm-bytes.ts', process.env['KVLOOM_TEST_NUMERIC_WASM']],
] as const;
const otherKernels = {
  name: 'other-kernels',
  enforce: 'pre' as const,
  load(id: string): string | null {
    const wasm = modules.find(([file]) => id.endsWith(file))?.[1];
    if (wasm === undefined) return null;
    const base64 = readFileSync(wasm, 'base64');
    return `export const simdWasm = '${base64}';\nexport const scalarWasm = simdWasm;\n`;
  },
};

export default defineConfig({
  plugins: [otherKernels],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A failure prints its numbers in full: rounding would hide the last bit.
    chaiConfig: { truncateThreshold: 0 },
    coverage: { include: ['src/**'], exclude: ['src/core/generated/**'] },
  },
});
