// SPDX-License-Identifier: Apache-2.0
/** Numbers of the catalogue for a person: four digits and a decimal prefix. */

const PREFIXES = [
  [1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'u'],
] as const;

/** Units that take a prefix; the others are counts and read better in full. */
const SCALED = ['FLOP/s', 'FLOP', 'byte', 'byte/s', 's', 'W', '1/s'];

const digits = (value: number): string => String(Number(value.toPrecision(6)));

/** `989 TFLOP/s`, `80 GB`, `2 us`, `88 core`. */
export function quantity(value: number, unit: string): string {
  const short = unit.replace(/^byte/, 'B');
  if (unit === 'parameters') return `${digits(value / 1e9)} G`;
  const small = unit === 'byte' && Math.abs(value) < 1e6;
  if (small || !SCALED.includes(unit) || value === 0) return `${digits(value)} ${short}`.trim();
  const size = Math.abs(value);
  const [factor, prefix] = PREFIXES.find(([least]) => size >= least * 0.9999) ?? [1e-9, 'n'];
  return `${digits(value / factor)} ${prefix}${short}`;
}
