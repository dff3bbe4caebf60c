#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Our block pool and radix tree, in C++ and as wasm kernels, against an independent implementation:
 * on batches of 16 and on the streams that `kvloom bench kv` left behind.
 *
 *   node scripts/bench-prototype.mjs FOLDER [ROUNDS]
 *
 * FOLDER holds its bench.cpp. All three run in turn, a process each, so that a round draws its
 * memory anew for every side; ratios are medians over rounds.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCase, localLane, makeStream } from '../dist/bench/index.js';

/** What ours may take at most of theirs: the C++ and the wasm kernels. */
const BARS = { native: 1.1, wasm: 1.25 };
const MS = 60;
/** Blocks of the pool and what their batches are called here, in the order that they print. */
const BATCH_BLOCKS = 100_000;
const BATCHES = ['pool.alloc-free', 'pool.cycle', 'pool.lookup', 'pool.hit'];

const [folder, rounds = '7'] = process.argv.slice(2);
const self = fileURLToPath(import.meta.url);
const streams = join(tmpdir(), `kvloom-bench-${userInfo().uid}`);
const source = fileURLToPath(new URL('../bench/native/main.cpp', import.meta.url));
const flags = ['-std=c++20', '-O3', '-march=native', '-ffp-contract=off'];

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const run = (file, args) => execFileSync(file, args.map(String), { maxBuffer: 1 << 26 }).toString();
const crcText = (crc) => crc.toString(16).padStart(8, '0');

/** A file of requests: u32 requests, then for each u32 n and n ids of u64. */
function readStream(file) {
  const bytes = readFileSync(file);
  const requests = [];
  for (let at = 4, left = bytes.readUInt32LE(0); left > 0; left--) {
    const n = bytes.readUInt32LE(at);
    at += 4;
    requests.push(Uint32Array.from({ length: n }, (_, i) => bytes.readUInt32LE(at + 8 * i)));
    at += 8 * n;
  }
  return makeStream(file, requests);
}

/** The wasm side of one case, printed as the native side prints it. */
async function printWasm(id, file) {
  const stream = file === undefined ? makeStream('', []) : readStream(file);
  const lane = localLane(findCase(id), 'simd', stream);
  // Until the engine has compiled the kernels as well as it can.
  await lane.measure(5 * MS);
  const samples = await lane.measure(MS);
  const { hits, evicted, skipped, crc } = lane.totals ?? {};
  console.log(JSON.stringify({ samples, totals: [hits, evicted, skipped, crc] }));
}

/** ns a block of one of our sides, with its totals. */
function ours(text) {
  const { samples, totals = [] } = JSON.parse(text);
  const [hits, evicted, , crc] = totals;
  return { ns: median(samples), totals: [hits, evicted, crcText(crc ?? 0)] };
}

function theirs(text) {
  const [, hits, evicted, crc] = /hit (\d+) .*evicted (\d+) .*hitcrc ([0-9a-f]+)/.exec(text);
  const [, ns] = /([\d.]+) ns\/unit/.exec(text);
  return { ns: Number(ns), totals: [Number(hits), Number(evicted), crc] };
}

/** One line: medians of native, wasm, theirs and the two ratios. True when they keep the bars. */
function report(label, taken) {
  const [native, wasm, other] = [0, 1, 2].map((side) => taken.map((each) => each[side]));
  const columns = [native, wasm, other].map((side) => median(side.map(({ ns }) => ns)).toFixed(2));
  const [first] = taken;
  const differ = first.some(({ totals }) => String(totals) !== String(first[2].totals));
  const ratios = [['native', native], ['wasm', wasm]].map(([name, side]) => {
    const ratio = median(side.map(({ ns }, round) => ns / other[round].ns));
    return { text: `${ratio.toFixed(2)}x ${ratio <= BARS[name] ? '✓' : '✗'}`, name, ratio };
  });
  const cells = [...columns.map((each) => each.padStart(8)), ...ratios.map(({ text }) => text)];
  const totals = first.map((each) => String(each.totals)).join(' and ');
  console.log([label.padEnd(56), ...cells, ...(differ ? [`differ: ${totals}`] : [])].join('  '));
  return !differ && ratios.every(({ name, ratio }) => ratio <= BARS[name]);
}

function compareStream(sides, family, name, blocks, window) {
  const stream = join(streams, name);
  const [page, word] = family === 'tree' ? [[1], 'radix'] : [[], 'pool'];
  const sizes = [`blocks=${blocks}`, `window=${window}`];
  const native = [`${family}.stream`, `ms=${MS}`, `stream=${stream}`, ...sizes];
  const taken = Array.from({ length: Number(rounds) }, () => [
    ours(run(sides.native, native)),
    ours(run(process.execPath, [self, '--wasm', `${family}.stream-${blocks}-${window}`, stream])),
    theirs(run(sides.theirs, [word, stream, blocks, window, 5, ...page])),
  ]);
  const short = name.replace(/^stream-|-[0-9a-f]{16}\.bin$/g, '');
  return report(`${family} ${short}, ${blocks} blocks`, taken);
}

function compareBatches(sides) {
  const taken = Array.from({ length: Number(rounds) }, () => {
    const text = run(sides.theirs, ['micro', BATCH_BLOCKS]);
    const other = [...text.matchAll(/ ([\d.]+)(?= ns| \||$)/gm)].map(([, ns]) => Number(ns));
    return BATCHES.map((id, i) => {
      const sizes = Object.entries(findCase(id).parameters).map((entry) => entry.join('='));
      const native = ours(run(sides.native, [id, `ms=${MS}`, ...sizes]));
      const wasm = ours(run(process.execPath, [self, '--wasm', id]));
      return [native, wasm, { ns: other[i] }].map(({ ns }) => ({ ns, totals: [] }));
    });
  });
  return BATCHES.map((id, i) => report(`${id}, batches of 16`, taken.map((each) => each[i])));
}

function compareAll() {
  if (folder === undefined || !existsSync(join(folder, 'bench.cpp'))) {
    console.error('usage: bench-prototype.mjs FOLDER [ROUNDS], FOLDER has a bench.cpp');
    return 2;
  }
  const files = existsSync(streams) ? readdirSync(streams) : [];
  const found = files.filter((name) => /^stream-[a-z].*-[0-9a-f]{16}\.bin$/.test(name)).sort();
  if (found.length === 0) {
    console.error(`no streams in ${streams}: run "kvloom bench kv" first`);
    return 2;
  }
  const build = mkdtempSync(join(tmpdir(), 'kvloom-prototype-'));
  try {
    const compiler = process.env.CXX ?? 'g++';
    const sides = { native: join(build, 'ours'), theirs: join(build, 'theirs') };
    const sources = { native: source, theirs: join(folder, 'bench.cpp') };
    for (const side of ['native', 'theirs']) {
      execFileSync(compiler, [...flags, '-w', '-o', sides[side], sources[side]]);
    }
    const bars = `bars ${BARS.native}x and ${BARS.wasm}x`;
    console.log(`ns a block: our C++, our wasm, theirs; ours / theirs (${bars})`);
    const batches = compareBatches(sides);
    const results = found.flatMap((name) => {
      const window = name.includes('conversation') ? 64 : 8;
      return [50_000, 16_384].flatMap((blocks) => [
        compareStream(sides, 'pool', name, blocks + 1, window),
        compareStream(sides, 'tree', name, blocks, window),
      ]);
    });
    return [...batches, ...results].every(Boolean) ? 0 : 1;
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

if (folder === '--wasm') await printWasm(...process.argv.slice(3));
else process.exitCode = compareAll();
