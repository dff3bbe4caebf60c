// SPDX-License-Identifier: Apache-2.0
/** Compiles bench/native with g++, once for each version of the sources, and runs its cases. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NativeRun, NativeRunner } from '../bench/kernels.js';
import { NATIVE_SIDES } from '../bench/numeric/case.js';
import type { NativeSide } from '../bench/numeric/case.js';
import type { NumericNative } from '../bench/numeric/run.js';
import { encodeStream } from '../bench/stream.js';
import type { RequestStream } from '../bench/stream.js';

const run = promisify(execFile);
const sources = fileURLToPath(new URL('../../bench/native/', import.meta.url));
const flags = ['-std=c++20', '-O3', '-march=native', '-ffp-contract=off'];
const compiler = process.env['CXX'] ?? 'g++';

export interface NativeBench {
  /** Compiler and flags, for the report. */
  readonly compiler: string;
  readonly run: NativeRunner;
}

/** Why there is no native side. */
export interface NoNativeBench {
  readonly skipped: string;
}

/** The native side for a stream, or the reason why there is none. */
export async function openNativeBench(
  stream: RequestStream,
): Promise<NativeBench | NoNativeBench> {
  const main = join(sources, 'main.cpp');
  if (!fs.existsSync(main)) return { skipped: 'bench/native is not installed' };
  const version = compilerVersion();
  if (version === null) return { skipped: `no ${compiler} on this machine` };
  const binary = await compile(main, flags, version);
  if (typeof binary !== 'string') return binary;
  const file = writeStream(cacheFolder(), stream);
  return {
    compiler: `${version} ${flags.join(' ')}`,
    run: (item, ms) => runCase(binary, [item.native!, `stream=${file}`], item.parameters, ms),
  };
}

/** The sides of the numeric cases that this machine can compile and run. */
export interface NumericSides {
  /** Compiler and flags, and why a side is missing. */
  readonly compiler: string;
  readonly native: NumericNative;
}

const numericFlags: Readonly<Record<NativeSide, readonly string[]>> = {
  native: ['-march=native', '-DKVLOOM_LANES=1'],
  sse41: ['-msse4.1', '-DKVLOOM_LANES=4'],
  avx2: ['-mavx2', '-DKVLOOM_LANES=8'],
};

/** Compiles bench/native/numeric once for each side. */
export async function openNumericNative(): Promise<NumericSides | NoNativeBench> {
  const main = join(sources, 'numeric', 'main.cpp');
  if (!fs.existsSync(main)) return { skipped: 'bench/native is not installed' };
  const version = compilerVersion();
  if (version === null) return { skipped: `no ${compiler} on this machine` };
  const common = ['-std=c++20', '-O3', '-ffp-contract=off'];
  const found = new Map<NativeSide, string>();
  const notes: string[] = [];
  for (const side of NATIVE_SIDES) {
    const binary = await compile(main, [...common, ...numericFlags[side]], version);
    const failed = typeof binary === 'string' ? await probe(binary) : binary.skipped;
    if (typeof binary === 'string' && failed === null) found.set(side, binary);
    else notes.push(`${side}: ${failed}`);
  }
  const each = NATIVE_SIDES.map((side) => `${side} ${numericFlags[side][0]}`).join(', ');
  const missing = notes.length === 0 ? '' : `; without ${notes.join('; ')}`;
  return {
    compiler: `${version} ${common.join(' ')} (${each})${missing}`,
    native: ({ native, parameters }, side) => {
      const binary = found.get(side);
      if (binary === undefined || native === undefined) return null;
      return (ms) => runCase(binary, [native.name], parameters, ms);
    },
  };
}

/** Null when a binary runs on this machine, else why not. */
async function probe(binary: string): Promise<string | null> {
  try {
    await run(binary, ['probe']);
    return null;
  } catch (error) {
    return reason(error);
  }
}

/** First line of what a process said before it failed. */
function reason(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return (stderr ?? String(error)).trim().split('\n')[0];
}

function compilerVersion(): string | null {
  const { status, stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : null;
}

/** A folder of this user: what stands in it is executed. */
function cacheFolder(): string {
  const folder = join(tmpdir(), `kvloom-bench-${userInfo().uid}`);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function digest(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/** The binary of a source file: from an earlier run, or compiled now. */
async function compile(
  file: string,
  options: readonly string[],
  version: string,
): Promise<string | NoNativeBench> {
  const texts = sourceFiles(sources).map((each) => fs.readFileSync(each));
  const name = digest(version, file, options.join(), ...texts);
  const binary = join(cacheFolder(), `native-${name}`);
  if (fs.existsSync(binary)) return binary;
  const temporary = `${binary}.${process.pid}`;
  try {
    await run(compiler, [...options, '-o', temporary, file]);
  } catch (error) {
    return { skipped: `${compiler} failed: ${reason(error)}` };
  }
  fs.renameSync(temporary, binary);
  return binary;
}

function sourceFiles(folder: string): string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sourceFiles(path) : [path];
    })
    .sort();
}

function writeStream(folder: string, stream: RequestStream): string {
  const bytes = encodeStream(stream);
  const name = stream.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const file = join(folder, `stream-${name}-${digest(bytes)}.bin`);
  if (fs.existsSync(file)) return file;
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, bytes);
  fs.renameSync(temporary, file);
  return file;
}

async function runCase(
  binary: string,
  words: readonly string[],
  parameters: Readonly<Record<string, number>>,
  ms: number,
): Promise<NativeRun> {
  const sizes = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  const args = [...words, `ms=${Math.ceil(ms)}`, ...sizes];
  const { stdout } = await run(binary, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as NativeRun;
}
