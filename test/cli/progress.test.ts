// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { startProgress } from '../../src/cli/progress.js';

const on = { quiet: false, progress: true };

function screen(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  let time = 0;
  return {
    written,
    advance: (ms: number) => (time += ms),
    line: { stream: { isTTY, columns, write: (s: string) => written.push(s) }, now: () => time },
  };
}

test('draws after a moment, ten times a second at most, and cleans up', () => {
  const { written, advance, line } = screen(true);
  const progress = startProgress('run', on, line);
  progress.update(1, 10);
  expect(written).toEqual([]);
  advance(600);
  for (let i = 0; i < 100; i++) progress.update(5, 10, 'sessions');
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('50 %  5/10  sessions');
  advance(100);
  progress.update(6, 10);
  progress.stop();
  expect(written).toHaveLength(3);
  expect(written[2]).toBe('\r\u001b[K');
});

test('fits the terminal and works without a total', () => {
  const { written, advance, line } = screen(true, 12);
  const progress = startProgress('simulate', on, line);
  advance(600);
  progress.update(123456, 0);
  expect(written[0]).toBe('\r\u001b[Ksimulate  1');
});

test('says nothing to a pipe, with --quiet or --no-progress', () => {
  const cases = [
    { tty: false, quiet: false, progress: true },
    { tty: true, quiet: true, progress: true },
    { tty: true, quiet: false, progress: false },
  ];
  for (const { tty, ...options } of cases) {
    const { written, advance, line } = screen(tty);
    const progress = startProgress('run', options, line);
    advance(1000);
    progress.update(1, 2);
    progress.stop();
    expect(written).toEqual([]);
  }
});
