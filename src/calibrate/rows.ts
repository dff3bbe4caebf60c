// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import { DTYPE_NAMES } from '../cost/op/dtype.js';
import {
  type Operation, operation, type OperationName, OPERATIONS, type SizeField,
} from '../cost/op/operation.js';
import { peaksOf, SYSTEM_IDS } from '../cost/op/peaks.js';
import { powerLawExponent } from '../cost/op/routing.js';
import { splitCsv as split } from './csv.js';
import type { MeasuredRow } from './fit.js';

/** Columns of sizes, by field. */
const SIZES: Readonly<Record<SizeField, string>> = {
  m: 'm', n: 'n', k: 'k', batch: 'batch', isl: 'isl', pastKv: 'past_kv', heads: 'heads',
  kvHeads: 'kv_heads', headDim: 'head_dim', window: 'window', tokens: 'tokens',
  hidden: 'hidden', inter: 'inter', topk: 'topk', experts: 'experts', moeTp: 'moe_tp',
  moeEp: 'moe_ep', gpus: 'gpus', elements: 'msg_elems',
};
const WORDS = {
  framework: 'framework', version: 'fw_version', kernelSource: 'kernel_source', dtype: 'dtype',
  kvDtype: 'kv_dtype', distribution: 'distribution',
} as const;

/** Columns that every file must have; `measured_ms` as well. The rest depends on its operations. */
const ALWAYS = ['system', 'op', 'dtype', 'measured_ms'] as const;

/** Largest size that is taken for one; beyond it a column is probably shifted. */
const LARGEST = 2 ** 40;

/**
 * Reads measured operations in the layout of op_latency.csv: one header line, columns in any order,
 * more columns allowed, empty where an operation has no such size. `measured_ms` is the latency in
 * ms.
 * @throws UserError with file, line and column for what cannot be meant.
 */
export function readOperationRows(text: string, file: string): MeasuredRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = split(lines[0], file, 1);
  checkHeader(header, file);
  const rows: MeasuredRow[] = [];
  for (let i = 1; i < lines.length; i++) {
    if (lines[i].trim() === '') continue;
    const cells = split(lines[i], file, i + 1);
    if (cells.length !== header.length) {
      const what = cells.length < header.length ? 'truncated line' : 'too many cells';
      const detail = { got: `${cells.length} cells`, allowed: `${header.length}, as the header` };
      throw new UserError(what, { file, line: i + 1 }, detail);
    }
    const named = new Map(header.map((name, at) => [name, cells[at].trim()] as const));
    rows.push(new RowReader(named, file, i + 1).read());
  }
  if (rows.length === 0) throw new UserError('no rows below the header', { file });
  return rows;
}

function checkHeader(header: readonly string[], file: string): void {
  const missing = ALWAYS.find((name) => !header.includes(name));
  if (missing !== undefined) {
    const needed = ALWAYS.join(', ');
    const detail = { allowed: `a header with ${needed} and the sizes of its operations` };
    throw new UserError('missing column', { file, line: 1, path: missing }, detail);
  }
  const twice = header.find((name, at) => header.indexOf(name) !== at);
  if (twice !== undefined) throw new UserError('column twice', { file, line: 1, path: twice });
}

class RowReader {
  constructor(
    private readonly cells: ReadonlyMap<string, string>,
    private readonly file: string,
    private readonly line: number,
  ) {}

  read(): MeasuredRow {
    const op = this.oneOf('op', Object.keys(OPERATIONS)) as OperationName;
    const peaks = peaksOf(this.oneOf('system', SYSTEM_IDS))!;
    const fields: Record<string, unknown> = { op };
    for (const [field, column] of Object.entries(WORDS)) fields[field] = this.word(column);
    // DeepEP's normal kernels carry two formats and their rows name none.
    if (fields.dtype !== '' || !op.startsWith('deepep')) this.oneOf('dtype', DTYPE_NAMES);
    if (fields.kvDtype !== '') this.oneOf('kv_dtype', DTYPE_NAMES);
    const needed: readonly SizeField[] = OPERATIONS[op];
    for (const [field, column] of Object.entries(SIZES)) {
      fields[field] = this.size(column, needed.includes(field as SizeField), op);
    }
    if (Number.isNaN(powerLawExponent(fields.distribution as string))) {
      this.fail('distribution', 'unknown distribution', 'balanced, power_law_X');
    }
    const measured = this.number('measured_ms');
    if (!(measured > 0)) this.fail('measured_ms', 'must be > 0', 'milliseconds');
    const all = operation(fields as unknown as Operation);
    return { operation: all, peaks, measuredUs: measured * 1000, line: this.line };
  }

  private word(column: string): string {
    return this.cells.get(column) ?? '';
  }

  private oneOf(column: string, allowed: readonly string[]): string {
    const word = this.word(column);
    if (!allowed.includes(word)) this.fail(column, `unknown ${column}`, allowed.join(', '));
    return word;
  }

  private number(column: string): number {
    const word = this.word(column);
    const value = word === '' ? NaN : Number(word);
    if (!Number.isFinite(value)) this.fail(column, 'must be a number', 'a finite number');
    return value;
  }

  private size(column: string, needed: boolean, op: string): number {
    if (needed && !this.cells.has(column)) {
      const detail = { allowed: `every column that ${op} needs` };
      throw new UserError('missing column', { file: this.file, line: 1, path: column }, detail);
    }
    if (!needed && this.word(column) === '') return 0;
    const value = this.number(column);
    const least = needed ? 1 : 0;
    if (!(value >= least && value <= LARGEST)) {
      this.fail(column, `must be a size of ${op}`, `${least} to 2^40`);
    }
    return value;
  }

  private fail(column: string, what: string, allowed: string): never {
    const place = { file: this.file, line: this.line, path: column };
    throw new UserError(what, place, { got: this.word(column), allowed });
  }
}
