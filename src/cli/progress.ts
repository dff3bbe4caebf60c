// SPDX-License-Identifier: Apache-2.0
/** One line on stderr that says how far a long run is. */
import type { GlobalOptions } from './context.js';

export interface Progress {
  /** Cheap to call often: draws at most ten times a second. `total` 0 means unknown. */
  update(done: number, total: number, note?: string): void;
  /** Removes the line, so that what follows starts clean. */
  stop(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface Line {
  readonly stream: Screen;
  readonly now: () => number;
}

const intervalMs = 100;

/** Short runs show nothing: a line that flashes by only disturbs. */
const patienceMs = 500;

const barCells = 24;

function text(label: string, done: number, total: number, note: string): string {
  const count = total > 0 ? `${done}/${total}` : String(done);
  const tail = note === '' ? '' : `  ${note}`;
  if (total <= 0) return `${label}  ${count}${tail}`;
  const share = Math.min(1, done / total);
  const cells = Math.floor(share * barCells);
  const bar = '█'.repeat(cells) + '░'.repeat(barCells - cells);
  return `${label}  ${bar} ${Math.floor(share * 100)} %  ${count}${tail}`;
}

/** Does nothing unless stderr is a terminal and neither --quiet nor --no-progress was given. */
export function startProgress(
  label: string,
  options: Pick<GlobalOptions, 'quiet' | 'progress'>,
  line: Line = { stream: process.stderr, now: () => performance.now() },
): Progress {
  const { stream, now } = line;
  if (stream.isTTY !== true || options.quiet || !options.progress) {
    return { update: () => {}, stop: () => {} };
  }
  const started = now();
  let drawn = -Infinity;
  return {
    update(done, total, note = '') {
      const time = now();
      if (time - started < patienceMs || time - drawn < intervalMs) return;
      drawn = time;
      const width = (stream.columns ?? 80) - 1;
      stream.write(`\r\u001b[K${text(label, done, total, note).slice(0, width)}`);
    },
    stop() {
      if (drawn !== -Infinity) stream.write('\r\u001b[K');
      drawn = -Infinity;
    },
  };
}
