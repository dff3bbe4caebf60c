// SPDX-License-Identifier: Apache-2.0
/** Lines of a report: a label, then text that wraps at its separators below itself. */
import type { TextStyle } from './style.js';

/** Columns that a report may use. */
export const WIDTH = 100;
/** Columns of the label in front of a line, indentation included. */
export const LABEL_WIDTH = 15;

/** Between items of one line. */
export const DOT = ' · ';

/** Cuts what is longer than `width`, with an ellipsis. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Items joined by dots into as few lines of `width` as hold them. */
export function wrap(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.length - 1;
    const joined = last < 0 ? item : `${lines[last]}${DOT}${item}`;
    if (last >= 0 && joined.length <= width) lines[last] = joined;
    else lines.push(clip(item, width));
  }
  return lines;
}

/** `label` in its column and the items beside it, over as many lines as they need. */
export function labelled(label: string, items: readonly string[], style: TextStyle): string[] {
  const head = `  ${label}`.padEnd(LABEL_WIDTH);
  return wrap(items, WIDTH - head.length).map((line, i) =>
    i === 0 ? style('dim', head) + line : ' '.repeat(head.length) + line,
  );
}

/** Shares above `least`, largest first: tool wait 61 %, decode 22 %. */
export function rankedShares(
  shares: Readonly<Record<string, number | null>>,
  text: (name: string, share: number) => string,
  least = 0.005,
): string[] {
  return Object.entries(shares)
    .flatMap(([name, share]) => (share !== null && share >= least ? [{ name, share }] : []))
    .sort((a, b) => b.share - a.share)
    .map(({ name, share }) => text(name, share));
}
