// SPDX-License-Identifier: Apache-2.0
/** The table that answers first: how long things took, up to the worst. */
import type { Distribution, RunSummary } from '../metrics/index.js';
import { clip, DOT, LABEL_WIDTH, WIDTH } from './lines.js';
import { count, decimalsFor, number, percent } from './numbers.js';
import type { TextStyle } from './style.js';

const COLUMNS = ['p50', 'p95', 'p99', 'max'] as const;
const CELL_WIDTH = 10;
const USED = LABEL_WIDTH + COLUMNS.length * CELL_WIDTH;

function cell(value: number | null, decimals: number): string {
  if (value !== null && value >= 1e7) return count(value);
  return number(value, (value ?? 0) < 1000 ? decimals : 0);
}

/** One row: the decimals of its median hold for all its cells below a thousand. */
function row(label: string, of: Distribution, remark: string, style: TextStyle): string {
  const decimals = decimalsFor(of.p50 || of.p95 || of.max || 0);
  const cells = COLUMNS.map((name) => cell(of[name], decimals).padStart(CELL_WIDTH));
  const note = remark === '' ? '' : `     ${style('dim', clip(remark, WIDTH - USED - 5))}`;
  return `  ${label}`.padEnd(LABEL_WIDTH) + cells.join('') + note;
}

/** `name value` of the medians that exist. */
function medians(of: Readonly<Record<string, Distribution>>): string {
  const known = Object.entries(of).filter(([, { count: n }]) => n > 0);
  if (known.length < 2) return '';
  return `p50: ${known.map(([name, { p50 }]) => `${name} ${number(p50)}`).join(DOT)}`;
}

export function tailsTable(summary: RunSummary, style: TextStyle): string[] {
  const { latency, roles, requests, percentiles } = summary;
  const { coldTtftMs: cold, warmTtftMs: warm } = latency;
  const main = roles.main.latency;
  const sub = roles.sub.latency;
  const split = `${count(requests.main)} main + ${count(requests.sub)} sub requests`;
  const error = percent(percentiles.relativeError, 2);
  const head = COLUMNS.map((name) => name.padStart(CELL_WIDTH)).join('');
  return [
    style('dim', ' '.repeat(LABEL_WIDTH) + head),
    row('TTFT ms', latency.ttftMs, medians({ cold, warm }), style),
    row('TPOT ms', latency.tpotMs, medians({ main: main.tpotMs, sub: sub.tpotMs }), style),
    row('queue ms', latency.queueMs, medians({ main: main.queueMs, sub: sub.queueMs }), style),
    row('turn s', latency.turnS, medians({ main: main.turnS, sub: sub.turnS }), style),
    row('session min', latency.sessionMin, split, style),
    ...(percentiles.method === 'exact' ? [] : [`  percentiles from histograms, within ${error}`]),
  ];
}
