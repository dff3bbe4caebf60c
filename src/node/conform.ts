// SPDX-License-Identifier: Apache-2.0
/** Walks folders of recorded behaviour and replays it through the kernels. */
import { readFileSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadCore } from '../core/load.js';
import type { Core } from '../core/core.js';
import { UserError } from '../core/user-error.js';
import { loadNumeric } from '../numeric/index.js';
import type { NumericCore } from '../numeric/index.js';
import { goldenChecks, logChecks, manifestChecks } from '../conform/golden-file.js';
import type { ConformCheck, FindTrace, Outcome } from '../conform/golden-file.js';

export interface ConformReport {
  readonly file: string;
  /** Part of the file, '' for all of it. */
  readonly part: string;
  readonly outcome: Outcome;
}

export interface ConformTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const GZIP = [0x1f, 0x8b];

/** All files below a folder, sorted by path; folders whose name begins with a dot are left out. */
function filesBelow(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: 'no such folder', ENOTDIR: 'not a folder' };
    throw new UserError(reasons[code ?? ''] ?? `cannot be read (${code})`, { file: folder });
  }
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (kind?.isDirectory() === true) {
      // A link to a folder may lead back up.
      if (!entry.name.startsWith('.') && !entry.isSymbolicLink()) files.push(...filesBelow(path));
    } else if (kind?.isFile() === true) {
      files.push(path);
    }
  }
  return files;
}

function readBytes(path: string): Uint8Array {
  const bytes = readFileSync(path);
  if (GZIP.some((byte, i) => bytes[i] !== byte)) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new UserError(`cut or broken gzip data (${(error as Error).message})`, { file: path });
  }
}

/** Finds traces by base name below `folder`; remembers the one read last. */
function traceFinder(folder: string, files: readonly string[]): FindTrace {
  const below = files.filter((file) => !relative(folder, file).startsWith('..'));
  return (name) => {
    const file = below.find((path) => basename(path) === name);
    return Promise.resolve(file === undefined ? null : { file, bytes: readBytes(file) });
  };
}

/** The numeric kernels in the build of the core, loaded when they are needed. */
function numericBeside(core: Core): () => NumericCore {
  let numeric: NumericCore | undefined;
  return () => (numeric ??= loadNumeric({ simd: core.simd ? 'on' : 'off' }));
}

function checksOf(core: Core, file: string, files: readonly string[]): ConformCheck[] {
  const name = basename(file);
  const text = (): string => new TextDecoder().decode(readBytes(file));
  if (/\.jsonl(\.gz)?$/.test(name)) return logChecks(core, name.replace(/\.gz$/, ''), text());
  if (/^golden.*\.json$/.test(name)) {
    return goldenChecks(core, text(), traceFinder(dirname(file), files));
  }
  if (name !== 'manifest.json') return [];
  const beside = (other: string): Uint8Array | null => {
    const path = join(dirname(file), other);
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readBytes(path) : null;
  };
  return manifestChecks(numericBeside(core), text(), file, beside);
}

/** Replays all recorded behaviour below the folders, a report a check, in order of the paths. */
export async function* conform(
  folders: readonly string[],
  core: Core = loadCore(),
): AsyncGenerator<ConformReport, ConformTotals> {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const done = new Set<string>();
  const empty = core.snapshot();
  for (const folder of folders) {
    const files = filesBelow(folder);
    for (const file of files) {
      if (done.has(file)) continue;
      done.add(file);
      for (const { part, run } of safely(() => checksOf(core, file, files))) {
        // A kernel that went wrong must not take the checks after it along.
        core.restore(empty);
        const outcome = await attempt(run);
        totals[outcome.status]++;
        yield { file, part, outcome };
      }
    }
  }
  return totals;
}

/** A file that cannot be read at all is one failed check. */
function safely(checks: () => ConformCheck[]): ConformCheck[] {
  try {
    return checks();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ part: '', run: () => unreadable(error) }];
  }
}

async function attempt(run: ConformCheck['run']): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return unreadable(error);
  }
}

function unreadable(error: UserError): Outcome {
  const difference = { line: 0, what: 'file', expected: 'a readable file', got: error.message };
  return { status: 'failed', difference };
}
