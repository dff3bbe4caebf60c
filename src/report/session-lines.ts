// SPDX-License-Identifier: Apache-2.0
/** Where the sessions' time went: bars over all sessions, then the sessions worth a look. */
import { PATH_PARTS, type RunSummary, type SessionPath } from '../metrics/index.js';
import { clip, LABEL_WIDTH, labelled } from './lines.js';
import { count, duration, percent } from './numbers.js';
import { PART_NAMES, partItems } from './path-parts.js';
import type { TextStyle } from './style.js';

const BAR_WIDTH = 40;
const ID_WIDTH = 24;

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return (full === 0 && share > 0 ? '▏' : '█'.repeat(full)).padEnd(BAR_WIDTH);
}

function pathItems({ id, durationMin, requests, requestsOnPath, shares }: SessionPath): string[] {
  const path = `${count(requestsOnPath)} of ${count(requests)} requests on the path`;
  const parts = shares === null ? [] : [partItems(shares, 3).join(', ')];
  return [`${duration(durationMin * 60)} ${clip(id, ID_WIDTH)}`, path, ...parts];
}

/** Nothing when no session came to its end. */
export function sessionLines({ sessionTime }: RunSummary, style: TextStyle): string[] {
  const { sessions, seconds, shares, median, p99, worst } = sessionTime;
  if (shares === null) return [];
  const one = sessions === 1;
  const whose = one ? "the session's" : `the ${count(sessions)} sessions'`;
  const lines = [`  where ${whose} time went (critical path, not what ran beside it)`];
  const order = PATH_PARTS.filter((part) => shares[part] > 0);
  order.sort((a, b) => shares[b] - shares[a]);
  for (const part of order) {
    const label = `    ${PART_NAMES[part]}`.padEnd(LABEL_WIDTH);
    const share = percent(shares[part]).padStart(8);
    const time = duration(seconds[part]).padStart(12);
    lines.push(label + style('cyan', bar(shares[part])) + share + time);
  }
  const cases: [string, SessionPath | null][] = one
    ? [['session', worst]]
    : [
        ['median', median],
        ['p99', p99],
        ['worst', worst],
      ];
  for (const [label, path] of cases) {
    if (path !== null) lines.push(...labelled(label, pathItems(path), style));
  }
  return lines;
}
