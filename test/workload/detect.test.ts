// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { UserError } from '../../src/core/user-error.js';
import { checkFormat, detectFormat, readWorkload } from '../../src/workload/index.js';
import { refusal } from '../support/trace.js';

const detect = (text: string): string => detectFormat(new TextEncoder().encode(text), 'trace');

it('detects each format by its first bytes', () => {
  expect(detect('{"id":"x","models":[],"block_size":64,"requests":[')).toBe('weka');
  expect(detect('{\n  "id": "x",\n  "hash_id_scope": "local"')).toBe('weka');
  expect(detect('{"id":"x","block_size":64,"agents":[],"r":[[0,')).toBe('compact');
  expect(detect('{"schema":"kvloom.trace","version":1}')).toBe('kvloom');
  expect(detect('{"timestamp":0,"input_length":5}')).toBe('mooncake');
  expect(detect('{"schema": "dynamo.agentic_mooncake", "version": 2}')).toBe('agentic-mooncake');
  expect(detect('\uFEFFarrived_at,num_prefill_tokens,num_decode_tokens\n')).toBe('csv');
});

it('says what it saw when it knows none', async () => {
  expect(() => detect('hello\nworld')).toThrow('trace: unknown trace format, the file begins with '
    + '"hello" (allowed: weka, compact, kvloom, mooncake, agentic-mooncake, csv)');
  expect(() => detect('[{"t":0}]')).toThrow(UserError);
  expect(() => detect('  \n')).toThrow('trace: the file is empty');
  expect(() => detectFormat(Uint8Array.of(0x1f, 0x8b, 8), 'trace')).toThrow('decompress it first');
  expect(() => checkFormat('weca', { path: 'format' })).toThrow('format: unknown trace format');
  expect(await refusal('')).toBe('trace: the file is empty');
  expect(await refusal('hello\n', { format: 'mooncake' })).toContain('trace:1: not valid JSON');
});

it('refuses bytes that are not UTF-8', async () => {
  const bytes = Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0x0a]);
  await expect(readWorkload([bytes], { file: 'trace', format: 'mooncake' }))
    .rejects.toThrow('trace:1: not UTF-8 text');
});
