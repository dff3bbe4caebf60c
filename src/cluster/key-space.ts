// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import { ChainIndex, nextExtending, type Workload } from '../workload/index.js';

/**
 * Identity of engine blocks: which KV blocks of two requests hold the same content.
 *
 * A trace names whole prefixes per trace block of B tokens. An engine block of b tokens that ends
 * at token E lies, with its whole prefix, inside the prefix that trace block q = ceil(E/B) - 1
 * names. Its key is (id of q, which of the engine blocks ending in q), packed in one u32:
 *
 * ```
 *   B = 64    |------ id 7 ------|------ id 8 ------|-- no id
 *   b = 16    |28  29   30   31  |32   33   34   35 | private
 *   b = 128   |                                   8 | private
 * ```
 *
 * Rules (docs/block-identity.md):
 * - ID-1  only complete trace blocks have an identity, so hit tokens are whole trace blocks and
 *         agree at every engine block size that divides B; a coarser one rounds them down.
 * - ID-2  a trace block that a turn completes while decoding takes the id which the same agent's
 *         next extending turn has there.
 * - ID-3  everything else is private to its turn: findable by the same request after a
 *         preemption, by nobody else.
 */
export class KeySpace {
  /** Engine blocks of each turn that have an identity; they come first. */
  readonly known: Uint32Array;
  /** Full engine blocks of each turn when it is done (the last sampled token has no KV). */
  readonly total: Uint32Array;
  /** Next turn of the same agent that extends this one, or -1. */
  readonly extending: Int32Array;
  readonly #privateBase: Uint32Array;
  readonly #source: Int32Array;
  readonly #subBlocks: number;
  readonly #chains: ChainIndex;
  #scratch = new Uint32Array(1024);

  constructor(
    private readonly workload: Workload,
    readonly blockSize: number,
  ) {
    const { turns } = workload;
    const { count, inputTokens, outputTokens } = turns;
    const traceBlock = workload.blockSize;
    this.#subBlocks = Math.ceil(traceBlock / blockSize);
    this.#chains = new ChainIndex(workload);
    this.known = new Uint32Array(count);
    this.total = new Uint32Array(count);
    this.extending = new Int32Array(count);
    this.#source = new Int32Array(count);
    this.#privateBase = new Uint32Array(count);
    let privates = 0;
    for (let turn = 0; turn < count; turn++) {
      const computed = inputTokens[turn] + Math.max(1, outputTokens[turn]) - 1;
      const next = nextExtending(workload, turn);
      const own = this.#named(turn);
      const given = next < 0 ? 0 : Math.min(this.#named(next), Math.floor(computed / traceBlock));
      this.extending[turn] = next;
      this.#source[turn] = given > own ? next : turn;
      this.known[turn] = Math.floor((Math.max(own, given) * traceBlock) / blockSize);
      this.total[turn] = Math.floor(computed / blockSize);
      this.#privateBase[turn] = privates;
      privates += this.total[turn] - this.known[turn];
    }
    if (workload.uniqueBlocks * this.#subBlocks + privates > 0xffffffff) {
      throw new UserError(
        `${workload.name}: more than 2^32 distinct blocks of ${blockSize} tokens; ` +
          'use a larger blockSize or fewer sessions',
      );
    }
  }

  /** Complete trace blocks of a prompt: those with an identity. */
  #named(turn: number): number {
    const { inputTokens, blocks } = this.workload.turns;
    return Math.min(Math.floor(inputTokens[turn] / this.workload.blockSize), blocks[turn]);
  }

  /** Leading engine blocks that `turn` shares with `earlier`, a turn of the same agent. */
  common(earlier: number, turn: number): number {
    if (earlier === turn) return this.total[turn];
    if (this.extending[earlier] === turn) return this.known[earlier];
    const { prefixTurn, prefixBlocks } = this.workload.turns;
    if (prefixTurn[turn] !== earlier) return 0;
    const complete = Math.min(this.#named(earlier), this.#named(turn), prefixBlocks[turn]);
    return Math.floor((complete * this.workload.blockSize) / this.blockSize);
  }

  /** Writes the keys of engine blocks `from .. to-1` of a turn to `out[at ..]`. */
  write(turn: number, from: number, to: number, out: Uint32Array, at: number): void {
    const known = Math.min(to, this.known[turn]);
    if (from < known) this.#writeKnown(turn, from, known, out, at);
    const last = 0xffffffff - this.#privateBase[turn] + this.known[turn];
    for (let j = Math.max(from, known); j < to; j++) out[at + j - from] = last - j;
  }

  #writeKnown(turn: number, from: number, to: number, out: Uint32Array, at: number): void {
    const { blockSize } = this;
    const traceBlock = this.workload.blockSize;
    const first = Math.ceil(((from + 1) * blockSize) / traceBlock) - 1;
    const last = Math.ceil((to * blockSize) / traceBlock) - 1;
    const source = this.#source[turn];
    if (blockSize === traceBlock) {
      this.#chains.copy(source, from, to, out, at);
      return;
    }
    if (this.#scratch.length <= last - first) {
      this.#scratch = new Uint32Array(2 * (last - first + 1));
    }
    this.#chains.copy(source, first, last + 1, this.#scratch, 0);
    let q = first;
    let end = (from + 1) * blockSize;
    for (let j = from; j < to; j++, end += blockSize) {
      while (end > (q + 1) * traceBlock) q++;
      const sub = Math.floor((end - q * traceBlock - 1) / blockSize);
      out[at + j - from] = this.#scratch[q - first] * this.#subBlocks + sub;
    }
  }
}
