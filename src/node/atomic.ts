// SPDX-License-Identifier: Apache-2.0
/**
 * A folder of outputs that appears whole or not at all.
 *
 * Files are written to a hidden folder beside the target and renamed into place at the end, so a
 * full disk, a crash or an interrupt leaves what was there before:
 *
 * ```
 *   out/                  .out.kvloom-4711/          out/
 *     run.json  (old)       run.json  (new)     ->     run.json  (new)
 *     notes.txt             trace.json                 trace.json, notes.txt
 * ```
 */
import * as fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../core/user-error.js';

export type Content = string | Uint8Array | Iterable<string | Uint8Array>;

/** What a run may write; with `overwrite` these and no other files of the folder are replaced. */
export const OUTPUT_FILES: readonly string[] = [
  'run.json',
  'requests.jsonl',
  'sessions.jsonl',
  'series.csv',
  'trace.json',
  'report.html',
  'config.resolved.yaml',
];

export interface WriteOptions {
  /** Replace known files in a folder that has files already. */
  readonly overwrite?: boolean;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is a file, not a folder',
    ENOENT: 'the folder cannot be created there',
    EEXIST: 'a file of that name is in the way',
    EISDIR: 'a folder of that name is in the way',
    ENOSPC: 'no space left on the device',
  };
  return known[code ?? ''] ?? message;
}

function cannotWrite(folder: string, error: unknown): UserError {
  return new UserError(`cannot write the output folder: ${reason(error)}`, { file: folder });
}

/** Names in the folder; null when it does not exist. */
function entries(folder: string): string[] | null {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cannotWrite(folder, error);
  }
}

function checkFree(folder: string, overwrite: boolean): void {
  const found = entries(folder);
  if (found === null || found.length === 0 || overwrite) return;
  throw new UserError(
    `the output folder is not empty (it has ${found[0]}): name another or add --overwrite`,
    { file: folder },
  );
}

/** Creates missing parents and returns the topmost one that was missing, if any. */
function makeParents(folder: string): string | undefined {
  // Node's own recursive mkdir never returns where a file system answers ENOENT to every mkdir.
  const missing: string[] = [];
  let top = folder;
  while (!fs.existsSync(top)) {
    missing.push(top);
    top = dirname(top);
  }
  let made: string | undefined;
  try {
    for (const path of missing.reverse()) {
      fs.mkdirSync(path);
      made ??= path;
    }
  } catch (error) {
    if (made !== undefined) fs.rmSync(made, { recursive: true, force: true });
    throw error;
  }
  return made;
}

/** Creates the temporary folder; `undo` also removes parents that had to be created. */
function makeTemporary(folder: string): { path: string; undo: () => void } {
  const parent = dirname(folder);
  let created: string | undefined;
  try {
    created = makeParents(parent);
    const path = fs.mkdtempSync(join(parent, `.${basename(folder)}.kvloom-`));
    fs.chmodSync(path, 0o777 & ~process.umask());
    const undo = (): void => {
      fs.rmSync(path, { recursive: true, force: true });
      if (created !== undefined) fs.rmSync(created, { recursive: true, force: true });
    };
    return { path, undo };
  } catch (error) {
    if (created !== undefined) fs.rmSync(created, { recursive: true, force: true });
    throw cannotWrite(folder, error);
  }
}

/**
 * Fails early, before a long run, when the folder cannot take its results. Leaves nothing behind.
 */
export function checkOutputFolder(target: string, options: WriteOptions = {}): void {
  const folder = resolve(target);
  checkFree(folder, options.overwrite ?? false);
  makeTemporary(folder).undo();
  try {
    if (fs.existsSync(folder)) fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

const chunkChars = 1 << 18;

/** Strings of an iterable are gathered, so that a line is not a system call. */
function writeContent(path: string, content: Content): void {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    fs.writeFileSync(path, content);
    return;
  }
  const file = fs.openSync(path, 'w');
  try {
    let pending = '';
    for (const part of content) {
      if (typeof part === 'string' && pending.length + part.length < chunkChars) {
        pending += part;
        continue;
      }
      if (pending !== '') fs.writeFileSync(file, pending);
      pending = typeof part === 'string' ? part : '';
      if (typeof part !== 'string') fs.writeFileSync(file, part);
    }
    if (pending !== '') fs.writeFileSync(file, pending);
  } finally {
    fs.closeSync(file);
  }
}

/** Moves files between folders; on failure those already moved go back. */
function moveAll(names: readonly string[], from: string, to: string): void {
  const moved: string[] = [];
  try {
    for (const name of names) {
      fs.renameSync(join(from, name), join(to, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved.reverse()) fs.renameSync(join(to, name), join(from, name));
    throw error;
  }
}

/** Known files of an earlier run leave together with the ones replaced: results never mix. */
function replace(folder: string, temporary: string, found: readonly string[]): void {
  const fresh = fs.readdirSync(temporary);
  const old = found.filter((name) => fresh.includes(name) || OUTPUT_FILES.includes(name));
  const aside = join(temporary, '.old');
  fs.mkdirSync(aside);
  moveAll(old, folder, aside);
  try {
    moveAll(fresh, temporary, folder);
  } catch (error) {
    moveAll(old, aside, folder);
    throw error;
  }
}

/** Writes all files into `target`, or throws a `UserError` and leaves everything as it was. */
export function writeFolder(
  target: string,
  files: Readonly<Record<string, Content>>,
  options: WriteOptions = {},
): void {
  const folder = resolve(target);
  checkFree(folder, options.overwrite ?? false);
  const temporary = makeTemporary(folder);
  try {
    for (const [name, content] of Object.entries(files)) {
      writeContent(join(temporary.path, name), content);
    }
    const found = entries(folder);
    if (found === null) {
      fs.renameSync(temporary.path, folder);
      return;
    }
    replace(folder, temporary.path, found);
    fs.rmSync(temporary.path, { recursive: true, force: true });
  } catch (error) {
    temporary.undo();
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw cannotWrite(folder, error);
  }
}

/** Writes one file, or throws a `UserError` and leaves what was there before. */
export function writeFileWhole(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw new UserError(`cannot write: ${reason(error)}`, { file });
  }
}

/** A folder to write files into; its parents are made as well. */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}
