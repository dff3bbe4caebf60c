#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Our native numeric code against an independent implementation:
 *
 *   node scripts/bench-numeric-prototype.mjs FOLDER [ROUNDS]
 *
 * FOLDER holds its bench.c (scalar and AVX2) and bench128.c (SSE4.1). Both run in turn, a round
 * each; the ratio is the median over rounds of quick samples over its best time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BAR = 1.1;
const [folder, rounds = '3'] = process.argv.slice(2);
if (folder === undefined || !existsSync(join(folder, 'bench128.c'))) {
  console.error('usage: node scripts/bench-numeric-prototype.mjs FOLDER [ROUNDS]');
  process.exit(2);
}
const source = fileURLToPath(new URL('../bench/native/numeric/main.cpp', import.meta.url));
const build = mkdtempSync(join(tmpdir(), 'kvloom-prototype-'));
const run = (file, args) => execFileSync(file, args, { maxBuffer: 1 << 26 }).toString();
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const quick = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 10)];

const common = ['-O3', '-ffp-contract=off'];
const lanes = { 1: ['-march=native'], 4: ['-msse4.1'], 8: ['-mavx2'] };
const tensor = ['n=65536', 'ops=1'];
const rows = ['rows=32', 'vocab=131072'];
/** Our case and lanes, its line, and units of the line: its times are us a call. */
const pairs = [
  ['nvfp4.quantize', 1, 'bench', 'quant scalar magic+LUT', 65536, tensor],
  ['nvfp4.quantize', 4, 'bench128', 'quant sse4.1', 65536, tensor],
  ['nvfp4.quantize', 8, 'bench', 'quant AVX2 + per-tensor LUT', 65536, tensor],
  ['nvfp4.dequantize', 1, 'bench', 'dequant scalar', 65536, tensor],
  ['nvfp4.dequantize', 4, 'bench128', 'dequant sse4.1', 65536, tensor],
  ['nvfp4.dequantize', 8, 'bench', 'dequant AVX2', 65536, tensor],
  ['spec.residual', 1, 'bench', 'recover row scalar', 32, rows],
  ['spec.residual', 4, 'bench128', 'recover V=131072 sse4.1 x32', 32, rows],
  ['spec.residual', 8, 'bench', 'recover row AVX2', 32, rows],
  ['moe.route', 1, 'bench', 'grouped top8 from scores scalar', 4096, ['tokens=4096']],
  ['moe.route', 8, 'bench', 'grouped top8 from scores AVX2', 4096, ['tokens=4096']],
];

/** us of the first line of each label. */
function timesOf(text) {
  const times = new Map();
  for (const [, label, us] of text.matchAll(/^(\S.*?) +([\d.]+) us/gm)) {
    if (!times.has(label)) times.set(label, Number(us));
  }
  return times;
}

try {
  for (const [lane, flags] of Object.entries(lanes)) {
    const out = ['-o', join(build, `ours${lane}`), source];
    run('g++', ['-std=c++20', ...common, ...flags, `-DKVLOOM_LANES=${lane}`, ...out]);
  }
  const c = (name) => ['-w', '-o', join(build, name), join(folder, `${name}.c`), '-lm'];
  run('gcc', ['-O3', '-march=native', ...c('bench')]);
  run('gcc', ['-O3', '-msse4.1', '-ffp-contract=off', ...c('bench128')]);
  const samples = pairs.map(() => []);
  for (let round = 0; round < Number(rounds); round++) {
    for (const name of ['bench', 'bench128']) {
      const times = timesOf(run(join(build, name), []));
      pairs.forEach(([id, lane, its, label, units, sizes], i) => {
        if (its !== name) return;
        const { samples: own } = JSON.parse(
          run(join(build, `ours${lane}`), [id, 'ms=120', ...sizes]),
        );
        samples[i].push([quick(own), (times.get(label) * 1000) / units]);
      });
    }
  }
  console.log(`ns a unit: ours, theirs, ratio (bar ${BAR}x)`);
  pairs.forEach(([id, lane], i) => {
    const ratio = median(samples[i].map(([a, b]) => a / b));
    const of = (side) => median(samples[i].map((pair) => pair[side])).toPrecision(3);
    const [a, b] = [of(0), of(1)];
    const name = `${id} ${{ 1: 'scalar', 4: 'SSE4.1', 8: 'AVX2' }[lane]}`;
    console.log(`${name.padEnd(26)} ${a}  ${b}  ${ratio.toFixed(2)}x  ${ratio <= BAR ? '✓' : '✗'}`);
    if (ratio > BAR) process.exitCode = 1;
  });
} finally {
  rmSync(build, { recursive: true, force: true });
}
