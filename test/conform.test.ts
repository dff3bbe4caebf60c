// SPDX-License-Identifier: Apache-2.0
/** `kvloom conform` on the recordings in the repository, on the shared ones, and on broken ones. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCore } from '../src/core/index.js';
import { conform, type ConformReport, type ConformTotals } from '../src/node/conform.js';
import { sharedData } from './support/data.js';

const here = fileURLToPath(new URL('conformance/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'kvloom-conform-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Result extends ConformTotals {
  readonly reports: ConformReport[];
  readonly differences: string[];
}

async function run(folders: string[], core = loadCore()): Promise<Result> {
  const checks = conform(folders, core);
  const reports: ConformReport[] = [];
  for (;;) {
    const next = await checks.next();
    if (next.done === true) {
      const differences = reports.flatMap(({ outcome }) =>
        outcome.status === 'failed'
          ? [`${outcome.difference.line}: ${outcome.difference.what}: ` +
             `${outcome.difference.expected} | ${outcome.difference.got}`]
          : []);
      return { ...next.value, reports, differences };
    }
    reports.push(next.value);
  }
}

/** A folder with one file, made from a recording of ours. */
let folders = 0;
function folderWith(name: string, edit: (text: string) => string, source = name): string {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  const text = readFileSync(join(here, 'golden-kv', source), 'utf8');
  writeFileSync(join(folder, name), edit(text));
  return folder;
}

/** Replaces the n-th match. */
function edit(text: string, what: RegExp, by: string, n = 0): string {
  let seen = 0;
  return text.replace(what, (match) => (seen++ === n ? by : match));
}

describe('conform', () => {
  it.each(['on', 'off'] as const)('our recordings, SIMD %s', async (simd) => {
    const result = await run([join(here, 'golden-kv')], loadCore({ simd }));
    expect(result.differences).toEqual([]);
    const passed = result.reports.filter(({ outcome }) => outcome.status === 'passed');
    const names = passed.map(({ file }) => file.split('/').at(-1));
    for (const name of ['blockpool-a', 'blockpool-b', 'blockpool-2groups', 'blockpool-nocache',
      'radix-p1-lru', 'radix-p4-lru', 'radix-p16-lru']) {
      expect(names).toContain(`${name}.jsonl`);
    }
  });

  it('our traces: infinite, every LRU capacity, TTL, merged', async () => {
    const result = await run([join(here, 'traces')]);
    expect(result.differences).toEqual([]);
    expect(result).toMatchObject({ passed: 5, failed: 0, skipped: 0 });
  }, 60_000);

  for (const part of ['golden-kv', 'traces']) {
    const path = sharedData(part);
    it.skipIf(path === null)(`the shared ${part}`, async () => {
      const result = await run([path!]);
      expect(result.differences).toEqual([]);
      expect(result.failed).toBe(0);
      expect(result.passed).toBeGreaterThan(0);
      const skipped = result.reports.filter(({ outcome }) => outcome.status === 'skipped');
      const due = /blockpool-|golden-(weka|mooncake|merged|compact|synthetic)|radix-p\d+|radixreq/;
      expect(skipped.map(({ file }) => file).filter((file) => due.test(file))).toEqual([]);
    }, 120_000);
  }

  it('a folder given twice counts once', async () => {
    const folder = join(here, 'golden-kv');
    const [once, twice] = [await run([folder]), await run([folder, folder])];
    expect(twice.passed).toBe(once.passed);
  });

  it('nothing recorded: nothing passes', async () => {
    const folder = join(scratch, 'none');
    mkdirSync(folder);
    writeFileSync(join(folder, 'other.jsonl'), '{"timestamp":0}\n');
    expect(await run([folder])).toMatchObject({ passed: 0, failed: 0, skipped: 0 });
  });

  it('refuses a folder that is none', async () => {
    await expect(run([join(scratch, 'absent')])).rejects.toThrow('no such folder');
  });
});

describe('conform names a difference by line, expected and got', () => {
  it('a result', async () => {
    const folder = folderWith('blockpool-a.jsonl', (text) =>
      edit(text, /"op":"alloc","n":\d+,"r":\[\d+/g, '"op":"alloc","n":1,"r":[77', 0));
    const { failed, differences } = await run([folder]);
    expect(failed).toBe(1);
    expect(differences[0]).toMatch(/^\d+: alloc\.r.*77/);
  });

  it('a state', async () => {
    const folder = folderWith('radix-p4-lru.jsonl', (text) =>
      edit(text, /"st":\[\d+,/g, '"st":[99,', 20));
    const { differences } = await run([folder]);
    expect(differences[0]).toMatch(/^22: \w+\.st: \[99,.*\| \[\d+,/);
  });

  it('a count of a trace', async () => {
    const folder = join(scratch, 'trace');
    cpSync(join(here, 'traces'), folder, { recursive: true });
    const golden = join(folder, 'golden-synthetic.json');
    const text = readFileSync(golden, 'utf8');
    writeFileSync(golden, text.replace('"hit_rate":0.92515,', '"hit_rate":0.93515,'));
    const { passed, failed, differences } = await run([folder]);
    expect([passed, failed]).toEqual([4, 1]);
    expect(differences[0]).toMatch(/^2: infinite\.hit_rate: 0\.93515 \| 0\.92514/);
  }, 60_000);
});

describe('conform survives broken recordings', () => {
  const cases: [string, (text: string) => string, RegExp][] = [
    ['cut inside a line', (text) => text.slice(0, 5000), /^\d+: cut or broken line/],
    ['a broken header', (text) => text.slice(5), /^1: cut or broken line/],
    ['a header without operations', (text) => text.split('\n')[0], /^1: log: operations/],
    ['an empty file', () => '', /^1: header/],
    ['no header', (text) => text.slice(text.indexOf('\n') + 1), /^1: header/],
    ['an unknown operation', (text) => edit(text, /"op":"free"/g, '"op":"melt"'), /op: .*melt/],
    ['a missing argument', (text) => edit(text, /"alloc","n"/g, '"alloc","m"'),
      /alloc\.n: a whole/],
    ['a wrong type', (text) => edit(text, /"ids":\[/g, '"ids":["x",', 2),
      /ids: a list of whole numbers/],
    ['a number of blocks that is none', (text) => edit(text, /"num_blocks":\d+/, '"num_blocks":1'),
      /^1: header\.num_blocks: a whole number from 2 on/],
    ['a refused call', (text) => edit(text, /"free","ids":\[/g, '"free","ids":[0,'),
      /free: .*pool_free/],
  ];
  for (const [name, change, message] of cases) {
    it(name, async () => {
      const { failed, differences } = await run([folderWith('blockpool-b.jsonl', change)]);
      expect(failed).toBe(1);
      expect(differences[0]).toMatch(message);
    });
  }

  it('a handle that no match named', async () => {
    const folder = folderWith('radix-p1-lru.jsonl', (text) =>
      edit(text, /"op":"lock","h":\d+/g, '"op":"lock","h":4321'));
    expect((await run([folder])).differences[0]).toMatch(/lock\.h: a handle of an earlier match/);
  });

  it('an unknown eviction policy', async () => {
    const folder = folderWith('radix-p1-lru.jsonl', (text) =>
      edit(text, /"policy":"lru"/g, '"policy":"clairvoyant"'));
    expect((await run([folder])).differences[0]).toMatch(/^1: header\.policy: .*clairvoyant/);
  });

  it('families that are not built are skipped, 64-bit hashes and all', async () => {
    const folder = join(scratch, 'later');
    mkdirSync(folder);
    const header = (fields: object): string => `${JSON.stringify({ op: 'header', ...fields })}\n`;
    const event = '{"op":"insert","key":[1],"r":0,"ev":[["S",-9123456789012345678,null,[1]]]}\n';
    const later = { family: 'later', page_size: 1 };
    writeFileSync(join(folder, 'a.jsonl'), header({ ...later, policy: 'lfu' }) + event);
    const events = { ...later, policy: 'lru', events: true };
    writeFileSync(join(folder, 'b.jsonl'), header(events) + event);
    writeFileSync(join(folder, 'c.jsonl'), header({ family: 'tomorrow' }) + event);
    expect(await run([folder])).toMatchObject({ passed: 0, failed: 0, skipped: 3 });
  });

  it('traces: absent ones are skipped, broken ones fail', async () => {
    const folder = join(scratch, 'traces');
    cpSync(join(here, 'traces'), folder, { recursive: true });
    rmSync(join(folder, 'synthetic/synthetic_001.json.gz'));
    const cut = join(folder, 'synthetic/synthetic_002.json.gz');
    writeFileSync(cut, readFileSync(cut).subarray(0, 900));
    const plain = join(folder, 'synthetic/synthetic_003.json.gz');
    // Gzip is told by content.
    writeFileSync(plain, gunzipSync(readFileSync(plain)));
    const { passed, failed, skipped, differences } = await run([folder]);
    expect([passed, failed, skipped]).toEqual([2, 1, 2]);
    expect(differences[0]).toContain('cut or broken gzip');
  }, 60_000);

  it('goldens: cut, empty, of another shape', async () => {
    const folder = join(scratch, 'goldens');
    mkdirSync(folder);
    writeFileSync(join(folder, 'golden-a.json'), '{\n"x.json": {"lru":');
    writeFileSync(join(folder, 'golden-b.json'), '{}');
    writeFileSync(join(folder, 'golden-c.json'), '{"x.json": {"flux": 1}}');
    writeFileSync(join(folder, 'golden-d.json'), '{"x.json": 7}');
    const { failed, skipped, differences } = await run([folder]);
    expect([failed, skipped]).toEqual([3, 1]);
    expect(differences[0]).toMatch(/^2: cut or broken file/);
  });
});
