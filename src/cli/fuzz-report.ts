// SPDX-License-Identifier: Apache-2.0
/** What `kvloom fuzz` prints. */
import type {
  Campaign, CampaignSettings, FuzzFailure, FuzzKind, KindResult,
} from '../fuzz/index.js';

const perSecond = (operations: number, seconds: number): number =>
  Math.round(operations / Math.max(seconds, 1e-3));

/** A line a kernel, and one for the variants of it. */
export function describe(result: KindResult): string {
  const { kind, seed, operations, operationsNow, secondsNow, variants, failure } = result;
  const rate = `${perSecond(operationsNow, secondsNow)}/s`;
  const now = operationsNow === operations ? '' : ` (${operationsNow} of them now)`;
  const time = `in ${secondsNow.toFixed(1)} s, ${rate}, seed ${seed}`;
  const status = failure === null ? 'ok' : 'failed';
  const line = `${status.padEnd(7)} ${kind}: ${operations} operations${now} ${time}`;
  const parts = Object.entries(variants).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? line : `${line}\n          ${parts.join(', ')}`;
}

export function totalLine(campaign: Campaign, workers: number, seconds: number): string {
  const rate = `${perSecond(campaign.doneNow, seconds)}/s`;
  const threads = workers === 1 ? '' : `, ${workers} threads`;
  const time = `in ${seconds.toFixed(1)} s, ${rate}${threads}`;
  return `total   ${campaign.done} operations ${time}, digest ${campaign.digest}`;
}

/** A failure with the command that replays it; `file` is where it was saved, or ''. */
export function describeFailure(
  { seed, build }: Pick<CampaignSettings, 'seed' | 'build'>,
  kind: FuzzKind,
  failure: FuzzFailure,
  file: string,
): string {
  const { episode, message, originalOperations, operations, program } = failure;
  const often = failure.every === 1 ? '' : ` --every ${failure.every}`;
  const replay = `kvloom fuzz ${kind} --seed ${seed} --${build}${often} --replay ${program}`;
  return [
    `failed  ${kind}: seed ${seed}, program ${episode}, ${build} build`,
    `  ${message}`,
    `  program (${originalOperations} operations shrunk to ${operations}):`,
    `  ${program}`,
    `  replay: ${replay}`,
    ...(file === '' ? [] : [`  saved: ${file}`]),
  ].join('\n');
}
