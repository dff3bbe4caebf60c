// SPDX-License-Identifier: Apache-2.0
/** Block hashes exactly as engines compute them: to read their events, or to be read by them. */
import { sha256 } from '@noble/hashes/sha2.js';
import { mediaIn, type ExtraKeys } from './block-keys.js';

/** Canonical CBOR (RFC 8949, 4.2) of what block hashes are made of. */
type Cbor = number | string | null | Uint8Array | readonly Cbor[];

function head(major: number, n: number): number[] {
  const top = major << 5;
  if (n < 24) return [top | n];
  if (n < 0x100) return [top | 24, n];
  if (n < 0x10000) return [top | 25, n >> 8, n & 255];
  return [top | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
}

function encode(value: Cbor, out: number[]): void {
  if (value === null) out.push(0xf6);
  else if (typeof value === 'number') {
    out.push(...(value < 0 ? head(1, -1 - value) : head(0, value)));
  } else if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value);
    out.push(...head(3, bytes.length), ...bytes);
  } else if (value instanceof Uint8Array) out.push(...head(2, value.length), ...value);
  else {
    out.push(...head(4, value.length));
    for (const each of value) encode(each, out);
  }
}

function cborHash(value: Cbor): Uint8Array {
  const out: number[] = [];
  encode(value, out);
  return sha256(Uint8Array.from(out));
}

/** Parent of block 0 in vLLM under `PYTHONHASHSEED` = seed. */
export function vllmNoneHash(seed: string): Uint8Array {
  return cborHash(seed);
}

/** Extra keys of a block in vLLM's order, untagged; null when there is none. */
function vllmExtras(extras: ExtraKeys, index: number, blockSize: number): Cbor {
  const list: Cbor[] = [];
  if (extras.lora !== undefined) list.push(extras.lora);
  for (const { id, offset } of mediaIn(extras, index, blockSize)) {
    list.push([id, offset - index * blockSize]);
  }
  if (extras.salt !== undefined && index === 0) list.push(extras.salt);
  const embedding = extras.embeddings?.get(index);
  if (embedding !== undefined) list.push(embedding);
  return list.length > 0 ? list : null;
}

/**
 * Digests of the full blocks of a sequence as vLLM's `sha256_cbor` has them. LoRA names and salts
 * share one place there: `BlockKeys` tells them apart.
 */
export function vllmBlockHashes(
  tokens: ArrayLike<number>,
  blockSize: number,
  { extras = {}, noneHash = vllmNoneHash('0') }: { extras?: ExtraKeys; noneHash?: Uint8Array } = {},
): Uint8Array[] {
  const digests: Uint8Array[] = [];
  let parent = noneHash;
  for (let at = 0; at + blockSize <= tokens.length; at += blockSize) {
    const run = Array.from({ length: blockSize }, (_, i) => tokens[at + i]);
    parent = cborHash([parent, run, vllmExtras(extras, digests.length, blockSize)]);
    digests.push(parent);
  }
  return digests;
}

/** The 64 bits of a vLLM digest that events carry: the last 8 bytes, big-endian. */
export function vllmShortHash(digest: Uint8Array): bigint {
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(digest.length - 8);
}

/** Digest of a page in SGLang: of the digest before it (none for the first page) and its tokens. */
export function sglangPageHash(
  before: Uint8Array | undefined,
  tokens: ArrayLike<number>,
): Uint8Array {
  const start = before?.length ?? 0;
  const bytes = new Uint8Array(start + 4 * tokens.length);
  if (before) bytes.set(before);
  const view = new DataView(bytes.buffer, start);
  for (let i = 0; i < tokens.length; i++) view.setUint32(4 * i, tokens[i], true);
  return sha256(bytes);
}

/** The 64 bits of an SGLang digest that events carry: the first 8 bytes, big-endian, signed. */
export function sglangShortHash(digest: Uint8Array): bigint {
  return new DataView(digest.buffer, digest.byteOffset).getBigInt64(0);
}
