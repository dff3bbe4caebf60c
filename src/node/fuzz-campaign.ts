// SPDX-License-Identifier: Apache-2.0
/** Runs a campaign of the fuzzer on threads and keeps what is done in a file. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scalarWasm, simdWasm } from '../core/generated/wasm-bytes.js';
import { UserError } from '../core/user-error.js';
import { parseState, stateText } from '../fuzz/index.js';
import type {
  Campaign, CampaignSettings, FuzzFailure, FuzzKind, KindRecord,
} from '../fuzz/index.js';
import { writeFileWhole } from './atomic.js';
import type { Runner } from './fuzz-runner.js';

export { localRunner, makeTargets, openRunner } from './fuzz-runner.js';

/** Digest of a build of the kernels: what a state belongs to. */
export function kernelsDigest(build: 'simd' | 'scalar'): string {
  const bytes = Buffer.from(build === 'simd' ? simdWasm : scalarWasm, 'base64');
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** What is done by the file of a state; nothing when there is none yet. */
export function readState(file: string, settings: CampaignSettings): Record<string, KindRecord> {
  if (!existsSync(file)) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`cannot read the state of a fuzz run: ${code}`, { file });
  }
  return parseState(text, file, settings);
}

export function writeState(file: string, campaign: Campaign): void {
  writeFileWhole(file, stateText(campaign.settings, campaign.records()));
}

export interface CampaignOptions {
  readonly runners: readonly Runner[];
  /** No job begins after so many seconds. */
  readonly seconds: number;
  /** File of the state, or null. */
  readonly state: string | null;
  readonly signal: AbortSignal;
  /** After each job. */
  onProgress(): void | Promise<void>;
  onFailure(kind: FuzzKind, failure: FuzzFailure): void;
}

const SAVE_SECONDS = 5;

/** Runs what is left of the campaign, until time is up. */
export async function runCampaign(campaign: Campaign, options: CampaignOptions): Promise<void> {
  const { runners, seconds, state, signal } = options;
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const save = (): void => {
    if (state !== null) writeState(state, campaign);
  };
  save();
  let saved = 0;
  // An interrupt ends the process right behind its listeners.
  signal.addEventListener('abort', save);
  const pump = async (runner: Runner): Promise<void> => {
    while (!signal.aborted && elapsed() < seconds) {
      const job = campaign.next();
      if (job === null) return;
      const done = await runner.run(job);
      campaign.record(job, done.result, done.seconds);
      if (done.result.failure !== null) options.onFailure(job.kind, done.result.failure);
      if (elapsed() - saved >= SAVE_SECONDS) {
        saved = elapsed();
        save();
      }
      await options.onProgress();
    }
  };
  try {
    await Promise.all(runners.map(pump));
  } finally {
    signal.removeEventListener('abort', save);
    save();
    await Promise.all(runners.map((runner) => runner.close()));
  }
}

/** A failing program as a file of its own, for `kvloom fuzz --replay`. Returns its path. */
export function saveFailure(
  folder: string,
  settings: CampaignSettings,
  kind: FuzzKind,
  failure: FuzzFailure,
): string {
  const { seed, build, kernels } = settings;
  const { episode, every, message, operations, originalOperations, program, original } = failure;
  const file = join(folder, `${kind}-${build}-${seed}-${episode}.json`);
  writeFileWhole(file, `${JSON.stringify({
    format: 'kvloom-fuzz-program', version: 1, kind, seed, number: episode, build, kernels, every,
    message, operations, program, originalOperations, original,
  }, null, 2)}\n`);
  return file;
}
