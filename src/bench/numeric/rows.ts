// SPDX-License-Identifier: Apache-2.0
/** Tables of `kvloom bench numeric`. */
import type { Side } from './case.js';
import type { NumericResult } from './run.js';
import type { Timing } from '../statistics.js';

const SIDES: readonly Side[] = ['scalar', 'js', 'native', 'sse41', 'avx2'];
const NAMES: Readonly<Record<Side, string>> = {
  scalar: 'scalar', js: 'JS', native: 'C++', sse41: 'SSE4.1', avx2: 'AVX2',
};

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);

/** GB/s, or a rate that reads well. */
function rateOf({ bytes, unit }: NumericResult): { name: string; of: (ns: number) => number } {
  if (bytes !== null) return { name: 'GB/s', of: (ns) => bytes / ns };
  if (unit === 'layer') return { name: 'k layers/s', of: (ns) => 1e6 / ns };
  return { name: `M ${unit}s/s`, of: (ns) => 1e3 / ns };
}

/** Rates of medians. */
export function numericRows(results: readonly NumericResult[]): string[][] {
  const head = ['case', 'rate', 'wasm', ...SIDES.map((side) => NAMES[side]), 'quoted'];
  const rows = results.map((result) => {
    const { name, of } = rateOf(result);
    const cell = (timing: Timing | undefined): string =>
      timing === undefined ? '' : digits(of(timing.p50));
    const sides = SIDES.map((side) => cell(result.sides[side]));
    return [result.id, name, cell(result.simd), ...sides, result.quoted ?? ''];
  });
  return [head, ...rows];
}

/** Speed of the SIMD build over each side, and whether the bars are kept. */
export function numericRatioRows(results: readonly NumericResult[]): string[][] {
  const head = ['case', ...SIDES.map((side) => `over ${NAMES[side]}`), 'bars', ''];
  const rows = results.map(({ id, faster, bars, growth }) => {
    const cells = SIDES.map((side) => {
      const value = faster[side];
      return value === undefined ? '' : `${value.toFixed(2)}x`;
    });
    const words = bars.map(({ against, least }) => `${NAMES[against]} >= ${least}x`);
    const kept = bars.flatMap(({ value, least }) => (value === null ? [] : [value >= least]));
    if (growth !== undefined) {
      words.push(`ns/token ${growth.value.toFixed(2)}x of the first, <= ${growth.most}x`);
      kept.push(growth.value <= growth.most);
    }
    const verdict = kept.length === 0 ? '' : kept.every(Boolean) ? '✓' : '✗';
    return [id, ...cells, words.join(', '), verdict];
  });
  return [head, ...rows];
}

/** What stands below the tables. */
export const NUMERIC_NOTE =
  'quoted: numpy and torch 1.13 on one thread of another machine (AMD EPYC, Zen 5), same unit';
