// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTraceFile } from '../../src/node/index.js';
import { simulate } from '../../src/run/index.js';
import { spec } from '../support/run.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-'));
afterAll(() => rmSync(folder, { recursive: true }));

function session(id: string, requests: number): string {
  const rows = Array.from({ length: requests }, (_, i) => ({
    t: i * 3,
    type: 'n',
    model: 'm',
    in: 64 * (i + 2) + 9,
    out: 30,
    hash_ids: Array.from({ length: i + 2 }, (_block, j) => j + 1),
    api_time: 1,
    think_time: 2,
  }));
  return JSON.stringify({ id, block_size: 64, hash_id_scope: 'local', requests: rows });
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const run = spec({ kind: 'trace', path: 'x' });

describe('the digest of a run', () => {
  it('does not depend on reading a document whole or as a stream', async () => {
    const path = file('one.json', session('one', 9));
    const whole = await readTraceFile(path, { name: 'x' });
    const streamed = await readTraceFile(path, { name: 'x', wholeDocumentBytes: 1 });
    expect(simulate(run, streamed).digest).toBe(simulate(run, whole).digest);
  });

  it('does not depend on the order in which files are named', async () => {
    const paths = ['b', 'a', 'c'].map((id, i) => file(`${id}.json`, session(id, 3 + i)));
    const forth = await readTraceFile(paths, { name: 'x' });
    const back = await readTraceFile([...paths].reverse(), { name: 'x' });
    expect(simulate(run, back).digest).toBe(simulate(run, forth).digest);
  });
});
