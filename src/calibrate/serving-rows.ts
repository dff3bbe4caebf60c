// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import {
  findServingDevice, findServingModel, inputDefect, PRECISIONS, type Precision, readLayout,
  SERVING_ENGINES, type ServingPoint, suspicion,
} from '../cost/serving/index.js';
import { parseCsv } from './csv.js';

/** A measured serving row of prefill and decode together. */
export interface ServingRow {
  readonly point: ServingPoint;
  readonly line: number;
  /** Mean time per output token and to the first token, ms; TTFT is NaN where it is not stated. */
  readonly tpotMs: number;
  readonly ttftMs: number;
  /** Why its inputs cannot be meant; such rows are listed apart and never fitted. */
  readonly defect: string;
  /** What its inputs may hide; such rows count. */
  readonly suspicion: string;
}

/** Rows of a file, and what was set apart before any of them was predicted. */
export interface ServingRows {
  readonly rows: readonly ServingRow[];
  /** Rows of separate prefill and decode pools. */
  readonly disaggregated: number;
  /** Rows with tp_size or attention_dp_size above 16. */
  readonly tooWide: number;
  /** Rows equal to another in every input and value. */
  readonly repeated: number;
}

const NEEDED = [
  'system', 'model_path', 'precision', 'mode', 'backend', 'isl', 'osl', 'batch_size', 'tp_size',
  'silicon_tpot_ms',
] as const;

/** Widest tensor or data parallelism that is taken for what it says. */
const WIDEST = 16;

/**
 * Reads serving measurements in the layout of serving_points.csv. Only inputs decide what is set
 * apart.
 * @throws UserError with file, line and column for what cannot be meant.
 */
export function readServingRows(text: string, file: string): ServingRows {
  const lines = parseCsv(text, file, NEEDED);
  const rows: ServingRow[] = [];
  const seen = new Set<string>();
  let [disaggregated, tooWide, repeated] = [0, 0, 0];
  for (const { cells, line } of lines) {
    const reader = new Reader(cells, file, line);
    if (reader.oneOf('mode', ['agg', 'disagg']) === 'disagg') {
      disaggregated++;
      continue;
    }
    if (reader.size('tp_size') > WIDEST || reader.size('attention_dp_size') > WIDEST) {
      tooWide++;
      continue;
    }
    const row = reader.row();
    const key = identity(row);
    if (seen.has(key)) {
      repeated++;
      continue;
    }
    seen.add(key);
    rows.push(row);
  }
  return { rows, disaggregated, tooWide, repeated };
}

/** One run can stand in several exports, under names of one model. */
function identity({ point, tpotMs, ttftMs }: ServingRow): string {
  const { model, device, engine, precision, isl, osl, concurrency } = point;
  return [
    model.id, device.id, engine, precision, isl, osl, concurrency, tpotMs, ttftMs,
  ].join(' ');
}

class Reader {
  constructor(
    private readonly cells: ReadonlyMap<string, string>,
    private readonly file: string,
    private readonly line: number,
  ) {}

  row(): ServingRow {
    const model = findServingModel(this.word('model_path'));
    if (model === undefined) this.fail('model_path', 'unknown model', 'kvloom catalog models');
    const device = findServingDevice(this.word('system'));
    if (device === undefined) this.fail('system', 'unknown system', 'kvloom catalog hardware');
    const precision = this.word('precision') || 'bf16';
    if (!PRECISIONS.includes(precision as Precision)) {
      this.fail('precision', 'unknown precision', `${PRECISIONS.join(', ')}, or empty for bf16`);
    }
    const columns = {
      tpSize: this.size('tp_size'), attentionDpSize: this.size('attention_dp_size'),
      moeTpSize: this.size('moe_tp_size'), moeEpSize: this.size('moe_ep_size'),
    };
    const point: ServingPoint = {
      model: model, device: device, precision: precision as Precision, columns,
      engine: this.oneOf('backend', SERVING_ENGINES) as ServingPoint['engine'],
      version: this.word('backend_version'), isl: this.positive('isl'), osl: this.positive('osl'),
      concurrency: this.users(columns.attentionDpSize), batch: this.positive('batch_size'),
    };
    const { layout, defect } = readLayout(columns, point.model.ffn.kind === 'MoE');
    const ttft = this.word('silicon_ttft_ms');
    return {
      point, line: this.line, tpotMs: this.positive('silicon_tpot_ms'),
      ttftMs: ttft === '' ? NaN : this.positive('silicon_ttft_ms'),
      defect: inputDefect(point) || defect, suspicion: suspicion(point, layout.dp),
    };
  }

  oneOf(column: string, allowed: readonly string[]): string {
    const word = this.word(column);
    if (!allowed.includes(word)) this.fail(column, `unknown ${column}`, allowed.join(', '));
    return word;
  }

  /** A parallel size; empty and 0 are 1. */
  size(column: string): number {
    const word = this.word(column);
    const value = word === '' ? 1 : Number(word);
    if (!Number.isInteger(value) || value < 0) {
      this.fail(column, 'must be a number of ranks', 'a whole number');
    }
    return Math.max(1, value);
  }

  /** Requests in flight; where the column is empty, those of a rank times the ranks. */
  private users(ranks: number): number {
    return this.word('conc') === '' ? this.positive('batch_size') * ranks : this.positive('conc');
  }

  private word(column: string): string {
    return this.cells.get(column) ?? '';
  }

  private positive(column: string): number {
    const value = Number(this.word(column));
    if (!(value > 0 && value < 2 ** 40)) this.fail(column, 'must be > 0', 'a finite number');
    return value;
  }

  private fail(column: string, what: string, allowed: string): never {
    const place = { file: this.file, line: this.line, path: column };
    throw new UserError(what, place, { got: this.word(column), allowed });
  }
}
