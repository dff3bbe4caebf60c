// SPDX-License-Identifier: Apache-2.0
import { BlockPool } from '../core/block-pool.js';
import type { Core } from '../core/core.js';
import { KvManager } from '../core/kv-manager.js';
import type { KvGroup, KvRequest } from '../core/kv-manager.js';
import { crc32OfWords } from './crc32.js';
import { BrokenLog, replayEntries, whole, wholes } from './recorded-log.js';
import { broken, compare } from './difference.js';
import type { Difference } from './difference.js';
import type { Entry, RecordedLog } from './recorded-log.js';

/** A request of the log: its handle, and what its keys are made of. */
interface Running {
  readonly handle: KvRequest;
  readonly tokens: number[];
  readonly salt: unknown;
  readonly lora: unknown;
  keys: bigint[];
}

/** Replays a `kvmanager` log through the kernel. Null when everything is as recorded. */
export function replayKvManagerLog(
  core: Core,
  { header, entries }: RecordedLog,
): Difference | null {
  const run = new Replay(core, header);
  return replayEntries(entries, (entry) => run.entry(entry));
}

class Replay {
  readonly #pool: BlockPool;
  readonly #manager: KvManager;
  readonly #size: number;
  readonly #requests = new Map<unknown, Running>();
  /** Key of a block by what it consists of: numbers given in order, so none collide. */
  readonly #known = new Map<string, bigint>();

  constructor(core: Core, header: Entry) {
    const { fields } = header;
    const blocks = whole(header, 'num_blocks', 2);
    this.#size = whole(header, 'block_size', 1);
    this.#pool = new BlockPool(core, { blocks, caching: fields['caching'] !== false });
    this.#manager = new KvManager(core, this.#pool, {
      blockSize: this.#size,
      groups: fields['groups'] as KvGroup[],
      maxModelLength: whole(header, 'max_model_len', 1),
      eagle: fields['eagle'] === true,
      watermark: Number(fields['watermark'] ?? 0),
      maxInFlight: Number(fields['max_in_flight'] ?? 0),
    });
  }

  entry(entry: Entry): Difference | null {
    const { line, op, fields } = entry;
    if (op === 'dump') return this.#dump(entry);
    const operation = OPERATIONS[op];
    if (operation === undefined) {
      return broken(line, 'op', Object.keys(OPERATIONS).join(', '), op);
    }
    const result = operation(this, entry);
    const pool = this.#pool;
    const state = [pool.freeBlocks, pool.hashedBlocks, crc32OfWords(pool.queue())];
    return (
      ('r' in fields ? compare(line, `${op}.r`, fields['r'], result) : null) ??
      ('st' in fields ? compare(line, `${op}.st`, fields['st'], state) : null) ??
      compare(line, `${op}: invariant KM-`, 0, this.#manager.check())
    );
  }

  get manager(): KvManager {
    return this.#manager;
  }

  start(entry: Entry): null {
    const tokens = wholes(entry, 'tokens');
    const { id, salt, lora } = entry.fields;
    const part = { tokens, salt, lora };
    const keys = this.#newKeys({ ...part, keys: [] });
    const handle = this.#manager.request(tokens.length, keys);
    this.#requests.set(id, { ...part, keys, handle });
    return null;
  }

  append(entry: Entry): null {
    const request = this.request(entry);
    const added = wholes(entry, 'tokens');
    request.tokens.push(...added);
    const keys = this.#newKeys(request);
    request.keys.push(...keys);
    this.#manager.append(request.handle, added.length, keys);
    return null;
  }

  free(entry: Entry): null {
    this.#manager.free(this.request(entry).handle);
    this.#requests.delete(entry.fields['id']);
    return null;
  }

  request({ line, fields }: Entry): Running {
    const request = this.#requests.get(fields['id']);
    if (request === undefined) {
      throw new BrokenLog(broken(line, 'id', 'a request that was made', fields['id']));
    }
    return request;
  }

  /** Keys of the full blocks that have none yet: LoRA counts for all, the salt for the first. */
  #newKeys({ tokens, keys, salt, lora }: Omit<Running, 'handle'>): bigint[] {
    const added: bigint[] = [];
    let parent = keys.at(-1) ?? 0n;
    for (let from = keys.length * this.#size; from + this.#size <= tokens.length;) {
      const run = tokens.slice(from, from + this.#size);
      const text = JSON.stringify([String(parent), run, lora, from === 0 ? salt : null]);
      parent = this.#known.get(text) ?? BigInt(this.#known.size + 1);
      this.#known.set(text, parent);
      added.push(parent);
      from += this.#size;
    }
    return added;
  }

  #dump({ line, fields }: Entry): Difference | null {
    const references: number[][] = [];
    for (let id = 1; id < this.#pool.blocks; id++) {
      const count = this.#pool.references(id);
      if (count > 0) references.push([id, count]);
    }
    return (
      compare(line, 'dump.free', fields['free'], [...this.#pool.queue()]) ??
      compare(line, 'dump.ref', fields['ref'], references)
    );
  }
}

const OPERATIONS: Readonly<Record<string, (run: Replay, entry: Entry) => unknown>> = {
  req: (run, entry) => run.start(entry),
  append: (run, entry) => run.append(entry),
  lookup: (run, entry) => run.manager.lookup(run.request(entry).handle),
  alloc: (run, entry) =>
    run.manager.alloc(run.request(entry).handle, whole(entry, 'new'), {
      hit: whole(entry, 'hit'),
      lookahead: whole(entry, 'lookahead'),
      mustFit: entry.fields['must_fit'] === true,
      scheduled: entry.fields['has_sched'] === true,
      reserved: whole(entry, 'reserved'),
    }),
  computed: (run, entry) => {
    run.manager.computed(run.request(entry).handle, whole(entry, 'n'));
    return null;
  },
  preempt: (run, entry) => {
    run.manager.preempt(run.request(entry).handle);
    return null;
  },
  free: (run, entry) => run.free(entry),
  evict: (run, entry) => {
    run.manager.evict(wholes(entry, 'ids'));
    return null;
  },
  reset: (run) => run.manager.reset(),
  common: (run, entry) => run.manager.common(run.request(entry).handle),
  blocks: (run, entry) => run.manager.blocks(run.request(entry).handle),
};
