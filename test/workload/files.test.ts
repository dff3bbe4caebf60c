// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listTraceFiles, readTraceFile } from '../../src/node/files.js';
import { UserError } from '../../src/core/user-error.js';
import { lines } from '../support/trace.js';

let folder: string;
const row = (timestamp: number): object =>
  ({ timestamp, input_length: 512, output_length: 7, hash_ids: [timestamp] });
const text = lines(...Array.from({ length: 2000 }, (_, i) => row(i)));
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvloom-'));
  writeFileSync(path('b.jsonl'), text);
  writeFileSync(path('a.jsonl.gz'), gzipSync(text));
  writeFileSync(path('note.txt'), 'not a trace');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('tells gzip by its first bytes, not by the name', async () => {
  writeFileSync(path('zipped.dat'), gzipSync(text));
  const plain = await readTraceFile(path('b.jsonl'), { name: 'x' });
  expect(await readTraceFile(path('zipped.dat'), { name: 'x' })).toEqual(plain);
  expect(plain.turns.count).toBe(2000);
});

it('reads small files, large ones and small ones that unpack to much', async () => {
  const rows = Array.from({ length: 17_000 }, (_, i) => row(i % 2000));
  for (const count of [3, 17_000]) {
    const part = lines(...rows.slice(0, count));
    writeFileSync(path('part.dat'), part);
    writeFileSync(path('part.gz'), gzipSync(part));
    const plain = await readTraceFile(path('part.dat'), { name: 'x' });
    expect(plain.turns.count).toBe(count);
    expect(await readTraceFile(path('part.gz'), { name: 'x' })).toEqual(plain);
  }
  expect(statSync(path('part.gz')).size).toBeGreaterThan(65_536);
  writeFileSync(path('dense.gz'), gzipSync(lines(...rows.map(() => row(7)))));
  expect(statSync(path('dense.gz')).size).toBeLessThan(65_536);
  expect((await readTraceFile(path('dense.gz'))).turns.count).toBe(17_000);
});

it('reads a folder as all its trace files, by name; each keeps its own ids', async () => {
  expect(await listTraceFiles(folder)).toEqual([path('a.jsonl.gz'), path('b.jsonl')]);
  const w = await readTraceFile(folder);
  expect(w.sessions.count).toBe(4000);
  expect(w.uniqueBlocks).toBe(4000);
  expect(await readTraceFile([path('b.jsonl'), path('a.jsonl.gz')])).toEqual(w);
});

it('names the file that cannot be read', async () => {
  const refused = async (name: string): Promise<string> => {
    const error: unknown = await readTraceFile(path(name)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message.replace(folder, '.');
  };
  writeFileSync(path('cut.gz'), gzipSync(text).subarray(0, 3000));
  writeFileSync(path('broken.gz'), Buffer.concat([Uint8Array.of(0x1f, 0x8b), Buffer.alloc(50, 7)]));
  writeFileSync(path('half.dat'), `${text}{"timestamp":2000,"input_le`);
  writeFileSync(path('empty.dat'), '');
  expect(await refused('cut.gz')).toBe('./cut.gz: truncated gzip');
  expect(await refused('broken.gz')).toContain('./broken.gz: broken gzip');
  expect(await refused('half.dat')).toContain('./half.dat:2001: not valid JSON: the file ends');
  expect(await refused('empty.dat')).toBe('./empty.dat: the file is empty');
  expect(await refused('absent.jsonl')).toBe('./absent.jsonl: no such file');
});
