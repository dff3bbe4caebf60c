// SPDX-License-Identifier: Apache-2.0
/** The trace examples of docs/traces.md can be read. */
import { expect, test } from 'vitest';
import { detectFormat, readWorkload, type TraceFormat } from '../../src/workload/index.js';
import { fencesOf } from './markdown.js';

const examples = fencesOf('docs/traces.md').filter(({ info }) => info.includes('trace'));
const cases = examples.map(
  ({ line, info, text }) => [line, info.at(-1) as TraceFormat, text] as const,
);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);

test.each(cases)('docs/traces.md:%i is %s', async (_line, format, text) => {
  expect(detectFormat(bytes(text), 'example')).toBe(format);
  const workload = await readWorkload([bytes(text)], { file: 'example' });
  expect(workload.turns.count).toBeGreaterThan(0);
});

test('every format has an example', () => {
  const formats = examples.map(({ info }) => info.at(-1));
  expect(formats.sort()).toEqual(
    ['agentic-mooncake', 'compact', 'csv', 'kvloom', 'mooncake', 'weka'],
  );
});

test('the native example says what the page says of it', async () => {
  const native = examples.find(({ info }) => info.at(-1) === 'kvloom')!;
  expect(native.text.split('\n')).toHaveLength(3);
  const { sessions, agents, turns, uniqueBlocks, dependencies } = await readWorkload(
    [bytes(native.text)],
    { file: 'example' },
  );
  expect([sessions.count, agents.count, turns.count]).toEqual([2, 3, 4]);
  expect(uniqueBlocks).toBe(24);
  expect([...turns.prefixBlocks]).toEqual([0, 15, 4, 4]);
  expect([...dependencies.delayNs]).toEqual([3e9, 1e9]);
});
