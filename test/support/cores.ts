// SPDX-License-Identifier: Apache-2.0
/** Both builds of the kernels: what holds for one must hold for the other. */
import { describe, expect } from 'vitest';
import { U32Buffer, loadCore, simdSupported, type Core } from '../../src/core/index.js';
import { loadNumeric, type NumericCore } from '../../src/numeric/index.js';

/** A mutant (scripts/mutate.mjs) stands for both builds: once is enough. */
const mutated = ['KVLOOM_TEST_WASM', 'KVLOOM_TEST_NUMERIC_WASM']
  .some((name) => process.env[name] !== undefined);
const BUILDS = simdSupported() && !mutated ? (['on', 'off'] as const) : (['off'] as const);

/** Runs a group of tests with the SIMD and with the scalar build. */
export function describeBuilds(name: string, group: (load: () => Core) => void): void {
  for (const simd of BUILDS) {
    const build = simd === 'on' ? 'SIMD' : 'scalar';
    describe(`${name} (${build})`, () => group(() => loadCore({ simd })));
  }
}

/** The same for the numeric kernels. */
export function describeNumeric(name: string, group: (load: () => NumericCore) => void): void {
  for (const simd of BUILDS) {
    const build = simd === 'on' ? 'SIMD' : 'scalar';
    describe(`${name} (${build})`, () => group(() => loadNumeric({ simd })));
  }
}

/**
 * A raw call that must answer `status` and leave every byte of the kernels as it was. `words` are
 * its argument in linear memory, written before. With `observe` only what that sees has to stay: a
 * call that undid its first steps may leave other values in fields that nothing reads.
 */
export function expectRefused(
  core: Core,
  status: number,
  words: readonly number[],
  call: (at: number, n: number) => number,
  observe: (() => unknown) | null = null,
): void {
  const argument = new U32Buffer(core, 64);
  argument.set(words);
  const before = core.snapshot();
  const seen = observe?.();
  const answer = call(argument.at, words.length);
  expect(answer).toBe(status);
  if (observe !== null) expect(observe()).toEqual(seen);
  else expect(Buffer.compare(before, core.snapshot())).toBe(0);
  argument.dispose();
}
