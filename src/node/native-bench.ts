// SPDX-License-Identifier: Apache-2.0
/** Compiles bench/native with g++, once for each version of the sources, and runs its cases. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchCase } from '../bench/case.js';
import type { NativeRun, NativeRunner } from '../bench/kernels.js';
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
  const { status, stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (status !== 0) return { skipped: `no ${compiler} on this machine` };
  const version = stdout.split('\n')[0];
  const folder = cacheFolder();
  let binary: string;
  try {
    binary = await compile(folder, version);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return { skipped: `${compiler} failed: ${(stderr ?? String(error)).trim().split('\n')[0]}` };
  }
  const file = writeStream(folder, stream);
  return {
    compiler: `${version} ${flags.join(' ')}`,
    run: (item, ms) => runCase(binary, file, item, ms),
  };
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

async function compile(folder: string, version: string): Promise<string> {
  const files = fs.readdirSync(sources).sort();
  const texts = files.map((file) => fs.readFileSync(join(sources, file)));
  const binary = join(folder, `native-${digest(version, flags.join(), ...texts)}`);
  if (fs.existsSync(binary)) return binary;
  const temporary = `${binary}.${process.pid}`;
  await run(compiler, [...flags, '-o', temporary, join(sources, 'main.cpp')]);
  fs.renameSync(temporary, binary);
  return binary;
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
  stream: string,
  item: BenchCase,
  ms: number,
): Promise<NativeRun> {
  const parameters = Object.entries(item.parameters).map(([key, value]) => `${key}=${value}`);
  const args = [item.native!, `ms=${Math.ceil(ms)}`, `stream=${stream}`, ...parameters];
  const { stdout } = await run(binary, args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as NativeRun;
}
