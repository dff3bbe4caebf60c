// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { BlockHasher } from '../core/hash.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** Rows of the hash file that the kernels can compute: Dynamo's XXH3 chain. */
export const HASH_OPS_BUILT: readonly string[] = ['dynamo_xxh3'];

export function replayHashLog(core: Core, { entries }: RecordedLog): Difference | null {
  const rows = entries.filter(({ op }) => HASH_OPS_BUILT.includes(op));
  return replayEntries(rows, (entry) => replayRow(core, entry));
}

function replayRow(core: Core, entry: Entry): Difference | null {
  const { line, op, fields } = entry;
  const hasher = new BlockHasher(core, seedOf(entry));
  const { local, seq } = hasher.chain(wholes(entry, 'tokens'), whole(entry, 'block_size', 1));
  hasher.dispose();
  return (
    compare(line, `${op}.local_u64`, fields['local_u64'], Array.from(local, String)) ??
    compare(line, `${op}.seq_u64`, fields['seq_u64'], Array.from(seq, String))
  );
}

/** A decimal text, because it may be any u64. */
function seedOf({ line, op, fields }: Entry): bigint {
  const seed = String(fields['salt_hash']);
  if (/^\d{1,20}$/.test(seed)) return BigInt(seed);
  throw new BrokenLog(broken(line, `${op}.salt_hash`, 'a decimal number', fields['salt_hash']));
}
