// SPDX-License-Identifier: Apache-2.0
/**
 * A folder of numeric vectors: `manifest.json` names the arrays in its `.bin` files, JSON files
 * stand beside them.
 *
 * ```
 *  { "endian": "little", "files": { "FILE.bin": [ { name, dtype, shape, offset, bytes }, ... ] } }
 * ```
 */
import { UserError } from '../core/user-error.js';

export interface NumArray {
  readonly dtype: 'uint8' | 'float32' | 'int32';
  readonly shape: number[];
  readonly data: Uint8Array | Float32Array | Int32Array;
}

export interface NumFolder {
  /** The array of this name, null when the manifest has none. UserError when it is broken. */
  array(file: string, name: string): NumArray | null;
  /** Names of the arrays in a file, in order of the manifest. */
  names(file: string): string[];
  /** A parsed JSON file of the folder, null when there is none. UserError when it is broken. */
  json(file: string): unknown;
}

/** Bytes of a file of the folder, null when there is none. */
export type ReadFile = (name: string) => Uint8Array | null;

type Fields = Readonly<Record<string, unknown>>;

const DTYPES = {
  uint8: { bytes: 1, make: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  float32: { bytes: 4, make: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  int32: { bytes: 4, make: (buffer: ArrayBuffer) => new Int32Array(buffer) },
} as const;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** True for a manifest that lists arrays of files. */
export function isNumManifest(value: unknown): value is Fields {
  if (!isFields(value) || !isFields(value['files'])) return false;
  const lists = Object.values(value['files']);
  return lists.length > 0 && lists.every(Array.isArray);
}

/** Reads arrays on demand; a broken one spoils only the checks that need it. */
class ManifestFolder implements NumFolder {
  readonly #files: Readonly<Record<string, unknown[]>>;
  readonly #bytes = new Map<string, Uint8Array>();

  constructor(
    manifest: Fields,
    private readonly path: string,
    private readonly read: ReadFile,
  ) {
    this.#files = manifest['files'] as Record<string, unknown[]>;
  }

  names(file: string): string[] {
    const entries = Object.hasOwn(this.#files, file) ? this.#files[file] : [];
    return entries.map((entry) => (isFields(entry) ? String(entry['name']) : 'nameless'));
  }

  array(file: string, name: string): NumArray | null {
    const at = this.names(file).indexOf(name);
    if (at < 0) return null;
    const path = `files.${file}[${at}]`;
    const entry: unknown = this.#files[file][at];
    if (!isFields(entry)) return this.#wrong(path, entry, 'an object');
    const dtype = this.#dtype(entry, path);
    const shape = this.#shape(entry, path);
    const bytes = shape.reduce((product, n) => product * n, 1) * DTYPES[dtype].bytes;
    if (entry['bytes'] !== undefined && entry['bytes'] !== bytes) {
      this.#wrong(`${path}.bytes`, entry['bytes'], `${bytes} for shape ${shape.join(' x ')}`);
    }
    const { offset } = entry;
    if (!isWhole(offset)) this.#wrong(`${path}.offset`, offset, 'a whole number of bytes');
    const content = this.#content(file);
    if (offset + bytes > content.length) {
      const what = `cut: ${name} ends at byte ${offset + bytes}`;
      throw new UserError(what, { file }, { got: `${content.length} bytes` });
    }
    // A copy: a Buffer is a view of more, and an array must begin at a multiple of its element.
    const copy = new Uint8Array(content.subarray(offset, offset + bytes));
    const data = DTYPES[dtype].make(copy.buffer);
    return { dtype, shape, data };
  }

  json(file: string): unknown {
    const bytes = this.read(file);
    if (bytes === null) return null;
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      throw new UserError(`cut or broken JSON (${(error as Error).message})`, { file });
    }
  }

  #dtype(entry: Fields, path: string): NumArray['dtype'] {
    const { dtype } = entry;
    const known = typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype);
    if (known) return dtype as keyof typeof DTYPES;
    return this.#wrong(`${path}.dtype`, dtype, Object.keys(DTYPES).join(', '));
  }

  #shape(entry: Fields, path: string): number[] {
    const { shape } = entry;
    if (Array.isArray(shape) && shape.every(isWhole)) return shape;
    return this.#wrong(`${path}.shape`, shape, 'a list of whole numbers');
  }

  #wrong(path: string, got: unknown, allowed: string): never {
    throw new UserError('does not fit', { file: this.path, path }, { got, allowed });
  }

  #content(file: string): Uint8Array {
    const known = this.#bytes.get(file);
    if (known !== undefined) return known;
    const bytes = /^[^/\\]+$/.test(file) ? this.read(file) : null;
    if (bytes === null) throw new UserError('no such file beside the manifest', { file });
    this.#bytes.set(file, bytes);
    return bytes;
  }
}

/** The folder of a manifest; `path` names the manifest in errors. */
export function numFolder(manifest: Fields, path: string, read: ReadFile): NumFolder {
  const { endian } = manifest;
  if (endian !== undefined && endian !== 'little') {
    const detail = { got: endian, allowed: 'little' };
    throw new UserError('unknown byte order', { file: path, path: 'endian' }, detail);
  }
  return new ManifestFolder(manifest, path, read);
}

/** Array of a dtype that must be there. */
function demand(folder: NumFolder, file: string, name: string, dtype: NumArray['dtype']): NumArray {
  const found = folder.array(file, name);
  if (found === null) throw new UserError('array is missing', { file, path: name });
  if (found.dtype === dtype) return found;
  const detail = { got: found.dtype, allowed: dtype };
  throw new UserError('array of another type', { file, path: name }, detail);
}

export interface Shaped<T> {
  readonly shape: number[];
  readonly data: T;
}

/** An array of f32 that must be there. */
export function floatsOf(folder: NumFolder, file: string, name: string): Shaped<Float32Array> {
  return demand(folder, file, name, 'float32') as Shaped<Float32Array>;
}

/** An array of bytes that must be there. */
export function bytesOf(folder: NumFolder, file: string, name: string): Shaped<Uint8Array> {
  return demand(folder, file, name, 'uint8') as Shaped<Uint8Array>;
}

/** Rows and columns of an array that must be a matrix. */
export function matrixOf(name: string, file: string, shape: readonly number[]): [number, number] {
  if (shape.length === 2) return [shape[0], shape[1]];
  const detail = { got: `${shape.length} dimensions`, allowed: '2' };
  throw new UserError('must be a matrix', { file, path: name }, detail);
}
