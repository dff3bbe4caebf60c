// SPDX-License-Identifier: Apache-2.0
/** Numbers as a person reads them: thousands separators, few digits, no locale. */

/** What stands where there is no number. */
export const NOTHING = '-';

function grouped(digits: string): string {
  const [whole, fraction] = digits.split('.');
  const parts = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? parts : `${parts}.${fraction}`;
}

/** Decimals that leave about three significant digits. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return 0;
  if (size >= 1) return 1;
  return size >= 0.1 ? 2 : 3;
}

/** 1412.3 -> 1,412; 19.84 -> 19.8; 0.456 -> 0.46. `decimals` aligns a row. */
export function number(value: number | null, decimals?: number): string {
  if (value === null) return NOTHING;
  return grouped(value.toFixed(decimals ?? decimalsFor(value)));
}

/** Counts below ten million in full, larger ones as 146.2 M; `like` lends a summand its unit. */
export function count(value: number, like = value): string {
  if (like < 1e7) return grouped(String(Math.round(value)));
  return like < 1e10 ? `${number(value / 1e6, 1)} M` : `${number(value / 1e9, 1)} G`;
}

/** A number as its author wrote it. */
export function verbatim(value: number): string {
  return grouped(String(value));
}

/** 0.9312 -> 93.1 %. */
export function percent(share: number | null, decimals = 1): string {
  return share === null ? NOTHING : `${(share * 100).toFixed(decimals)} %`;
}

/** Simulated time in the unit that suits it. */
export function duration(seconds: number | null): string {
  if (seconds === null) return NOTHING;
  if (seconds >= 5400) return `${number(seconds / 3600, 1)} h`;
  if (seconds >= 90) return `${number(seconds / 60, 1)} min`;
  return seconds >= 1 ? `${number(seconds, 1)} s` : `${number(seconds * 1000)} ms`;
}

/** 1 session, 2 sessions. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
