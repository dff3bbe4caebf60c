// SPDX-License-Identifier: Apache-2.0
/**
 * Service level objectives: `ttft_ms: 2000` reads "the p95 of the time to first token stays
 * below 2000 ms"; `ttft_ms_p99`, `turn_s_max`, `session_min_mean` name another statistic.
 */
import { UserError } from '../core/user-error.js';
import { didYouMean } from './suggest.js';

export const SLO_METRICS = ['ttft', 'tpot', 'queue', 'turn', 'session'] as const;
export const SLO_UNITS = { ms: 1e6, s: 1e9, min: 60e9 } as const;
export const SLO_STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

export type SloMetric = (typeof SLO_METRICS)[number];
export type SloUnit = keyof typeof SLO_UNITS;
export type SloStatistic = (typeof SLO_STATISTICS)[number];

/** Key in the config -> bound, in the unit that the key names. */
export type SloSpec = Record<string, number>;

export interface SloTarget {
  readonly key: string;
  readonly metric: SloMetric;
  readonly unit: SloUnit;
  readonly statistic: SloStatistic;
  /** The statistic must stay below this, in `unit`. */
  readonly limit: number;
  /** The same in simulated time. */
  readonly limitNs: number;
}

const units = Object.keys(SLO_UNITS) as SloUnit[];
const shape = new RegExp(
  `^(${SLO_METRICS.join('|')})_(${units.join('|')})(?:_(${SLO_STATISTICS.join('|')}))?$`,
);

/** The same rule for the JSON Schema. */
export const SLO_KEY_PATTERN = shape.source;

const examples = 'ttft_ms, tpot_ms, queue_ms, turn_s, session_min';

/** Null when `key` is an SLO, otherwise what is wrong with it. */
export function sloKeyProblem(key: string): string | null {
  if (shape.test(key)) return null;
  const all = SLO_METRICS.flatMap((m) => units.map((u) => `${m}_${u}`));
  const withStatistic = all.flatMap((k) => SLO_STATISTICS.map((s) => `${k}_${s}`));
  const hint = didYouMean(key, [...all, ...withStatistic]);
  if (hint !== '') return `unknown SLO${hint}`;
  const statistics = SLO_STATISTICS.map((s) => `_${s}`).join(' ');
  return `unknown SLO, allowed: ${examples}; p95 unless the name ends in ${statistics}`;
}

export function sloTarget(key: string, limit: number): SloTarget {
  const match = shape.exec(key);
  if (match === null) throw new UserError(`${sloKeyProblem(key)}`, { path: `slo.${key}` });
  const unit = match[2] as SloUnit;
  return {
    key,
    metric: match[1] as SloMetric,
    unit,
    statistic: (match[3] ?? 'p95') as SloStatistic,
    limit,
    limitNs: limit * SLO_UNITS[unit],
  };
}

export function sloTargets(slo: Readonly<SloSpec>): SloTarget[] {
  return Object.entries(slo).map(([key, limit]) => sloTarget(key, limit));
}

/** Reads `ttft_ms<2000,tpot_ms<25` as given on a command line. */
export function parseSlo(text: string): SloSpec {
  const slo: SloSpec = {};
  for (const part of text.split(',')) {
    const match = /^\s*([A-Za-z0-9_]+)\s*<\s*(\S+)\s*$/.exec(part);
    if (match === null) {
      const hint = 'must read name<value,...';
      throw new UserError(`${hint}, for example ttft_ms<2000,tpot_ms<25, got "${part}"`, {
        path: '--slo',
      });
    }
    const key = match[1];
    const limit = Number(match[2]);
    const problem = sloKeyProblem(key);
    if (problem !== null) throw new UserError(problem, { path: `--slo ${key}` });
    if (!(limit > 0 && limit < Infinity)) {
      throw new UserError(`must be a number > 0, got ${match[2]}`, { path: `--slo ${key}` });
    }
    if (Object.hasOwn(slo, key)) throw new UserError('given twice', { path: `--slo ${key}` });
    slo[key] = limit;
  }
  return slo;
}
