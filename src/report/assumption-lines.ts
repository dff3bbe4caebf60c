// SPDX-License-Identifier: Apache-2.0
import { clip, LABEL_WIDTH, labelled, WIDTH } from './lines.js';
import { plural } from './numbers.js';
import type { Assumption } from './scenario.js';
import type { TextStyle } from './style.js';

/** Inputs that are printed; all of them stand in run.json. */
const SHOWN = 3;

/** What 10 % more of the input does. */
function effect({ influence, influenceOn }: Assumption): string {
  if (influence === undefined) return '';
  const tenths = Math.round(influence * 1000);
  const sign = tenths > 0 ? '+' : tenths < 0 ? '-' : '';
  return `${sign}${(Math.abs(tenths) / 10).toFixed(1)} % ${influenceOn}: `;
}

/** Inputs without a measurement or a datasheet behind them, the first ones by name. */
export function assumptionLines(list: readonly Assumption[], style: TextStyle): string[] {
  const assumed = list.filter(({ status }) => status === 'assumed');
  if (assumed.length === 0) return [];
  const text = (each: Assumption): string =>
    clip(`${effect(each)}${each.what} ${each.value} ${each.unit}`, WIDTH - LABEL_WIDTH);
  const shown = assumed.slice(0, SHOWN).map(text);
  const rest = assumed.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  const ranked = assumed[0].influence === undefined ? '' : 'by what 10 % more of each does ';
  const total = `${assumed.length} of ${plural(list.length, 'input')} ${ranked}(--json has all)`;
  return labelled('assumed', [total, ...shown, ...more], style);
}
