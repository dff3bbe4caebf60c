// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import {
  sglangPageHash,
  sglangShortHash,
  vllmBlockHashes,
  vllmNoneHash,
  vllmShortHash,
} from '../core/engine-hashes.js';
import { BlockHasher } from '../core/hash.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

type Row = (core: Core, entry: Entry, header: Entry) => Difference | null;

/** Rows of the hash file: chains as each engine computes them. */
const ROWS: Readonly<Record<string, Row>> = {
  dynamo_xxh3: dynamoRow,
  sgl_sha256: sglangRow,
  vllm_sha256_cbor: vllmRow,
};

export const HASH_OPS_BUILT: readonly string[] = Object.keys(ROWS);

/** Replays the rows of one op. */
export function replayHashLog(
  core: Core,
  { header, entries }: RecordedLog,
  op: string,
): Difference | null {
  const rows = entries.filter((entry) => entry.op === op);
  return replayEntries(rows, (entry) => ROWS[op](core, entry, header));
}

function dynamoRow(core: Core, entry: Entry): Difference | null {
  const { line, op, fields } = entry;
  const hasher = new BlockHasher(core, seedOf(entry));
  const { local, seq } = hasher.chain(wholes(entry, 'tokens'), whole(entry, 'block_size', 1));
  hasher.dispose();
  return (
    compare(line, `${op}.local_u64`, fields['local_u64'], Array.from(local, String)) ??
    compare(line, `${op}.seq_u64`, fields['seq_u64'], Array.from(seq, String))
  );
}

function sglangRow(_core: Core, entry: Entry): Difference | null {
  const { line, op, fields } = entry;
  const tokens = wholes(entry, 'tokens');
  const page = whole(entry, 'page_size', 1);
  const digests: Uint8Array[] = [];
  for (let at = 0; at + page <= tokens.length; at += page) {
    digests.push(sglangPageHash(digests.at(-1), tokens.slice(at, at + page)));
  }
  const short = digests.map((digest) => String(sglangShortHash(digest)));
  return (
    compare(line, `${op}.hex`, fields['hex'], digests.map(hex)) ??
    compare(line, `${op}.i64`, fields['i64'], short)
  );
}

function vllmRow(_core: Core, entry: Entry, header: Entry): Difference | null {
  const { line, op, fields } = entry;
  const noneHash = vllmNoneHash(String(header.fields['vllm_seed']));
  const known = compare(
    header.line, 'header.vllm_none_hash', header.fields['vllm_none_hash'], hex(noneHash),
  );
  if (known !== null) return known;
  const extras = { lora: text(entry, 'lora'), salt: text(entry, 'salt') };
  const size = whole(entry, 'block_size', 1);
  const digests = vllmBlockHashes(wholes(entry, 'tokens'), size, { extras, noneHash });
  const short = digests.map((digest) => String(vllmShortHash(digest)));
  return (
    compare(line, `${op}.hex`, fields['hex'], digests.map(hex)) ??
    compare(line, `${op}.ext_u64`, fields['ext_u64'], short)
  );
}

function text({ line, op, fields }: Entry, key: string): string | undefined {
  const value = fields[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BrokenLog(broken(line, `${op}.${key}`, 'a text or null', value));
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A decimal text, because it may be any u64. */
function seedOf({ line, op, fields }: Entry): bigint {
  const seed = String(fields['salt_hash']);
  if (/^\d{1,20}$/.test(seed)) return BigInt(seed);
  throw new BrokenLog(broken(line, `${op}.salt_hash`, 'a decimal number', fields['salt_hash']));
}
