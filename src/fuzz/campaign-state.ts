// SPDX-License-Identifier: Apache-2.0
/** A campaign as the text of its state file, and back. */
import { UserError } from '../core/user-error.js';
import type { CampaignSettings, KindRecord } from './campaign.js';
import { digestText, parseDigest } from './digest.js';
import { isRanges } from './ranges.js';

const FORMAT = 'kvloom-fuzz-state';
const VERSION = 1;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is done of a campaign, under which settings. */
export function stateText(
  settings: CampaignSettings,
  records: Readonly<Record<string, KindRecord>>,
): string {
  const kinds = Object.entries(records).map(([kind, { digest, ...rest }]) =>
    [kind, { ...rest, digest: digestText(digest) }]);
  const state = {
    format: FORMAT, version: VERSION, settings, kinds: Object.fromEntries(kinds) as Fields,
  };
  return `${JSON.stringify(state)}\n`;
}

/** Reads a state back; whatever is not as `stateText` wrote it for `settings` is refused. */
export function parseState(
  text: string,
  file: string,
  settings: CampaignSettings,
): Record<string, KindRecord> {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new UserError(`broken state of a fuzz run (${(error as Error).message})`, { file });
  }
  if (!isFields(state) || state['format'] !== FORMAT) {
    throw new UserError('not the state of a fuzz run', { file, path: 'format' });
  }
  if (state['version'] !== VERSION) {
    const detail = { got: state['version'], allowed: String(VERSION) };
    throw new UserError('unknown version of the state of a fuzz run', { file }, detail);
  }
  checkSettings(state['settings'], file, settings);
  const { kinds } = state;
  if (!isFields(kinds)) throw broken(file, 'kinds', kinds);
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, value]) => [kind, recordOf(value, file, `kinds.${kind}`)]),
  );
}

function checkSettings(got: unknown, file: string, settings: CampaignSettings): void {
  if (!isFields(got)) throw broken(file, 'settings', got);
  for (const [name, value] of Object.entries(settings)) {
    if (got[name] === value) continue;
    throw new UserError(
      'the fuzz run of this state has other settings: give the same ones or another file',
      { file, path: `settings.${name}` },
      { got: got[name], allowed: String(value) },
    );
  }
}

function recordOf(value: unknown, file: string, path: string): KindRecord {
  if (!isFields(value)) throw broken(file, path, value);
  const { done, variants, seconds } = value;
  const digest = parseDigest(value['digest']);
  if (!isRanges(done)) throw broken(file, `${path}.done`, done);
  if (digest === null) throw broken(file, `${path}.digest`, value['digest']);
  const counts = isFields(variants) ? Object.values(variants) : [NaN];
  if (!counts.every((n) => Number.isSafeInteger(n))) {
    throw broken(file, `${path}.variants`, variants);
  }
  if (typeof seconds !== 'number') throw broken(file, `${path}.seconds`, seconds);
  return { done, digest, variants: { ...(variants as Record<string, number>) }, seconds };
}

function broken(file: string, path: string, got: unknown): UserError {
  return new UserError('broken state of a fuzz run', { file, path }, { got });
}
