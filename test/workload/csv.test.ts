// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { read, refusal } from '../support/trace.js';

const HEADER = 'arrived_at,num_prefill_tokens,num_decode_tokens';

it('CSV: one private session a row', async () => {
  const w = await read(`${HEADER}\r\n0.5,587,201\r\n\r\n0.75,10,0\r\n`);
  expect([...w.sessions.arrivalNs]).toEqual([0.5e9, 0.75e9]);
  expect([...w.turns.inputTokens]).toEqual([587, 10]);
  expect([...w.turns.blocks]).toEqual([9, 0]);
  expect([...w.turns.prefixBlocks]).toEqual([0, 0]);
  expect((await read(`${HEADER}\n0,587,1\n`, { blockSize: 16 })).turns.blocks[0]).toBe(36);
});

it('CSV: columns in any order', async () => {
  const w = await read('num_decode_tokens,arrived_at,user,num_prefill_tokens\n4,1,x,99');
  expect([w.turns.inputTokens[0], w.turns.outputTokens[0]]).toEqual([99, 4]);
});

it('CSV: bad rows', async () => {
  expect(await refusal(`${HEADER}\n0.5,NaN,3\n`)).toBe('trace:2: num_prefill_tokens: '
    + 'must be a whole number, got "NaN" (allowed: 1 to 4294967295)');
  expect(await refusal(`${HEADER}\n0.5,1.5,3\n`)).toContain('num_prefill_tokens');
  expect(await refusal(`${HEADER}\n0.5,0x10,3\n`)).toContain('got "0x10"');
  expect(await refusal(`${HEADER}\n,5,3\n`)).toContain('arrived_at: must be a time, got ""');
  expect(await refusal(`${HEADER}\n0.5,5\n`)).toContain('row of the wrong length');
  expect(await refusal('arrived_at,num_prefill_tokens\n1,2\n')).toContain(
    'column num_decode_tokens is missing');
  expect(await refusal(`${HEADER}\n`)).toBe('trace: no sessions in this trace');
});
