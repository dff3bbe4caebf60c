// SPDX-License-Identifier: Apache-2.0
import type { RunSummary, SloResult } from '../metrics/index.js';
import { clip, LABEL_WIDTH, rankedShares, WIDTH } from './lines.js';
import { number, percent, verbatim } from './numbers.js';
import { partItems } from './path-parts.js';
import type { TextStyle } from './style.js';

/** What a missed objective's time is made of, over the whole run. */
function blame({ metric }: SloResult, { sessionTime, requestTime }: RunSummary): string {
  if (metric === 'session') {
    return sessionTime.shares === null ? '' : partItems(sessionTime.shares, 3).join(', ');
  }
  if (metric !== 'turn') return '';
  const { queueShare: queue, prefillShare: prefill, decodeShare: decode } = requestTime;
  const text = (name: string, share: number): string => `${name} ${percent(share, 0)}`;
  return rankedShares({ queue, prefill, decode }, text).join(', ');
}

function sloLine(result: SloResult, summary: RunSummary, style: TextStyle): string {
  const { metric, percentile, unit, limit, value, ok } = result;
  const bound = `< ${verbatim(limit)} ${unit}`;
  const got = value === null ? 'not measured' : `${number(value)} ${unit}`;
  const text = `${`${metric} ${percentile}`.padEnd(13)}${bound.padEnd(12)} ${got.padStart(10)}`;
  const mark = ok ? style('green', '✓') : style('red', '✗');
  const why = ok ? '' : blame(result, summary);
  const room = WIDTH - LABEL_WIDTH - text.length - 6;
  return `${text}   ${mark}${why === '' ? '' : `  ${clip(why, room)}`}`;
}

/** One line an objective, none without objectives. */
export function sloLines(
  results: readonly SloResult[],
  summary: RunSummary,
  style: TextStyle,
): string[] {
  return results.map((result, i) => {
    const head = (i === 0 ? '  SLO' : '').padEnd(LABEL_WIDTH);
    return style('dim', head) + sloLine(result, summary, style);
  });
}
