// SPDX-License-Identifier: Apache-2.0
/** Recognises recorded behaviour by header or content, and names the checks in each file. */
import type { Core } from '../core/core.js';
import type { NumericCore } from '../numeric/index.js';
import { replayBlockPoolLog } from './block-pool-log.js';
import { broken } from './difference.js';
import type { Difference } from './difference.js';
import { numericChecks } from './golden-num.js';
import { HASH_OPS_BUILT, replayHashLog } from './hash-log.js';
import type { ReadFile } from './num-folder.js';
import { replayKvManagerLog } from './kv-manager-log.js';
import { replayRadixLog } from './radix-log.js';
import { replayRadixRequestLog } from './radix-request-log.js';
import { BrokenLog, looksRecorded, parseLog } from './recorded-log.js';
import type { Fields, RecordedLog } from './recorded-log.js';
import { checkMerged, checkTotals, checkTrace } from './trace-golden.js';
import type { TraceBytes } from './trace-golden.js';

/** How a check came out. */
export type Outcome =
  | { readonly status: 'passed'; readonly note: string }
  | { readonly status: 'failed'; readonly difference: Difference }
  | { readonly status: 'skipped'; readonly note: string };

/** One line of the report. */
export interface ConformCheck {
  /** Part of the file, '' for all of it. */
  readonly part: string;
  run(): Outcome | Promise<Outcome>;
}

/** Where a golden finds its traces: by base name anywhere below its folder. */
export type FindTrace = (name: string) => Promise<TraceBytes | null>;

const skipped = (note: string): Outcome => ({ status: 'skipped', note });
const failed = (difference: Difference): Outcome => ({ status: 'failed', difference });
const outcome = (difference: Difference | null, note: string): Outcome =>
  difference === null ? { status: 'passed', note } : failed(difference);
const single = (run: ConformCheck['run']): ConformCheck[] => [{ part: '', run }];

/** Names that recorded logs go by: one with a broken header is still reported. */
const LOG_NAME = /^(blockpool|kvm|radix|radixreq|hash)[-_.].*\.jsonl$/;

/** Checks of a JSON Lines file; none when it is no recorded log. */
export function logChecks(core: Core, name: string, text: string): ConformCheck[] {
  if (!looksRecorded(text.slice(0, 200)) && !LOG_NAME.test(name)) return [];
  let log: RecordedLog;
  try {
    log = parseLog(text);
  } catch (error) {
    if (error instanceof BrokenLog) return single(() => failed(error.difference));
    throw error;
  }
  if (log.family === 'hash') return hashChecks(core, log);
  return single(() => {
    try {
      return replayLog(core, log);
    } catch (error) {
      if (error instanceof BrokenLog) return failed(error.difference);
      throw error;
    }
  });
}

function replayLog(core: Core, log: RecordedLog): Outcome {
  const note = `${log.entries.length} operations`;
  if (log.entries.length === 0) {
    return failed(broken(log.header.line, 'log', 'operations behind the header', 'none'));
  }
  switch (log.family) {
    case 'blockpool':
      return outcome(replayBlockPoolLog(core, log), note);
    case 'kvmanager':
      return outcome(replayKvManagerLog(core, log), note);
    case 'radix':
      return outcome(replayRadixLog(core, log), note);
    case 'radix-req':
      return outcome(replayRadixRequestLog(core, log), note);
    default:
      return skipped(`family ${log.family} is not built yet`);
  }
}

/** The hash file mixes rows of several engines. */
function hashChecks(core: Core, log: RecordedLog): ConformCheck[] {
  const ops = [...new Set(log.entries.map(({ op }) => op))];
  return ops.map((op) => ({
    part: op,
    run: () => {
      if (!HASH_OPS_BUILT.includes(op)) return skipped(`hash ${op} is not built yet`);
      const rows = log.entries.filter((entry) => entry.op === op).length;
      return outcome(replayHashLog(core, log, op), `${rows} rows`);
    },
  }));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

function parseJson(text: string): { value: unknown } | { difference: Difference } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const at = /position (\d+)/.exec(String(error));
    const line = lineOf(text, at === null ? text.length : Number(at[1]));
    return { difference: broken(line, 'cut or broken file', 'a JSON object', String(error)) };
  }
}

/** Checks of a `golden-*.json` file. */
export function goldenChecks(core: Core, text: string, find: FindTrace): ConformCheck[] {
  const parsed = parseJson(text);
  if ('difference' in parsed) return single(() => failed(parsed.difference));
  const { value } = parsed;
  if (!isFields(value) || Object.keys(value).length === 0) {
    return single(() => failed(broken(1, 'golden', 'an object of trace results', value)));
  }
  if (Array.isArray(value['files'])) return single(() => mergedOutcome(core, value, find));
  return Object.entries(value).map(([name, golden]) => {
    const line = lineOf(text, text.indexOf(JSON.stringify(name)));
    return { part: name, run: () => entryOutcome(core, name, golden, line, find) };
  });
}

async function mergedOutcome(core: Core, golden: Fields, find: FindTrace): Promise<Outcome> {
  const traces: TraceBytes[] = [];
  for (const name of golden['files'] as unknown[]) {
    const trace = await find(String(name));
    if (trace === null) return skipped(`no ${String(name)} below this folder`);
    traces.push(trace);
  }
  const { length } = traces;
  if (length === 0) return failed(broken(1, 'files', 'names of traces', 'none'));
  return guarded(1, `${length} traces in one cache`, () => checkMerged(core, golden, 1, traces));
}

async function entryOutcome(
  core: Core,
  name: string,
  golden: unknown,
  line: number,
  find: FindTrace,
): Promise<Outcome> {
  if (!isFields(golden)) return failed(broken(line, name, 'an object', golden));
  const totals = 'sessions' in golden;
  if (!totals && !('lru' in golden) && !('infinite' in golden)) {
    return skipped('neither trace results nor totals: a layout that is not built yet');
  }
  const trace = await find(name);
  if (trace === null) return skipped(`no ${name} below this folder`);
  const note = `${String(golden['requests'])} requests`;
  return guarded(line, note, () => (totals ? checkTotals : checkTrace)(core, golden, line, trace));
}

/** A trace that cannot be read is a difference like any other. */
async function guarded(
  line: number,
  note: string,
  check: () => Promise<Difference | null>,
): Promise<Outcome> {
  try {
    return outcome(await check(), note);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'UserError') throw error;
    return failed(broken(line, 'trace', 'a readable trace', error.message));
  }
}

/** Checks of a `manifest.json`; none when it lists no recorded behaviour. */
export function manifestChecks(
  numeric: () => NumericCore,
  text: string,
  path: string,
  read: ReadFile,
): ConformCheck[] {
  const parsed = parseJson(text);
  if ('difference' in parsed) return single(() => failed(parsed.difference));
  return numericChecks(numeric, parsed.value, path, read);
}
