// SPDX-License-Identifier: Apache-2.0
import type { Core } from './core.js';
import { BlockHasher } from './hash.js';

/** An image, audio clip, ... that stands for tokens of a prompt. */
export interface MediaItem {
  /** Names its content. */
  readonly id: string;
  /** First token that it stands for, and how many. */
  readonly offset: number;
  readonly length: number;
}

/** What makes KV differ though tokens are equal. */
export interface ExtraKeys {
  /** LoRA adapter: part of every block. */
  readonly lora?: string | undefined;
  /** Cache salt of a tenant: part of block 0, and so of all behind it. */
  readonly salt?: string | undefined;
  /** Media: part of each block that one reaches into, with its place relative to the block. */
  readonly media?: readonly MediaItem[] | undefined;
  /** Digests of prompt embeddings by block. */
  readonly embeddings?: ReadonlyMap<number, Uint8Array> | undefined;
}

/** Media that reach into block `index`. */
export function mediaIn(extras: ExtraKeys, index: number, blockSize: number): readonly MediaItem[] {
  const start = index * blockSize;
  return (extras.media ?? []).filter(
    ({ offset, length }) => offset < start + blockSize && offset + length > start,
  );
}

/** Tags of extra keys. A key is its tag, the length of its payload (u32) and the payload. */
const TAG = { lora: 1, salt: 2, media: 3, embedding: 4 } as const;
const HEAD = 13;

/**
 * Keys of the full blocks of a sequence, 64 bits each, chained: equal keys mean equal tokens, extra
 * keys and prefix (but for collisions of 64 bits). Every extra key is tagged, so that a LoRA name
 * never reads as a salt (vllm#44701).
 *
 * ```
 *  hashed of a block │ 1 if chained │ key before (u64) │ tokens (u32) │ token ids (u32 each) │
 *                    │ tag (u8) │ bytes (u32) │ payload │ ...          little-endian
 * ```
 *
 * @example
 * const keys = new BlockKeys(core, 16, { salt: 'tenant 7' });
 * keys.extend(prompt);     // keys of its full blocks
 * keys.extend(answer);     // O(new tokens): those of the blocks that the answer completes
 */
export class BlockKeys {
  readonly #hasher: BlockHasher;
  readonly #rest: number[] = [];
  #last: bigint | null = null;
  #index = 0;

  constructor(
    core: Core,
    readonly blockSize: number,
    private readonly extras: ExtraKeys = {},
    seed: bigint | number = 1337n,
  ) {
    if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > 65536) {
      throw new RangeError(`blockSize: must be an integer from 1 to 65536, got ${blockSize}`);
    }
    this.#hasher = new BlockHasher(core, seed);
  }

  /** Appends tokens; returns the keys of the blocks that they complete. */
  extend(tokens: Iterable<number>): bigint[] {
    const keys: bigint[] = [];
    for (const token of tokens) {
      this.#rest.push(token);
      if (this.#rest.length < this.blockSize) continue;
      this.#last = this.#hasher.hash(this.#message());
      keys.push(this.#last);
      this.#rest.length = 0;
      this.#index++;
    }
    return keys;
  }

  dispose(): void {
    this.#hasher.dispose();
  }

  #message(): Uint8Array {
    const extras = this.#tagged();
    const size = extras.reduce((sum, { bytes }) => sum + 5 + bytes.length, 0);
    const message = new Uint8Array(HEAD + 4 * this.blockSize + size);
    const view = new DataView(message.buffer);
    view.setUint8(0, this.#last === null ? 0 : 1);
    view.setBigUint64(1, this.#last ?? 0n, true);
    view.setUint32(9, this.blockSize, true);
    this.#rest.forEach((token, i) => view.setUint32(HEAD + 4 * i, token, true));
    let at = HEAD + 4 * this.blockSize;
    for (const { tag, bytes } of extras) {
      view.setUint8(at, tag);
      view.setUint32(at + 1, bytes.length, true);
      message.set(bytes, at + 5);
      at += 5 + bytes.length;
    }
    return message;
  }

  #tagged(): { tag: number; bytes: Uint8Array }[] {
    const { extras, blockSize } = this;
    const text = new TextEncoder();
    const list: { tag: number; bytes: Uint8Array }[] = [];
    if (extras.lora !== undefined) list.push({ tag: TAG.lora, bytes: text.encode(extras.lora) });
    if (extras.salt !== undefined && this.#index === 0) {
      list.push({ tag: TAG.salt, bytes: text.encode(extras.salt) });
    }
    for (const { id, offset, length } of mediaIn(extras, this.#index, blockSize)) {
      const name = text.encode(id);
      const bytes = new Uint8Array(8 + name.length);
      const view = new DataView(bytes.buffer);
      view.setInt32(0, offset - this.#index * blockSize, true);
      view.setUint32(4, length, true);
      bytes.set(name, 8);
      list.push({ tag: TAG.media, bytes });
    }
    const embedding = extras.embeddings?.get(this.#index);
    if (embedding !== undefined) list.push({ tag: TAG.embedding, bytes: embedding });
    return list;
  }
}
