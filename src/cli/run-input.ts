// SPDX-License-Identifier: Apache-2.0
/** What `run` was asked for -> one resolved spec. Later sources win, `--set` after all others. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  applyAssignments,
  mergeCatalogs,
  parseCatalog,
  parseRunSpec,
  parseSlo,
  readConfigText,
  type RunSpec,
} from '../config/index.js';
import { valueAt } from '../config/issues.js';
import { didYouMean } from '../config/suggest.js';
import { UserError } from '../core/user-error.js';
import { presetNames, readPreset } from '../node/preset.js';
import { ownCatalog } from './own-catalog.js';

export interface RunArguments {
  /** A config file, a preset or a trace; the built-in session when absent. */
  readonly what?: string | undefined;
  /** A trace that replaces the one of the config. */
  readonly trace?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly seed?: string | undefined;
  readonly slo?: readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly replicas?: string | undefined;
  readonly lanes?: string | undefined;
  /** API tariffs that bill the same tokens. */
  readonly tariff?: readonly string[] | undefined;
  /** Files with devices, models and tariffs of the user's own. */
  readonly catalog?: readonly string[] | undefined;
}

export interface RunInput {
  readonly spec: RunSpec;
  /** Names the source in messages: a file, a preset or `--set`. */
  readonly source: string;
}

type Config = Record<string, unknown>;

const defaultPreset = 'seed-session';
const peekBytes = 4096;

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function peek(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(peekBytes);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, peekBytes, 0));
  } finally {
    closeSync(file);
  }
}

/** A .json file can be either: a trace shows its requests or block ids at the start. */
function isConfigFile(path: string): boolean {
  if (/\.ya?ml$/i.test(path)) return true;
  if (!/\.json$/i.test(path)) return false;
  const start = peek(path);
  if (/"(block_size|hash_ids|requests|hash_id_scope)"\s*:/.test(start)) return false;
  return start.trim() === '{}' || /"(schema|pools|workload|slo|limits|seed)"\s*:/.test(start);
}

function presetConfig(name: string): Config {
  return readConfigText(readPreset(name)!, `preset ${name}`) as Config;
}

function withTrace(config: Config, path: string): Config {
  const workload = (config['workload'] ?? { kind: 'trace' }) as Config;
  if (workload['kind'] === 'trace') return { ...config, workload: { ...workload, path } };
  throw new UserError(`"${String(workload['kind'])}" generates its requests and takes no trace`, {
    path: 'workload.kind',
  });
}

/** A trace alone runs on the cluster of the built-in session. */
function traceConfig(path: string): Config {
  const name = basename(path).replace(/(?<=.)\..*$/, '');
  return withTrace({ ...presetConfig(defaultPreset), name }, path);
}

function load(what: string | undefined): { config: Config; source: string } {
  if (what === undefined) return load(defaultPreset);
  if (presetNames().includes(what)) {
    return { config: presetConfig(what), source: `preset ${what}` };
  }
  if (what.startsWith('builtin:')) return { config: traceConfig(what), source: what };
  if (isFolder(what)) return { config: traceConfig(what), source: what };
  if (!isFile(what)) {
    const hint = didYouMean(what, presetNames());
    const allowed = hint === '' ? `, presets: ${presetNames().join(', ')}` : hint;
    throw new UserError(`no such file or preset${allowed}`, { file: what });
  }
  if (!isConfigFile(what)) return { config: traceConfig(what), source: what };
  const config = readConfigText(readFileSync(what, 'utf8'), what);
  return { config: config as Config, source: what };
}

/** The short flags are assignments in other words. */
function flagAssignments(config: Config, given: RunArguments): string[] {
  const all: string[] = [];
  if (given.replicas !== undefined) {
    const pools = Array.isArray(config['pools']) ? config['pools'].length : 1;
    for (let i = 0; i < pools; i++) all.push(`pools.${i}.replicas=${given.replicas}`);
  }
  if (given.format !== undefined) all.push(`workload.format=${given.format}`);
  if (given.lanes !== undefined) all.push(`workload.lanes=${given.lanes}`);
  if (given.seed !== undefined) all.push(`seed=${given.seed}`);
  if (given.tariff !== undefined) all.push(`tariffs=${JSON.stringify(given.tariff)}`);
  for (const [key, limit] of Object.entries(givenSlo(given.slo))) all.push(`slo.${key}=${limit}`);
  return [...all, ...(given.set ?? [])];
}

function givenSlo(texts: readonly string[] | undefined): Record<string, number> {
  return texts === undefined || texts.length === 0 ? {} : parseSlo(texts.join(','));
}

/** Entries of the files stand before those of the config. */
function withCatalog(config: Config, files: readonly string[] | undefined, source: string): Config {
  const own = ownCatalog(files);
  if (own === undefined) return config;
  const inline = config['catalog'];
  if (inline === undefined) return { ...config, catalog: own };
  return { ...config, catalog: mergeCatalogs([parseCatalog(inline, source), own]) };
}

export function resolveRun(given: RunArguments): RunInput {
  const { config, source } = load(given.what);
  if (typeof config !== 'object' || config === null) parseRunSpec(config, source);
  const traced = given.trace === undefined ? config : withTrace(config, given.trace);
  const extended = withCatalog(traced, given.catalog, source);
  const data = applyAssignments(extended, flagAssignments(extended, given));
  if (valueAt(data, ['workload', 'path']) === '') {
    throw new UserError(`needs a trace: kvloom run ${given.what ?? ''} TRACE`, {
      file: source,
      path: 'workload.path',
    });
  }
  return { spec: parseRunSpec(data, source), source };
}
