// SPDX-License-Identifier: Apache-2.0
import type { BlockIds } from '../draft.js';
import { list, type Place } from './fields.js';

/**
 * Substitutes for u64 hashes that a double cannot hold: -1, -2, ... in order of first use.
 * One a file; `quoteLongIds` keeps JSON.parse from rounding them first.
 */
export type LongIds = Map<string, number>;

const U32_END = 2 ** 32;
const HASH_LIST = /"hash_ids"\s*:\s*\[[^\]]*\]/g;
const LONG_NUMBER = /(?<![\d"])\d{16,}/g;

/**
 * Puts integers of 16 and more digits inside `hash_ids` into quotes. Text inside a JSON string
 * cannot look like this key, because its quotes would be escaped.
 */
export function quoteLongIds(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(HASH_LIST, (ids) => ids.replace(LONG_NUMBER, '"$&"'));
}

/** A checked list of block ids: whole numbers, or decimal texts where `longIds` is given. */
export function blockIds(value: unknown, place: Place, key: string, longIds?: LongIds): BlockIds {
  const ids = list(value, place, key);
  let out: BlockIds = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    const number = typeof id === 'string' && longIds !== undefined ? shortId(id, longIds) : id;
    const bad = typeof number !== 'number' || !Number.isSafeInteger(number);
    if (bad || (number < 0 && typeof id === 'number')) {
      return place.fail(`${key}[${i}]`, 'must be a block id', {
        got: id,
        allowed: longIds === undefined ? '0 to 2^53-1' : '0 to 2^64-1',
      });
    }
    if ((number < 0 || number >= U32_END) && out instanceof Uint32Array) {
      out = Float64Array.from(out);
    }
    out[i] = number;
  }
  return out;
}

/** The id itself where a double holds it, else its substitute; NaN when it is no number. */
function shortId(digits: string, longIds: LongIds): number {
  if (!/^\d{1,20}$/.test(digits)) return NaN;
  const exact = Number(digits);
  if (Number.isSafeInteger(exact)) return exact;
  const known = longIds.get(digits) ?? -1 - longIds.size;
  longIds.set(digits, known);
  return known;
}

/**
 * Formats disagree on the last, partial block: kv-cache-tester leaves it out, Mooncake and some
 * republished Weka sets give it an id. Both are legal, anything else is a broken row.
 */
export function checkIdCount(
  count: number,
  inputTokens: number,
  blockSize: number,
  place: Place,
  key: string,
): void {
  const full = Math.floor(inputTokens / blockSize);
  const all = Math.ceil(inputTokens / blockSize);
  if (count === full || count === all) return;
  place.fail(key, `hash list of the wrong length for ${inputTokens} tokens`, {
    got: count,
    allowed: full === all ? `${full}` : `${full} or ${all}`,
  });
}
