// SPDX-License-Identifier: Apache-2.0
/** The readers against counts that an independent Python program computed from the same files. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  blockAt, copyChain, readSessions, timeOrder, WorkloadBuilder, type Workload,
} from '../../src/workload/index.js';
import { openChunks, readTraceFile } from '../../src/node/files.js';
import { readJson, sharedData } from '../support/data.js';

interface Golden {
  readonly block_size: number;
  readonly requests: number;
  readonly agents: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly max_input_tokens: number;
  readonly blocks: number;
  readonly unique_blocks: number;
  readonly infinite: { readonly hit_blocks: number; readonly per_request_hits?: number[] };
  readonly lru: Record<string, { hit_blocks: number; evicted_blocks: number }>;
  readonly ttl_seconds: Record<string, number>;
}

interface Merged extends Omit<Golden, 'infinite'> {
  readonly files: string[];
  readonly infinite: { readonly hit_blocks: number };
}

function sum(column: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += column[i];
  return total;
}

/** LRU as the golden files define it: last id of a prompt first, then evict down to capacity. */
function lru(workload: Workload, order: Uint32Array, capacity: number): [number, number] {
  const cache = new Map<number, true>();
  let hits = 0;
  let evicted = 0;
  for (const turn of order) {
    const ids = new Uint32Array(workload.turns.blocks[turn]);
    copyChain(workload, turn, 0, ids.length, ids, 0);
    let run = 0;
    while (run < ids.length && cache.has(ids[run])) run++;
    hits += run;
    for (let i = ids.length - 1; i >= 0; i--) {
      cache.delete(ids[i]);
      cache.set(ids[i], true);
    }
    for (const id of cache.keys()) {
      if (cache.size <= capacity) break;
      cache.delete(id);
      evicted++;
    }
  }
  return [hits, evicted];
}

function ttlHits(
  workload: Workload,
  order: Uint32Array,
  arrivals: Float64Array,
  seconds: number,
): number {
  const last = new Float64Array(workload.uniqueBlocks).fill(-Infinity);
  let hits = 0;
  for (const turn of order) {
    const session = workload.agents.session[workload.turns.agent[turn]];
    const now = arrivals[session] + workload.turns.startNs[turn];
    const ids = new Uint32Array(workload.turns.blocks[turn]);
    copyChain(workload, turn, 0, ids.length, ids, 0);
    for (const id of ids) {
      if (now - last[id] > seconds * 1e9) break;
      hits++;
    }
    for (const id of ids) last[id] = now;
  }
  return hits;
}

function check(workload: Workload, golden: Omit<Golden, 'infinite' | 'agents'>): void {
  const { turns } = workload;
  expect(workload.blockSize).toBe(golden.block_size);
  expect(turns.count).toBe(golden.requests);
  expect(sum(turns.inputTokens)).toBe(golden.input_tokens);
  expect(sum(turns.outputTokens)).toBe(golden.output_tokens);
  expect(Math.max(...turns.inputTokens)).toBe(golden.max_input_tokens);
  expect(sum(turns.blocks)).toBe(golden.blocks);
  expect(workload.uniqueBlocks).toBe(golden.unique_blocks);
}

/** What every workload must satisfy, whatever it was read from. */
function checkColumns(workload: Workload): void {
  const { turns, dependencies, sessions, agents } = workload;
  let unique = 0;
  for (let turn = 0; turn < turns.count; turn++) {
    const source = turns.prefixTurn[turn];
    const shared = turns.prefixBlocks[turn];
    if (source >= turn || turns.firstBlock[turn] !== unique) expect.fail(`turn ${turn}`);
    if (shared > turns.blocks[turn] || (source < 0) !== (shared === 0)) expect.fail(`turn ${turn}`);
    const last = shared - 1;
    if (shared > 0 && blockAt(workload, turn, last) !== blockAt(workload, source, last)) {
      expect.fail(`turn ${turn}`);
    }
    unique += turns.blocks[turn] - shared;
    for (let d = dependencies.start[turn]; d < dependencies.start[turn + 1]; d++) {
      const own = agents.session[turns.agent[turn]];
      const other = agents.session[turns.agent[dependencies.turn[d]]];
      if (dependencies.turn[d] >= turn || own !== other) expect.fail(`dependency of turn ${turn}`);
      if (!(dependencies.delayNs[d] >= 0)) expect.fail(`delay of turn ${turn}`);
    }
  }
  expect(unique).toBe(workload.uniqueBlocks);
  expect(sessions.turnStart[sessions.count]).toBe(turns.count);
  expect(dependencies.start[turns.count]).toBe(dependencies.turn.length);
}

const root = sharedData('traces');

describe.skipIf(root === null)('golden traces', () => {
  const folder = root ?? '';
  for (const kind of root === null ? [] : ['weka', 'synthetic', 'mooncake']) {
    for (const [file, golden] of Object.entries(
      readJson<Record<string, Golden>>(join(folder, `golden-${kind}.json`)))) {
      it(`${kind}/${file}`, async () => {
        const workload = await readTraceFile(join(folder, kind, file));
        check(workload, golden);
        checkColumns(workload);
        const used = new Set(workload.turns.agent);
        if (kind !== 'mooncake') expect(used.size).toBe(golden.agents);
        expect(sum(workload.turns.prefixBlocks)).toBe(golden.infinite.hit_blocks);
        const hits = golden.infinite.per_request_hits;
        if (hits !== undefined) expect([...workload.turns.prefixBlocks]).toEqual(hits);
      });
    }
  }

  it('the seed session is 58 main and 225 sub-agent requests', async () => {
    const workload = await readTraceFile(join(folder, 'synthetic/seed_session.json.gz'));
    const root = [...workload.turns.agent].filter((agent) => workload.agents.parent[agent] < 0);
    expect(workload.turns.count).toBe(283);
    expect(root.length).toBe(58);
    expect(sum(workload.turns.prefixBlocks)).toBe(163412);
    expect(sum(workload.turns.blocks)).toBe(176633);
  });

  it('weka_compact, all 527 sessions', async () => {
    const workload = await readTraceFile(join(folder, 'weka/weka_compact.jsonl.gz'));
    const golden = readJson<Record<string, Record<string, number>>>(
      join(folder, 'golden-compact.json'))['weka_compact.jsonl.gz'];
    checkColumns(workload);
    expect(workload.sessions.count).toBe(golden['sessions']);
    expect(workload.turns.count).toBe(golden['requests']);
    expect(sum(workload.turns.inputTokens)).toBe(golden['input_tokens']);
    expect(sum(workload.turns.outputTokens)).toBe(golden['output_tokens']);
    expect(sum(workload.turns.blocks)).toBe(golden['blocks']);
    expect(workload.uniqueBlocks).toBe(golden['unique_blocks']);
    expect(sum(workload.turns.prefixBlocks)).toBe(golden['infinite_hit_blocks']);
  });

  it('compact and full files of one session agree', async () => {
    const full = await readTraceFile(join(folder, 'weka/trace_0256.json.gz'));
    const compact = await readTraceFile(join(folder, 'weka/weka_compact.jsonl.gz'));
    const session = compact.sessions.id.indexOf('trace_0256');
    const rows = [compact.sessions.turnStart[session], compact.sessions.turnStart[session + 1]];
    for (const name of ['inputTokens', 'outputTokens', 'blocks', 'prefixBlocks'] as const) {
      expect(compact.turns[name].slice(...rows)).toEqual(full.turns[name]);
    }
    const from = compact.dependencies.start.slice(rows[0], rows[1] + 1);
    expect(from.map((d) => d - from[0])).toEqual(full.dependencies.start);
    const edges = compact.dependencies.turn.slice(from[0], from[from.length - 1]);
    expect(edges.map((turn) => turn - rows[0])).toEqual(full.dependencies.turn);
  }, 20_000);

  const merged = [['synthetic', 'golden-synthetic-merged'], ['weka', 'golden-merged']];
  for (const [kind, name] of merged) {
    it(`${name}: sessions 600 s apart in one cache, by timeOrder`, async () => {
      const golden = readJson<Merged>(join(folder, `${name}.json`));
      const builder = new WorkloadBuilder(name);
      for (const file of golden.files) {
        const path = join(folder, kind, file);
        for await (const draft of readSessions(openChunks(path), { file })) {
          builder.addSession(draft);
        }
      }
      const workload = builder.finish();
      const arrivals = Float64Array.from(golden.files, (_, i) => i * 600e9);
      const order = timeOrder(workload, arrivals);
      expect(workload.turns.count).toBe(golden.requests);
      expect(workload.uniqueBlocks).toBe(golden.unique_blocks);
      expect(sum(workload.turns.prefixBlocks)).toBe(golden.infinite.hit_blocks);
      const { hit_blocks, evicted_blocks } = golden.lru['16384'];
      expect(lru(workload, order, 16384)).toEqual([hit_blocks, evicted_blocks]);
      expect(ttlHits(workload, order, arrivals, 300)).toBe(golden.ttl_seconds['300']);
    }, 60_000);
  }

  it('a folder reads as its files, in any order given', async () => {
    const all = readdirSync(join(folder, 'synthetic'));
    const names = all.filter((name) => name.endsWith('.json.gz'));
    const paths = names.map((name) => join(folder, 'synthetic', name));
    const workload = await readTraceFile(paths);
    expect(await readTraceFile([...paths].reverse())).toEqual(workload);
    expect(workload.sessions.count).toBe(names.length);
  });

  it('chat_5k.csv', async () => {
    const workload = await readTraceFile(join(folder, 'synthetic/chat_5k.csv'));
    expect(workload.sessions.count).toBe(5000);
    expect(sum(workload.turns.inputTokens)).toBe(4692224);
    expect(sum(workload.turns.outputTokens)).toBe(928266);
    expect(sum(workload.turns.prefixBlocks)).toBe(0);
    expect(workload.sessions.arrivalNs[0]).toBe(240421000);
  });
});
