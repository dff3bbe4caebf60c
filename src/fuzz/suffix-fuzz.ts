// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { loadNumeric, SuffixDrafter } from '../numeric/index.js';
import type { NumericCore, SuffixDraft, SuffixOptions } from '../numeric/index.js';
import { ReferenceSuffixDrafter } from '../numeric/reference/suffix-drafter.js';
import { expectSame } from './compare.js';
import type { FuzzTarget, RunOptions } from './target.js';
import { runOperations } from './target.js';

/** What the fuzzer needs of a suffix-drafter; a test plants bugs by handing in another one. */
export type SuffixUnderTest = Pick<
  SuffixDrafter,
  'learn' | 'draft' | 'clear' | 'nodes' | 'dropped' | 'check' | 'dispose'
>;
export type MakeSuffix = (core: NumericCore, options: Required<SuffixOptions>) => SuffixUnderTest;

/** Longest context that is kept; older tokens fall off. */
const MOST_CONTEXT = 24;

/** Kernel and twin of the suffix drafter under one program. */
class SuffixRun {
  readonly kernel: SuffixUnderTest;
  #twin: ReferenceSuffixDrafter;
  readonly #alphabet: number;
  /** What an agent would have before it: tokens learnt and drafts taken over. */
  #context: number[] = [];

  constructor(core: NumericCore, make: MakeSuffix, setup: Uint8Array) {
    const depth = 2 + (setup[0] % 8);
    // Small ones run out of nodes, and then learn no more.
    const nodes = setup[1] % 2 === 0 ? 16 + setup[1] : 2048;
    // Few tokens repeat often; large ids, so that hashing matters.
    this.#alphabet = 1 + (setup[2] % 6);
    this.kernel = make(core, { depth, nodes });
    this.#twin = new ReferenceSuffixDrafter(depth, nodes);
  }

  apply(op: Uint8Array): void {
    const kind = op[0] % 16;
    if (kind < 7) this.#learn(this.#text(op, 1 + (op[1] % 6)), (op[1] >> 4) === 0);
    else if (kind < 9) this.#learn(this.#draft(this.#context, op), false);
    else if (kind < 12) this.#draft(this.#context, op);
    else if (kind < 15) this.#draft(this.#text(op, op[1] % 6), op);
    else if (op[1] % 16 === 0) this.#clear();
    else this.#learn([], op[1] % 2 === 0);
  }

  compareSizes(): void {
    expectSame('nodes', this.#twin.nodes, this.kernel.nodes);
    expectSame('dropped', this.#twin.dropped, this.kernel.dropped);
  }

  compareAll(): void {
    expectSame('invariant', 0, this.kernel.check());
    for (let i = 0; i < this.#alphabet; i++) {
      this.#compare([this.#token(i)], 8, 4, 0);
    }
    for (let n = 0; n <= this.#context.length; n += 5) {
      this.#compare(this.#context.slice(n), 8, 4, 0.05);
    }
  }

  dispose(): void {
    this.kernel.dispose();
  }

  #token(byte: number): number {
    return (Math.imul(byte % this.#alphabet, 0x9e3779b1) >>> 1) & 0x7fffffff;
  }

  #text(op: Uint8Array, n: number): number[] {
    return Array.from(op.subarray(2, 2 + n), (byte) => this.#token(byte));
  }

  #learn(tokens: readonly number[], fresh: boolean): void {
    this.kernel.learn(tokens, fresh);
    this.#twin.learn(tokens, fresh);
    this.#context = [...(fresh ? [] : this.#context), ...tokens].slice(-MOST_CONTEXT);
  }

  #draft(context: readonly number[], op: Uint8Array): number[] {
    return this.#compare(context, op[5] % 9, (1 + (op[6] % 16)) / 4, (op[7] % 8) / 10);
  }

  #compare(context: readonly number[], most: number, factor: number, least: number): number[] {
    const { tokens, probabilities }: SuffixDraft =
      this.kernel.draft(context, { most, factor, least });
    const expected = this.#twin.draft(context, most, factor, least);
    expectSame('draft', expected.tokens, tokens);
    expectSame('probabilities', expected.probabilities, probabilities);
    return expected.tokens;
  }

  #clear(): void {
    this.kernel.clear();
    this.#twin = new ReferenceSuffixDrafter(this.#twin.depth, this.#twin.capacity);
    this.#context = [];
  }
}

/** Fuzzes a suffix drafter, by default the wasm kernel's, of the build that `core` is. */
export function suffixTarget(
  core: Core,
  make: MakeSuffix = (c, options) => new SuffixDrafter(c, options),
): FuzzTarget {
  const load = (): NumericCore => loadNumeric({ simd: core.simd ? 'on' : 'off' });
  let numeric = load();
  return {
    kind: 'suffix',
    run(body: Uint8Array, options: RunOptions): void {
      try {
        runOperations(body, options, (setup) => new SuffixRun(numeric, make, setup));
      } catch (error) {
        // What a failed program left behind must not reach the next one.
        numeric = load();
        throw error;
      }
    },
  };
}
