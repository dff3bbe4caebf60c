// SPDX-License-Identifier: Apache-2.0
import { BlockPool } from '../core/block-pool.js';
import type { PoolEvent } from '../core/block-pool.js';
import type { Core } from '../core/core.js';
import { crc32OfWords } from './crc32.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import { replayEntries, whole, wholes } from './recorded-log.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** Replays a `blockpool` log through the kernel. Null when everything is as recorded. */
export function replayBlockPoolLog(
  core: Core,
  { header, entries }: RecordedLog,
): Difference | null {
  const blocks = whole(header, 'num_blocks', 2);
  const caching = header.fields['enable_caching'] !== false;
  const pool = new BlockPool(core, { blocks, caching, events: 4 * blocks + 4096 });
  const difference = replayEntries(entries, (entry) => replayEntry(pool, entry));
  pool.dispose();
  return difference;
}

function replayEntry(pool: BlockPool, entry: Entry): Difference | null {
  const { line, op, fields } = entry;
  if (op === 'dump') return compareDump(pool, entry);
  const operation = OPERATIONS[op];
  if (operation === undefined) {
    return broken(line, 'op', Object.keys(OPERATIONS).join(', '), op);
  }
  const result = operation(pool, entry);
  const events = pool.takeEvents().map(recorded);
  const state = [pool.freeBlocks, pool.hashedBlocks, crc32OfWords(pool.queue())];
  return (
    ('r' in fields ? compare(line, `${op}.r`, fields['r'], result) : null) ??
    ('st' in fields ? compare(line, `${op}.st`, fields['st'], state) : null) ??
    ('ev' in fields ? compare(line, `${op}.ev`, fields['ev'], events) : null) ??
    compare(line, `${op}: invariant KV-`, 0, pool.check())
  );
}

type Operation = (pool: BlockPool, entry: Entry) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  alloc: (pool, entry) => {
    const ids = pool.alloc(whole(entry, 'n'));
    return ids === null ? null : [...ids];
  },
  free: (pool, entry) => {
    pool.free(wholes(entry, 'ids'));
    return null;
  },
  touch: (pool, entry) => {
    pool.touch(wholes(entry, 'ids'));
    return null;
  },
  cache: (pool, entry) => {
    const [from, to] = [whole(entry, 'from'), whole(entry, 'to')];
    const hashes = wholes(entry, 'h');
    const parent = from === 0 ? null : BigInt(hashes[from - 1]);
    const ids = wholes(entry, 'ids').slice(from, to);
    pool.cache(ids, hashes.slice(from, to), whole(entry, 'g'), parent);
    return null;
  },
  lookup: (pool, entry) => {
    const hash = whole(entry, 'h');
    const ids = wholes(entry, 'gs').map((group) => pool.lookup(hash, group));
    return ids.includes(null) ? null : ids;
  },
  evict: (pool, entry) => {
    pool.evict(wholes(entry, 'ids'));
    return null;
  },
  reset: (pool) => pool.reset(),
};

function recorded(event: PoolEvent): unknown[] {
  if (event.kind === 'cleared') return ['C'];
  if (event.kind === 'removed') return ['R', Number(event.key), event.group];
  const parent = event.parent === null ? null : Number(event.parent);
  return ['S', event.keys.map(Number), parent, event.group];
}

function compareDump(pool: BlockPool, { line, fields }: Entry): Difference | null {
  const references: number[][] = [];
  for (let id = 1; id < pool.blocks; id++) {
    const count = pool.references(id);
    if (count > 0) references.push([id, count]);
  }
  return (
    compare(line, 'dump.free', fields['free'], [...pool.queue()]) ??
    compare(line, 'dump.ref', fields['ref'], references)
  );
}
