// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the router index. */
const blocks = 'assembly/kv/router/blocks.ts';
const events = 'assembly/kv/router/events.ts';
const query = 'assembly/kv/router/query.ts';
const approx = 'assembly/kv/router/approx.ts';
const tables = 'assembly/kv/router/tables.ts';

const mutants = [
  [events, 'a replayed event is applied again', 'bug 36, dynamo 7549',
    'if (ahead < 0) {', 'if (false) {'],
  [events, 'an early event is applied at once', 'order',
    'if (ahead > 0) {', 'if (false) {'],
  [events, 'an early event that comes twice waits twice', 'bug 36',
    'if (next && changetype<Event>(<usize>next).id == e.id) {', 'if (false) {'],
  [events, 'what waited is never applied', 'order',
    '  v.next = e.id + 1;\n  drain(t, w);', '  v.next = e.id + 1;'],
  [events, 'a loss goes unsaid', 'bug 38, dynamo 7072', 'v.diverged = 1;', ''],
  [events, 'a loss is never given up', 'bug 38, dynamo 7072',
    'if (ahead < <i32>WINDOW) return WAITS;', 'return WAITS;'],
  [blocks, 'one removed hides all copies', 'Dynamo worker sets',
    'if (more > 0) {', 'if (false) {'],
  [blocks, 'a copy of a block counts as another block', 'bug 36, smg 946',
    'sideSet(t, w, index, sideGet(t, w, index) + 1);\n    return;',
    'worker(t, w).blocks++;\n    return;'],
  [blocks, 'blocks that nobody holds stay', 'bug 37, dynamo 11785',
    '  countHoles(v, u32(orphan), left);\n  prune(t, index);',
    '  countHoles(v, u32(orphan), left);'],
  [blocks, 'a block goes while its children stay', 'bug 37, dynamo 10916',
    'if (b.holders || b.firstChild != NIL) return;', 'if (b.holders) return;'],
  [blocks, 'copies survive a clear', 'bug 37, dynamo 10916',
    'if (t.sideUsed) sideSet(t, w, i, 0);', ''],
  [blocks, 'a block that returns leaves the holes of its children', 'sparse stores',
    'countHoles(v, mended, u32(orphan));', 'countHoles(v, 0, u32(orphan));'],
  [blocks, 'holes are not counted', 'sparse stores',
    'countHoles(v, u32(orphan), left);', 'countHoles(v, 0, 0);'],
  [query, 'jumps over holes', 'Dynamo positional count test',
    'if (closed && target > depth) {', 'if (target > depth) {'],
  [query, 'a worker that drops out keeps its depth', 'overlap',
    'store<u32>(word, stay);', ''],
  [tables, 'a removed hash cuts off those behind it', 'hash table without repair',
    'if (((j - h) & mask) < ((j - i) & mask)) continue;', 'continue;'],
  [approx, 'routing again does not renew', 'Dynamo approximate mode',
    'sideSet(t, w, index, t.serial);',
    'if (sideGet(t, w, index) == 0) sideSet(t, w, index, t.serial);'],
  [approx, 'entries never expire', 'Dynamo approximate mode',
    't.ttlNs <= now', 't.ttlNs < 0'],
];

export const suite = {
  kernel: 'router index',
  logs: null,
  fuzz: ['router'],
  tests: ['test/core/router-index.test.ts', 'test/core/guards.test.ts'],
  mutants,
};
