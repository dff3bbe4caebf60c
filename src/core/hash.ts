// SPDX-License-Identifier: Apache-2.0
import { U32Buffer } from './buffer.js';
import type { Core } from './core.js';
import { check } from './status.js';

/** Hashes of consecutive blocks: one u64 a block. */
export interface BlockHashes {
  /** Of the tokens of the block alone. */
  local: BigUint64Array;
  /** Of the block and everything before it: its identity in a prefix cache. */
  seq: BigUint64Array;
}

/**
 * XXH3-64 of bytes and chained hashes of token blocks. See assembly/hash/xxh3.ts.
 *
 * @example
 * const hasher = new BlockHasher(core, 1337n);
 * const { seq } = hasher.chain(prompt, 64);
 * const more = hasher.chain(newTokens, 64, seq.at(-1));   // O(new tokens)
 */
export class BlockHasher {
  readonly #seedLo: number;
  readonly #seedHi: number;
  readonly #input: U32Buffer;
  readonly #output: U32Buffer;

  /** `seed` is taken modulo 2^64. */
  constructor(
    private readonly core: Core,
    seed: bigint | number = 0,
  ) {
    const wide = BigInt.asUintN(64, BigInt(seed));
    this.#seedLo = Number(wide & 0xffffffffn);
    this.#seedHi = Number(wide >> 32n);
    this.#input = new U32Buffer(core, 1024);
    this.#output = new U32Buffer(core, 64);
  }

  /** XXH3-64 of `bytes`. */
  hash(bytes: Uint8Array): bigint {
    this.#input.ensure((bytes.length + 3) >>> 2);
    this.core.u8.set(bytes, this.#input.at);
    const { at } = this.#output;
    const { exports } = this.core;
    const status = exports.xxh3_64(
      this.#input.at,
      bytes.length,
      this.#seedLo,
      this.#seedHi,
      at,
    );
    check('xxh3_64', status);
    const { u32 } = this.core;
    return (BigInt(u32[(at >>> 2) + 1]) << 32n) | BigInt(u32[at >>> 2]);
  }

  /**
   * Hashes of the whole blocks of `tokens` (u32); a partial block at the end has none. `parent` is
   * the seq hash of the block before, when the tokens continue a sequence.
   */
  chain(
    tokens: ArrayLike<number>,
    blockSize: number,
    parent: bigint | null = null,
  ): BlockHashes {
    if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > 0x10000) {
      throw new RangeError(`blockSize: must be an integer from 1 to 65536, got ${blockSize}`);
    }
    const blocks = Math.floor(tokens.length / blockSize);
    this.#input.set(tokens);
    this.#output.ensure(blocks * 4);
    const local = this.#output.at;
    const p = parent ?? 0n;
    const status = this.core.exports.block_hash_chain(
      this.#input.at,
      blocks,
      blockSize,
      this.#seedLo,
      this.#seedHi,
      parent === null ? 0 : 1,
      Number(p & 0xffffffffn),
      Number(p >> 32n),
      local,
      local + blocks * 8,
    );
    check('block_hash_chain', status);
    const { buffer } = this.core.u8;
    return {
      local: new BigUint64Array(buffer, local, blocks).slice(),
      seq: new BigUint64Array(buffer, local + blocks * 8, blocks).slice(),
    };
  }

  dispose(): void {
    this.#input.dispose();
    this.#output.dispose();
  }
}
