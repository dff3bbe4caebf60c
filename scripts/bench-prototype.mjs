#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Our native block pool and radix tree against an independent implementation, on the streams that
 * `kvloom bench kv` left behind:
 *
 *   node scripts/bench-prototype.mjs FOLDER [ROUNDS]
 *
 * FOLDER holds its bench.cpp. Both run in turn, a round each; the ratio is the median over rounds.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BAR = 1.1;
const [folder, rounds = '7'] = process.argv.slice(2);
const streams = join(tmpdir(), `kvloom-bench-${userInfo().uid}`);
const source = fileURLToPath(new URL('../bench/native/main.cpp', import.meta.url));
const flags = ['-std=c++20', '-O3', '-march=native', '-ffp-contract=off'];
if (folder === undefined || !existsSync(join(folder, 'bench.cpp'))) {
  console.error('usage: node scripts/bench-prototype.mjs FOLDER [ROUNDS], FOLDER has a bench.cpp');
  process.exit(2);
}
const files = existsSync(streams) ? readdirSync(streams) : [];
const found = files.filter((name) => /^stream-[a-z].*-[0-9a-f]{16}\.bin$/.test(name)).sort();
if (found.length === 0) {
  console.error(`no streams in ${streams}: run "kvloom bench kv" first`);
  process.exit(2);
}

const build = mkdtempSync(join(tmpdir(), 'kvloom-prototype-'));
const compiler = process.env.CXX ?? 'g++';
const compile = (from, to) => execFileSync(compiler, [...flags, '-w', '-o', to, from]);
const run = (file, args) => execFileSync(file, args.map(String), { maxBuffer: 1 << 26 }).toString();
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const [ours, theirs] = ['ours', 'theirs'].map((name) => join(build, name));

/** ns a block of one run of our side, with its totals. */
function runOurs(family, stream, blocks, window) {
  const args = [`${family}.stream`, 'ms=60', `stream=${stream}`];
  const text = run(ours, [...args, `blocks=${blocks}`, `window=${window}`]);
  const { samples, totals } = JSON.parse(text);
  const [hits, evicted, , crc] = totals;
  return { ns: median(samples), totals: [hits, evicted, crc.toString(16).padStart(8, '0')] };
}

function runTheirs(family, stream, blocks, window) {
  const page = family === 'tree' ? [1] : [];
  const word = family === 'tree' ? 'radix' : 'pool';
  const text = run(theirs, [word, stream, blocks, window, 5, ...page]);
  const [, hits, evicted, crc] = /hit (\d+) .*evicted (\d+) .*hitcrc ([0-9a-f]+)/.exec(text);
  const [, ns] = /([\d.]+) ns\/unit/.exec(text);
  return { ns: Number(ns), totals: [Number(hits), Number(evicted), crc] };
}

function compare(family, name, blocks, window) {
  const stream = join(streams, name);
  const pairs = Array.from({ length: Number(rounds) }, () => [
    runOurs(family, stream, blocks, window),
    runTheirs(family, stream, blocks, window),
  ]);
  const [[a, b]] = pairs;
  const same = String(a.totals) === String(b.totals);
  const ratio = median(pairs.map(([x, y]) => x.ns / y.ns));
  const times = [0, 1].map((side) => median(pairs.map((pair) => pair[side].ns)).toFixed(2));
  const label = `${family} ${name.replace(/^stream-|-[0-9a-f]{16}\.bin$/g, '')}, ${blocks} blocks`;
  const verdict = same ? (ratio <= BAR ? '✓' : '✗') : `differ: ${a.totals} and ${b.totals}`;
  console.log(`${label.padEnd(58)} ${times.join('  ')}  ${ratio.toFixed(2)}x  ${verdict}`);
  return same && ratio <= BAR;
}

try {
  compile(source, ours);
  compile(join(folder, 'bench.cpp'), theirs);
  console.log(`ns a block: ours, theirs, ratio (bar ${BAR}x)`);
  const results = found.flatMap((name) => {
    const window = name.includes('conversation') ? 64 : 8;
    return [50_000, 16_384].flatMap((blocks) => [
      compare('pool', name, blocks + 1, window),
      compare('tree', name, blocks, window),
    ]);
  });
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  rmSync(build, { recursive: true, force: true });
}
