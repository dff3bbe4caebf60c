// SPDX-License-Identifier: Apache-2.0
/** One case of a numeric vector file: its fields, checked as they are read. */
import { broken, shown } from './difference.js';
import type { Difference } from './difference.js';
import type { ConformCheck, Outcome } from './golden-file.js';
import type { NumFolder } from './num-folder.js';

/** Thrown where a case does not hold what its layout promises; becomes a failed check. */
export class BrokenCase extends Error {
  constructor(readonly difference: Difference) {
    super(difference.what);
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Numbers = ArrayLike<number>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fail(what: string, expected: string, got: unknown): never {
  throw new BrokenCase(broken(0, what, expected, got));
}

/** A case: the record in the JSON file, and its arrays `key/NAME` in the .bin file. */
export class NumCase {
  constructor(
    readonly label: string,
    private readonly fields: Fields,
    private readonly folder: NumFolder,
    private readonly file: string,
    private readonly key: string,
  ) {}

  has(name: string): boolean {
    return this.fields[name] !== undefined && this.fields[name] !== null;
  }

  integer(name: string, fallback?: number): number {
    const value = this.fields[name] ?? fallback;
    if (Number.isInteger(value)) return value as number;
    return fail(`${this.label}.${name}`, 'an integer', value);
  }

  number(name: string, fallback?: number): number {
    const value = this.fields[name] ?? fallback;
    if (typeof value === 'number') return value;
    return fail(`${this.label}.${name}`, 'a number', value);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.fields[name] ?? fallback;
    if (typeof value === 'boolean') return value;
    return fail(`${this.label}.${name}`, 'true or false', value);
  }

  word<T extends string>(name: string, words: Readonly<Record<string, T>>): T {
    const value = this.fields[name];
    if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value];
    return fail(`${this.label}.${name}`, `one of ${Object.keys(words).join(', ')}`, value);
  }

  /** Numbers of a list or of lists in lists, in order. */
  numbers(name: string): number[] {
    const value = this.fields[name];
    const flat = Array.isArray(value) ? (value.flat(Infinity) as unknown[]) : null;
    if (flat !== null && flat.every((x) => typeof x === 'number')) return flat;
    return fail(`${this.label}.${name}`, 'numbers', value);
  }

  /** Rows of a list of lists of numbers. */
  rows(name: string): number[][] {
    const value = this.fields[name];
    if (!Array.isArray(value)) return fail(`${this.label}.${name}`, 'lists of numbers', value);
    return value.map((row: unknown, i) => {
      if (Array.isArray(row) && row.every((x) => typeof x === 'number')) return row;
      return fail(`${this.label}.${name}[${i}]`, 'numbers', row);
    });
  }

  /** A record inside this one. */
  inner(name: string): NumCase {
    const value = this.fields[name];
    if (!isFields(value)) return fail(`${this.label}.${name}`, 'an object', value);
    return new NumCase(`${this.label}.${name}`, value, this.folder, this.file, this.key);
  }

  hasArray(name: string): boolean {
    return this.folder.names(this.file).includes(`${this.key}/${name}`);
  }

  /** An array of `length` elements of one type. */
  array(name: string, dtype: 'float32' | 'int32', length: number): Numbers {
    const what = `${this.file} ${this.key}/${name}`;
    const array = this.folder.array(this.file, `${this.key}/${name}`);
    if (array === null) return fail(what, `${length} of ${dtype}`, 'no such array');
    if (array.dtype !== dtype) return fail(`${what}: dtype`, dtype, array.dtype);
    const { data } = array;
    return data.length === length ? data : fail(`${what}: length`, `${length}`, data.length);
  }
}

/** The first element that differs: exactly, or by more than a relative tolerance. */
export function firstUnequal(
  what: string,
  expected: Numbers,
  got: Numbers,
  tolerance = 0,
): Difference | null {
  if (expected.length !== got.length) {
    return broken(0, `${what}: length`, `${expected.length}`, got.length);
  }
  for (let i = 0; i < expected.length; i++) {
    const [e, g] = [expected[i], got[i]];
    if (e === g || (Number.isNaN(e) && Number.isNaN(g))) continue;
    // Half a step of the smallest floats is no disagreement.
    if (tolerance > 0 && Math.abs(e - g) <= tolerance * Math.abs(e) + 1e-45) continue;
    return { line: 0, what: `${what}[${i}]`, expected: shown(e), got: shown(g) };
  }
  return null;
}

/** Refusals of a case or of a kernel are differences like any other. */
export function guarded(what: string, check: () => Outcome): Outcome {
  const failed = (difference: Difference): Outcome => ({ status: 'failed', difference });
  try {
    return check();
  } catch (error) {
    if (error instanceof BrokenCase) return failed(error.difference);
    const { name, message } = error as Error;
    if (!['RangeError', 'KernelError', 'UserError'].includes(name)) throw error;
    return failed(broken(0, what, 'a legal case', message));
  }
}

/** A check for each case of a list in a JSON file; `arrays` is the file with their arrays. */
export function caseChecks(
  folder: NumFolder,
  file: string,
  list: string,
  arrays: string,
  run: (one: NumCase) => Difference | null,
): ConformCheck[] {
  let json: unknown;
  try {
    json = folder.json(file);
  } catch (error) {
    // A broken file is a difference in whatever is asked of it.
    const part = `${file}: ${list}`;
    return [{ part, run: () => guarded(part, () => { throw error; }) }];
  }
  if (json === null) return [];
  if (!isFields(json)) {
    const difference = broken(0, file, 'an object of lists of cases', json);
    return [{ part: file, run: () => ({ status: 'failed', difference }) }];
  }
  const value = json[list];
  if (value === undefined) return [];
  const cases: unknown[] = Array.isArray(value) ? value : [value];
  return cases.map((fields, i) => {
    const named = isFields(fields) && typeof fields['name'] === 'string' ? fields['name'] : null;
    const label = `${list} ${named ?? i}`;
    const part = `${file}: ${label}`;
    return {
      part,
      run: () =>
        guarded(part, () => {
          if (!isFields(fields)) return fail(label, 'an object', fields);
          const difference = run(new NumCase(label, fields, folder, arrays, named ?? `${i}`));
          return difference === null
            ? { status: 'passed', note: '' }
            : { status: 'failed', difference };
        }),
    };
  });
}
