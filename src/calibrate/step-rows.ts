// SPDX-License-Identifier: Apache-2.0
import { UserError } from '../core/user-error.js';
import type { StepShape } from '../cost/serving/index.js';
import { parseCsv } from './csv.js';

/** A measured forward step. */
export interface StepRow {
  readonly shape: StepShape;
  readonly line: number;
  readonly measuredMs: number;
}

const NEEDED = ['kind', 'batch', 'new_tokens', 'past_kv', 'measured_ms'] as const;

/**
 * Reads forward steps in the layout of vera_rubin_forward_steps.csv: `kind` is prefill or decode;
 * lines of any other kind are single kernels, counted in `others`.
 * @throws UserError with file, line and column for what cannot be meant.
 */
export function readStepRows(text: string, file: string): { rows: StepRow[]; others: number } {
  const rows: StepRow[] = [];
  let others = 0;
  for (const { cells, line } of parseCsv(text, file, NEEDED)) {
    const kind = cells.get('kind');
    if (kind !== 'prefill' && kind !== 'decode') {
      others++;
      continue;
    }
    const number = (column: string, least: number): number => {
      const word = cells.get(column) ?? '';
      const value = word === '' ? NaN : Number(word);
      if (value >= least && value < 2 ** 40) return value;
      const place = { file, line, path: column };
      throw new UserError('must be a number', place, { got: word, allowed: `${least} or more` });
    };
    const measuredMs = number('measured_ms', 1e-9);
    const sequences = number('batch', 1);
    const newTokens = number('new_tokens', 1);
    const shape = { kind, sequences, newTokens, past: number('past_kv', 0) } as const;
    rows.push({ shape, line, measuredMs });
  }
  if (rows.length < 2) {
    throw new UserError('too few steps', { file }, { allowed: 'two rows of prefill or decode' });
  }
  return { rows, others };
}
