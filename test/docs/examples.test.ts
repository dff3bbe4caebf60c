// SPDX-License-Identifier: Apache-2.0
/**
 * What the documentation shows is what happens.
 *
 * - A block marked `js run` runs as a module of its own. The lines that it prints are, in order,
 *   those that its `// -> value` comments promise.
 * - A block marked `console check` holds `$ kvloom ...` lines, each with the output that it prints
 *   on either stream. A line `...` stands for any lines; `exit=2` in the mark is the exit code.
 * - Every link leads to a file, and its fragment to a heading, that exists.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/source.js';
import { anchorsOf, fencesOf, linksOf, pages, prose, type Fence } from './markdown.js';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const fences = pages().flatMap(fencesOf);
const marked = (kind: string, mark: string): Fence[] =>
  fences.filter(({ info }) => info[0] === kind && info.includes(mark));
const nameOf = ({ file, line }: Fence): string => `${file}:${line}`;

/** Values after `// ->`; a comment line that only continues is not one. */
function promised(text: string): string[] {
  return [...text.matchAll(/\/\/ -> (.*)$/gm)].map(([, value]) => value.trim());
}

describe('js blocks marked run', () => {
  const blocks = marked('js', 'run');

  test('there are some in every part', () => {
    const files = new Set(blocks.map(({ file }) => file));
    expect([...files]).toContain('docs/embedding.md');
    const kernels = pages().filter((file) => file.startsWith('docs/kernels/'));
    expect([...files].filter((file) => file.startsWith('docs/kernels/'))).toEqual(kernels);
  });

  test.concurrent.each(blocks.map((block) => [nameOf(block), block] as const))(
    '%s',
    async (_name, { text }) => {
      const { stdout, stderr } = await node(['--input-type=module', '-e', text]);
      expect(stderr).toBe('');
      const values = promised(text);
      expect(values.length).toBeGreaterThan(0);
      expect(stdout.trimEnd().split('\n')).toEqual(values);
    },
  );
});

/** Arguments of a command line: words, or what stands between double quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}

/** [command, output] pairs of a console block. */
function sessions(text: string): [string, string[]][] {
  const all: [string, string[]][] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('$ ')) all.push([line.slice(2), []]);
    else all.at(-1)?.[1].push(line);
  }
  return all;
}

/** A pattern of whole lines in which a line `...` stands for any number of lines. */
function patternOf(lines: readonly string[]): RegExp {
  const escaped = lines.map((line) => line.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts = lines.map((line, i) => (line.trim() === '...' ? '(?:.*\n)*' : `${escaped[i]}\n`));
  return new RegExp(`^${parts.join('')}$`);
}

describe('console blocks marked check', () => {
  const blocks = marked('console', 'check');

  test('there are some', () => expect(blocks.length).toBeGreaterThan(3));

  test.concurrent.each(blocks.map((block) => [nameOf(block), block] as const))(
    '%s',
    async (_name, { info, text }) => {
      const code = Number(info.find((word) => word.startsWith('exit='))?.slice(5) ?? 0);
      for (const [command, output] of sessions(text)) {
        const [program, ...args] = wordsOf(command);
        expect(program).toBe('kvloom');
        const ended = await node(['dist/cli/main.js', ...args]);
        const printed = ended.stdout + ended.stderr;
        expect(printed.replace(/[ ]+$/gm, '').trimEnd() + '\n').toMatch(patternOf(output));
        expect(ended.code, command).toBe(code);
      }
    },
  );
});

test('links lead somewhere', () => {
  const broken: string[] = [];
  for (const { file, line, target } of pages().flatMap(linksOf)) {
    if (/^(https?:|mailto:)/.test(target)) continue;
    const [path = '', fragment] = target.split('#');
    const to = path === '' ? file : relative(root, join(root, dirname(file), path));
    if (!existsSync(join(root, to))) broken.push(`${file}:${line}: no ${target}`);
    else if (fragment !== undefined && to.endsWith('.md') && !anchorsOf(to).has(fragment)) {
      broken.push(`${file}:${line}: no heading ${target}`);
    }
  }
  expect(broken.join('\n')).toBe('');
});

test('every page has one title, and the index names it', () => {
  const wrong: string[] = [];
  const index = new Set(linksOf('docs/index.md').map(({ target }) => `docs/${target}`));
  for (const file of pages().filter((page) => page.startsWith('docs/'))) {
    const titles = prose(file).match(/^# /gm)?.length ?? 0;
    if (titles !== 1) wrong.push(`${file}: has ${titles} titles`);
    if (file !== 'docs/index.md' && !index.has(file)) wrong.push(`${file}: not in docs/index.md`);
  }
  expect(wrong.join('\n')).toBe('');
});
