// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { GapKind, type NestedTimes, readWorkload } from '../../src/workload/index.js';
import { chain, chunked, lines, read, refusal, waits } from '../support/trace.js';

const request = (t: number, ids: number[], more: object = {}): object =>
  ({ t, type: 'n', model: 'big', in: ids.length * 4 + 1, out: 5, hash_ids: ids, ...more });

/** Main 0 s to 2 s; a sub-agent from 3 s to 10 s (its `t` is the end); main goes on at 12 s. */
const session = {
  id: 's1',
  models: ['big'],
  block_size: 4,
  hash_id_scope: 'local',
  requests: [
    request(0, [1, 2, 3], { api_time: 2, input_types: ['text'] }),
    {
      type: 'subagent', t: 10, duration_ms: 7000, status: 'completed',
      requests: [
        request(0, [8, 9], { model: 'small', api_time: 1 }),
        request(4, [8, 9, 10], { model: 'small', api_time: 2, think_time: 3 }),
      ],
    },
    request(12, [1, 2, 3, 4], { api_time: 1, input_types: ['tool_result', 'text'] }),
    request(20, [1, 2, 7], { input_types: ['text'] }),
  ],
};

describe('Weka reader', () => {
  it('lays the sub-agent out from its launch and joins it', async () => {
    const w = await read(JSON.stringify(session));
    expect([...w.turns.startNs].map((ns) => ns / 1e9)).toEqual([0, 3, 7, 12, 20]);
    expect([...w.turns.agent]).toEqual([0, 1, 1, 0, 0]);
    expect([...w.agents.parent]).toEqual([-1, 0]);
    expect(w.models).toEqual(['big', 'small']);
    expect([...w.turns.gapKind]).toEqual(
      [GapKind.none, GapKind.spawn, GapKind.tool, GapKind.tool, GapKind.user]);
    expect(waits(w, 0)).toEqual([]);
    expect(waits(w, 1)).toEqual([[0, 'completion', 1]]);
    expect(waits(w, 2)).toEqual([[1, 'completion', 3]]);
    // Ended at 2 s and 9 s: the later one decides, the same delay stands on both.
    expect(waits(w, 3)).toEqual([[0, 'completion', 3], [2, 'completion', 3]]);
    expect(waits(w, 4)).toEqual([[3, 'completion', 7]]);
    expect([...w.turns.next]).toEqual([3, 2, -1, 4, -1]);
  });

  it('names blocks in order of first use', async () => {
    const w = await read(JSON.stringify(session));
    expect([0, 1, 2, 3, 4].map((turn) => chain(w, turn))).toEqual(
      [[0, 1, 2], [3, 4], [3, 4, 5], [0, 1, 2, 6], [0, 1, 7]]);
    expect(w.uniqueBlocks).toBe(8);
  });

  it('nobody joins an asynchronous sub-agent', async () => {
    const [first, sub, ...rest] = session.requests;
    for (const async of [{ duration_ms: null }, { status: 'async_launched' }]) {
      const document = { ...session, requests: [first, { ...sub, ...async }, ...rest] };
      const w = await read(JSON.stringify(document));
      const main = [...w.turns.startNs].indexOf(12e9);
      expect(waits(w, main)).toEqual([[0, 'completion', 10]]);
    }
  });

  it('knows nested times that count from the start of the session', async () => {
    const [first, , ...rest] = session.requests;
    const nested = [request(3, [8, 9]), request(7, [8, 9, 10])];
    const sub = { type: 'subagent', t: 10, duration_ms: 7000, requests: nested };
    const document = JSON.stringify({ ...session, requests: [first, sub, ...rest] });
    const starts = async (nestedTimes: NestedTimes): Promise<number[]> => {
      const w = await read(document, { nestedTimes });
      return [...w.turns.startNs].map((ns) => ns / 1e9);
    };
    expect(await starts('auto')).toEqual([0, 3, 7, 12, 20]);
    expect(await starts('relative')).toEqual([0, 6, 10, 12, 20]);
  });

  it('a request sent before the last answer waits for that request to be sent', async () => {
    const requests = [request(0, [1], { api_time: 9 }), request(4, [2])];
    const w = await read(JSON.stringify({ ...session, requests }));
    expect(waits(w, 1)).toEqual([[0, 'dispatch', 4]]);
  });

  it('ends an answer the next think time earlier where its duration is absent', async () => {
    const requests = [request(0, [1]), request(9, [1, 2], { think_time: 3 })];
    const w = await read(JSON.stringify({ ...session, requests }));
    expect(waits(w, 1)).toEqual([[0, 'completion', 3]]);
    expect(w.turns.apiNs[0]).toBe(-1);
  });

  it('accepts an id for the last, partial block', async () => {
    const requests = [request(0, [1, 2, 3], { in: 9 })];
    expect((await read(JSON.stringify({ ...session, requests }))).turns.blocks[0]).toBe(3);
  });

  it('keeps ids of local sessions apart, and those of global ones together', async () => {
    const two = (hash_id_scope: string): string =>
      lines({ ...session, hash_id_scope }, { ...session, id: 's2', hash_id_scope });
    expect((await read(two('local'))).uniqueBlocks).toBe(16);
    expect((await read(two('global'))).uniqueBlocks).toBe(8);
  });

  it('reads a document in any layout, whole or as a stream, to the same columns', async () => {
    const expected = await read(JSON.stringify(session));
    const pretty = JSON.stringify(session, null, 2);
    for (const text of [JSON.stringify(session), pretty, lines(session)]) {
      for (const wholeDocumentBytes of [1, 100, 2 ** 25]) {
        for (const size of [1, 13, 1000]) {
          const w = await readWorkload(chunked(text, size), { file: 'trace', wholeDocumentBytes });
          expect(w).toEqual(expected);
        }
      }
    }
  });

  it('says what is wrong, and where', async () => {
    const bad = (change: object): string =>
      JSON.stringify({ ...session, requests: [request(0, [1]), request(1, [1], change)] });
    for (const wholeDocumentBytes of [1, 2 ** 25]) {
      const refused = (text: string): Promise<string> => refusal(text, { wholeDocumentBytes });
      expect(await refused(bad({ in: -4 }))).toBe(
        'trace: requests[1].in: must be a whole number, got -4 (allowed: 1 to 4294967295)');
      expect(await refused(bad({ in: 4.5 }))).toContain('requests[1].in: must be a whole number');
      expect(await refused(bad({ in: 9 }))).toBe('trace: requests[1].hash_ids: '
        + 'hash list of the wrong length for 9 tokens, got 1 (allowed: 2 or 3)');
      expect(await refused(bad({ hash_ids: [1.5] }))).toContain('requests[1].hash_ids[0]: must');
      expect(await refused(bad({ hash_ids: 'x' }))).toContain('requests[1].hash_ids: must be');
      expect(await refused(bad({ t: '1' }))).toContain('requests[1].t: must be a time, got "1"');
      expect(await refused(bad({ t: 1e9 }))).toContain('104 days');
      expect(await refused(JSON.stringify({ ...session, requests: [] }))).toContain('at least one');
      expect(await refused(JSON.stringify({ ...session, block_size: 0 }))).toContain('block_size');
      expect(await refused(JSON.stringify(session).slice(0, -40))).toContain('truncated?');
    }
    const nested = { type: 'subagent', t: 1, requests: [request(0, [1], { out: -1 })] };
    expect(await refusal(JSON.stringify({ ...session, requests: [nested] })))
      .toContain('requests[0].requests[0].out');
  });

  it('names the line of a JSONL file', async () => {
    expect(await refusal(lines(session, session))).toBe(
      'trace:2: id: session appears twice in this file, got "s1"');
    expect(await refusal(lines(session) + '{"id":"s2","req')).toContain('trace:2: not valid JSON');
    expect(await refusal(lines(session), { maxLineBytes: 50 })).toContain('trace:1: line too long');
    const other = { ...session, id: 's2', block_size: 3 };
    expect(await refusal(lines(session, { ...other, requests: [request(0, [1], { in: 3 })] })))
      .toContain('another block size');
  });
});
