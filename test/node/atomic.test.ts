// SPDX-License-Identifier: Apache-2.0
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../src/core/user-error.js';
import { checkOutputFolder, writeFolder } from '../../src/node/atomic.js';

let base = '';
const at = (...names: string[]): string => join(base, ...names);
const text = (...names: string[]): string => fs.readFileSync(at(...names), 'utf8');

beforeEach(() => {
  base = fs.mkdtempSync(join(tmpdir(), 'kvloom-atomic-'));
});
afterEach(() => fs.rmSync(base, { recursive: true, force: true }));

describe('a new folder', () => {
  test('appears with all its files, parents included', () => {
    writeFolder(at('a', 'b'), { 'run.json': '{}', 'x.bin': new Uint8Array([1, 2]) });
    expect(text('a', 'b', 'run.json')).toBe('{}');
    expect([...fs.readFileSync(at('a', 'b', 'x.bin'))]).toEqual([1, 2]);
    expect(fs.readdirSync(at('a'))).toEqual(['b']);
  });

  test('takes lines from an iterable, longer than any buffer', () => {
    const line = `${'x'.repeat(99)}\n`;
    const lines = Array.from({ length: 10_000 }, (_, i) => (i === 7 ? Buffer.from('seven') : line));
    writeFolder(at('out'), { 'requests.jsonl': lines });
    const whole = lines.map(String).join('');
    expect(text('out', 'requests.jsonl') === whole).toBe(true);
  });

  test('may exist when it is empty', () => {
    fs.mkdirSync(at('out'));
    writeFolder(at('out'), { 'run.json': '1' });
    expect(fs.readdirSync(base)).toEqual(['out']);
    expect(text('out', 'run.json')).toBe('1');
  });

  test('leaves nothing when a file cannot be produced', () => {
    const broken = function* (): Generator<string> {
      yield 'half';
      throw new Error('no more');
    };
    expect(() => writeFolder(at('a', 'out'), { 'run.json': '1', x: broken() })).toThrow('no more');
    expect(fs.readdirSync(base)).toEqual([]);
  });
});

describe('a folder with files', () => {
  beforeEach(() => {
    fs.mkdirSync(at('out'));
    for (const name of ['run.json', 'trace.json', 'notes.txt']) {
      fs.writeFileSync(at('out', name), `old ${name}`);
    }
  });

  test('is refused', () => {
    const message = 'not empty (it has notes.txt): name another or add --overwrite';
    expect(() => writeFolder(at('out'), { 'run.json': '1' })).toThrow(message);
    expect(() => checkOutputFolder(at('out'))).toThrow(UserError);
    expect(text('out', 'run.json')).toBe('old run.json');
  });

  test('with overwrite loses the known files only', () => {
    writeFolder(at('out'), { 'run.json': 'new' }, { overwrite: true });
    expect(fs.readdirSync(at('out')).sort()).toEqual(['notes.txt', 'run.json']);
    expect(text('out', 'run.json')).toBe('new');
    expect(text('out', 'notes.txt')).toBe('old notes.txt');
    expect(fs.readdirSync(base)).toEqual(['out']);
  });

  test('stays as it was when writing fails', () => {
    const broken = function* (): Generator<string> {
      throw new Error('no more');
    };
    const files = { 'run.json': 'new', 'trace.json': broken() };
    expect(() => writeFolder(at('out'), files, { overwrite: true })).toThrow('no more');
    expect(text('out', 'run.json')).toBe('old run.json');
    expect(text('out', 'trace.json')).toBe('old trace.json');
    expect(fs.readdirSync(base)).toEqual(['out']);
  });
});

describe('a folder that cannot be written', () => {
  test('below a file', () => {
    fs.writeFileSync(at('file'), '');
    const write = (): void => writeFolder(at('file', 'out'), { 'run.json': '1' });
    expect(write).toThrow('a part of the path is a file, not a folder');
    expect(write).toThrow(UserError);
    expect(() => checkOutputFolder(at('file', 'out'))).toThrow(UserError);
    expect(fs.readdirSync(base)).toEqual(['file']);
  });

  test('is a file', () => {
    fs.writeFileSync(at('file'), 'text');
    expect(() => writeFolder(at('file'), { 'run.json': '1' })).toThrow(UserError);
    expect(text('file')).toBe('text');
  });

  test.skipIf(process.getuid?.() === 0)('is read-only', () => {
    fs.mkdirSync(at('locked'), { mode: 0o555 });
    const write = (): void => writeFolder(at('locked', 'out'), { 'run.json': '1' });
    expect(write).toThrow('permission denied');
  });

  test.skipIf(!fs.existsSync('/proc/self'))('is on a file system that takes none', () => {
    expect(() => writeFolder('/proc/kvloom/out', { 'run.json': '1' })).toThrow(UserError);
  });
});

test('the early check leaves nothing behind', () => {
  checkOutputFolder(at('a', 'b', 'c'));
  expect(fs.readdirSync(base)).toEqual([]);
});
