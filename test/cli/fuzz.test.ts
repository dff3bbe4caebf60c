// SPDX-License-Identifier: Apache-2.0
/** `kvloom fuzz` as a shell sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FUZZ_KINDS, type KindResult } from '../../src/fuzz/index.js';
import { RADIX_POLICIES } from '../../src/core/radix-policy.js';
import { kvloom } from '../support/cli.js';
import { root } from '../support/source.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

interface Result {
  readonly operations: number;
  readonly digest: string;
  readonly kernels: KindResult[];
}

function fuzz(...args: string[]): Result {
  const { code, out, err } = kvloom('fuzz', ...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Result;
}

/** A program of the heap that pushes one event. */
const PROGRAM = '6b766c660102000000000001020304050607';

describe('kvloom fuzz', () => {
  it('runs every kernel and every policy, and names the seed', () => {
    const { code, out } = kvloom('fuzz', '--ops', '20000', '--seed', '9');
    expect(code).toBe(0);
    for (const kernel of FUZZ_KINDS) {
      expect(out).toMatch(new RegExp(`ok +${kernel}: \\d+ operations in .*, seed 9`));
    }
    for (const policy of RADIX_POLICIES) expect(out).toMatch(new RegExp(`${policy} [1-9]\\d*`));
    expect(out).toMatch(/total +\d+ operations in .*, digest [0-9a-f]{16}/);
  });

  it('comes to one digest on one thread, on three, and on either build', () => {
    const same = ['--ops', '6000', '--seed', '3', '--strict-ops', '256'];
    const one = fuzz(...same);
    expect(fuzz(...same, '--workers', '3').digest).toBe(one.digest);
    expect(fuzz(...same, '--scalar').digest).toBe(one.digest);
    expect(fuzz(...same, '--every', '1').digest).toBe(one.digest);
    expect(fuzz(...same, '--seed', '4').digest).not.toBe(one.digest);
    expect(one.operations % 256).toBe(0);
    expect(one.operations).toBeGreaterThanOrEqual(6000);
  }, 120_000);

  it('stops in time', () => {
    expect(kvloom('fuzz', 'heap', '--time', '0.2').code).toBe(0);
  });

  it('goes on where an interrupt ended it', async () => {
    const state = join(folder, 'interrupted.json');
    const main = join(root, 'dist/cli/main.js');
    const heapOnly = ['heap', '--strict-ops', '0', '--state', state];
    const args = ['fuzz', ...heapOnly, '--ops', '1e12'];
    const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' });
    while (!existsSync(state)) await wait(20);
    await wait(1000);
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(130);
    const before = readFileSync(state, 'utf8');
    expect(before).toContain('"kind":"heap"');
    const { operations, kernels: [heap] } = fuzz(...heapOnly, '--ops', '1');
    expect(operations).toBeGreaterThan(0);
    expect(heap).toMatchObject({ operations, operationsNow: 0 });
  }, 60_000);

  it('replays a program: hex digits, a file of them, what --save wrote', () => {
    const ok = 'ok      heap: 1 operations\n';
    expect(kvloom('fuzz', '--replay', PROGRAM).out).toBe(ok);
    expect(kvloom('fuzz', 'heap', '--scalar', '--replay', PROGRAM).out).toBe(ok);
    expect(kvloom('fuzz', '--replay', file('program.hex', PROGRAM)).out).toBe(ok);
    const content = { program: PROGRAM, build: 'scalar', seed: 3 };
    const saved = file('saved.json', JSON.stringify(content));
    expect(kvloom('fuzz', '--replay', saved, '--json').out).toContain('"build": "scalar"');
  });

  it.each([
    [['--replay', 'zz'], 'replay: neither a file nor hex digits'],
    [['--replay', '00'], 'not a fuzz program'],
    [['pool', '--replay', PROGRAM], 'replay: the program is one of heap, got "pool"'],
    [['--replay', file('cut.json', '{"program":')], 'broken fuzz program'],
    [['--replay', file('none.json', '{"program":7}')], 'program: must be hex digits, got 7'],
    [['--ops', '-1'], 'ops: must be a number'],
    [['--every', '0'], 'every: must be a number, got "0"'],
    [['--strict-ops', 'x'], 'strict-ops: must be a number, got "x"'],
    [['--workers', '0'], 'workers: must be a number, got "0" (allowed: 1 to'],
    [['--simd', '--scalar'], 'simd: does not go with --scalar'],
    [['pond'], 'Allowed choices are pool, radix, heap'],
    [['--save', file('taken', '')], 'cannot write the output folder'],
    [['--state', join(folder, 'absent', 'state.json')], 'cannot write'],
  ])('refuses %s', (args, message) => {
    const { code, err } = kvloom('fuzz', ...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the state of kvloom fuzz', () => {
  const run = ['heap', '--ops', '5000', '--seed', '2'];

  it.each([
    ['{"format":"kvl', /: broken state of a fuzz run \(/],
    ['{"seed":1}', /: format: not the state of a fuzz run/],
    ['{"format":"kvloom-fuzz-state","version":9}', /: unknown version .*got 9 \(allowed: 1\)/],
    ['{"format":"kvloom-fuzz-state","version":1}', /: settings: broken state .*got nothing/],
  ])('refuses %s', (text, message) => {
    const { code, err } = kvloom('fuzz', ...run, '--state', file('broken.json', text));
    expect(err).toMatch(message);
    expect(err).toContain('broken.json');
    expect(code).toBe(2);
  });

  it('belongs to its settings and says what differs', () => {
    const state = join(folder, 'settings.json');
    fuzz(...run, '--state', state);
    const other = (...args: string[]): string => kvloom('fuzz', ...args, '--state', state).err;
    expect(other('heap', '--seed', '3')).toContain('settings.seed: the fuzz run of this state');
    expect(other(...run, '--every', '8')).toContain('settings.every');
    expect(other(...run, '--scalar')).toContain('settings.build');
    expect(other('pool', '--seed', '2')).toContain('settings.kind');
    const broken = readFileSync(state, 'utf8').replace('"done":[[0,', '"done":[[30,');
    const early = file('ranges.json', broken);
    expect(kvloom('fuzz', ...run, '--state', early).err).toContain('kinds.heap.done: broken state');
  }, 60_000);
});
