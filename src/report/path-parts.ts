// SPDX-License-Identifier: Apache-2.0
import { PATH_PARTS, type PartValues, type PathPart } from '../metrics/index.js';
import { rankedShares } from './lines.js';
import { percent } from './numbers.js';

/** Parts of a session's time, as reports call them. */
export const PART_NAMES: Readonly<Record<PathPart, string>> = {
  queue: 'queue',
  prefill: 'prefill',
  decode: 'decode',
  tool: 'tool wait',
  user: 'user wait',
  spawn: 'spawn wait',
  other: 'other wait',
};

/** The largest parts: `tool wait 61 %`, `decode 22 %`. */
export function partItems(shares: PartValues, most: number = PATH_PARTS.length): string[] {
  const text = (name: string, share: number): string =>
    `${PART_NAMES[name as PathPart]} ${percent(share, 0)}`;
  return rankedShares(shares, text).slice(0, most);
}
