// SPDX-License-Identifier: Apache-2.0
/**
 * Chat traces as CSV: `arrived_at` (s), `num_prefill_tokens`, `num_decode_tokens`, columns in any
 * order. Each row is a session of its own; no block ids, so nothing is shared.
 */
import type { SessionDraft } from '../draft.js';
import { GapKind } from '../types.js';
import { Place, answerTokens, duration, promptTokens, secondsToNs } from './fields.js';
import type { LineParser } from './line-parser.js';

export const CSV_BLOCK_SIZE = 64;
const COLUMNS = ['arrived_at', 'num_prefill_tokens', 'num_decode_tokens'] as const;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

export class CsvParser implements LineParser {
  private readonly place: Place;
  /** Position of each of COLUMNS in a row; empty before the header. */
  private columns: number[] = [];
  private width = 0;

  constructor(file: string, private readonly blockSize = CSV_BLOCK_SIZE) {
    this.place = new Place(file);
  }

  line(row: string, number: number): SessionDraft | undefined {
    const { place } = this;
    place.line = number;
    const cells = row.trim().split(',').map((cell) => cell.trim());
    if (this.columns.length === 0) {
      this.header(cells);
      return undefined;
    }
    if (cells.length !== this.width) {
      place.fail('', 'row of the wrong length', { got: cells, allowed: `${this.width} cells` });
    }
    const [arrived, prefill, decode] = this.columns.map((column) => this.number(cells[column]));
    const inputTokens = promptTokens(prefill, place, COLUMNS[1]);
    return {
      id: String(number - 1),
      arrivalNs: secondsToNs(duration(arrived, place, COLUMNS[0]), place, COLUMNS[0]),
      blockSize: this.blockSize,
      scope: 'session',
      agents: [{ parent: -1, endNs: -1 }],
      turns: [{
        agent: 0,
        model: 'default',
        startNs: 0,
        inputTokens,
        outputTokens: answerTokens(decode, place, COLUMNS[2]),
        apiNs: -1,
        gapKind: GapKind.none,
        blocks: Math.floor(inputTokens / this.blockSize),
        ids: null,
        prefixTurn: -1,
        prefixBlocks: 0,
        dependencies: [],
      }],
    };
  }

  *end(): Iterable<SessionDraft> {}

  private header(cells: readonly string[]): void {
    this.width = cells.length;
    this.columns = COLUMNS.map((name) => cells.indexOf(name));
    const missing = this.columns.indexOf(-1);
    if (missing < 0) return;
    const allowed = COLUMNS.join(', ');
    this.place.fail('', `column ${COLUMNS[missing]} is missing`, { got: cells.join(','), allowed });
  }

  /** Number() alone would read an empty cell as 0 and accept hexadecimal. */
  private number(cell: string): unknown {
    return NUMBER.test(cell) ? Number(cell) : cell;
  }
}
