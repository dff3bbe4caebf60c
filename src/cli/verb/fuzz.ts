// SPDX-License-Identifier: Apache-2.0
/** `kvloom fuzz`: random programs against the kernels and their twins. */
import { Command, Argument } from 'commander';
import type { Campaign, CampaignSettings, FuzzKind } from '../../fuzz/index.js';
import { FUZZ_KINDS } from '../../fuzz/program.js';
import { globalOptions, interrupted, printNote, printResult } from '../context.js';
import { breathe, type GlobalOptions } from '../context.js';
import { Exit } from '../exit.js';
import { startProgress } from '../progress.js';
import { replayProgram } from '../fuzz-replay.js';
import { describe, describeFailure, totalLine } from '../fuzz-report.js';

const examples = `Examples:
  $ kvloom fuzz                             1 M operations, shared by the kernels
  $ kvloom fuzz radix --seed 7 --ops 100000000
  $ kvloom fuzz all --ops 1e9 --workers 2 --state fuzz.json
  $ kvloom fuzz --time 60                   a minute
  $ kvloom fuzz --replay 6b766c660100...    a program that failed, or a file with one
`;

interface Options {
  readonly seed: string;
  readonly ops?: string;
  readonly every?: string;
  readonly strictOps: string;
  readonly time?: string;
  readonly workers: string;
  readonly state?: string;
  readonly save?: string;
  readonly replay?: string;
  readonly simd?: boolean;
  readonly scalar?: boolean;
}

const DEFAULT_OPERATIONS = 1_000_000;
const STRICT_OPERATIONS = 10_000;
const MOST_WORKERS = 256;
/** An interrupt is heard that often. */
const BREATH_MS = 50;

export function command(): Command {
  return new Command('fuzz')
    .description('Run random programs on the kernels and their twins; shrink what differs.')
    .addArgument(
      new Argument('[kernel]', 'one kernel, or all').choices([...FUZZ_KINDS, 'all']).default('all'),
    )
    .option('--seed <n>', 'seed of the programs', '1')
    .option('--ops <n>', `operations in all (default: ${DEFAULT_OPERATIONS} without --time)`)
    .option('--every <k>', 'compare the whole state after each so many operations (default: 64)')
    .option('--strict-ops <m>', 'but after each of the first so many of a kernel',
      String(STRICT_OPERATIONS))
    .option('--time <seconds>', 'stop after that long')
    .option('--workers <n>', 'threads', '1')
    .option('--state <file>', 'keep what is done there, and go on from there')
    .option('--save <dir>', 'write a program that failed there')
    .option('--replay <program>', 'run one program, given as hex or as a file')
    .option('--simd', 'the build with SIMD (default: where it runs)')
    .option('--scalar', 'the build without SIMD')
    .addHelpText('before', examples)
    .action(async (kernel: FuzzKind | 'all', options: Options, self) => {
      const globals = globalOptions(self as Command);
      const every = options.every === undefined ? null : await whole(options, 'every', 1, 1e9);
      const build = await buildOf(options);
      const seed = await whole(options, 'seed', 0);
      process.exitCode = options.replay === undefined
        ? await run({ kernel, seed, every, build: build ?? (await bestBuild()) }, options, globals)
        : await replayProgram(options.replay, { kernel, seed, every, build }, globals);
    });
}

async function number(
  options: Options,
  name: keyof Options & string,
  least: number,
  most: number,
): Promise<number> {
  const text = String(options[name]);
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  const { UserError } = await import('../../core/user-error.js');
  const path = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UserError('must be a number', { path }, { got: text, allowed: `${least} to ${most}` });
}

async function whole(
  options: Options,
  name: keyof Options & string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  return Math.floor(await number(options, name, least, most));
}

type Build = CampaignSettings['build'];

async function buildOf({ simd, scalar }: Options): Promise<Build | null> {
  if (simd === true && scalar === true) {
    const { UserError } = await import('../../core/user-error.js');
    throw new UserError('does not go with --scalar', { path: 'simd' });
  }
  return simd === true ? 'simd' : scalar === true ? 'scalar' : null;
}

async function bestBuild(): Promise<Build> {
  const { simdSupported } = await import('../../core/load.js');
  return simdSupported() ? 'simd' : 'scalar';
}

interface Asked {
  readonly kernel: FuzzKind | 'all';
  readonly seed: number;
  readonly every: number | null;
  readonly build: Build;
}

async function run(
  { kernel, seed, every, build }: Asked,
  options: Options,
  globals: GlobalOptions,
): Promise<number> {
  const module = await import('../../fuzz/index.js');
  const node = await import('../../node/fuzz-campaign.js');
  const seconds = options.time === undefined ? Infinity : await number(options, 'time', 0, 1e9);
  const fallback = seconds === Infinity ? DEFAULT_OPERATIONS : Infinity;
  const operations = options.ops === undefined ? fallback : await whole(options, 'ops', 0);
  const workers = await whole(options, 'workers', 1, MOST_WORKERS);
  const settings: CampaignSettings = {
    kind: kernel,
    seed,
    every: every ?? module.DEFAULT_EVERY,
    strictOperations: await whole(options, 'strictOps', 0),
    build,
    kernels: node.kernelsDigest(build),
  };
  const { state = null, save } = options;
  if (save !== undefined) await prepareFolder(save);
  const records = state === null ? {} : node.readState(state, settings);
  const campaign = new module.Campaign(settings, module.sharesOf(kernel), operations, records);
  const began = performance.now();
  let breathed = began;
  const progress = progressOf(campaign, seconds, globals);
  const data = { settings, build };
  await node.runCampaign(campaign, {
    runners: workers === 1
      ? [node.localRunner(data)]
      : Array.from({ length: workers }, () => node.openRunner(data)),
    seconds,
    state,
    signal: interrupted,
    async onProgress() {
      const now = performance.now();
      if (now - breathed < BREATH_MS) return;
      breathed = now;
      progress.update();
      await breathe();
    },
    onFailure(kind, failure) {
      progress.stop();
      const file = save === undefined ? '' : node.saveFailure(save, settings, kind, failure);
      if (!globals.json) printResult(describeFailure(settings, kind, failure, file));
      else if (file !== '') printNote(`wrote ${file}`, globals);
    },
  });
  progress.stop();
  return report(campaign, workers, (performance.now() - began) / 1000, globals);
}

async function prepareFolder(folder: string): Promise<void> {
  const { makeFolder } = await import('../../node/atomic.js');
  makeFolder(folder);
}

/** Operations, rate, and how long it will still take. */
function progressOf(
  campaign: Campaign,
  seconds: number,
  globals: GlobalOptions,
): { update(): void; stop(): void } {
  const progress = startProgress(`fuzz ${campaign.settings.kind}`, globals);
  const began = performance.now();
  const total = Number.isFinite(campaign.operations) ? campaign.operations : 0;
  return {
    update() {
      const elapsed = (performance.now() - began) / 1000;
      const rate = campaign.doneNow / elapsed;
      const left = total > 0 ? (total - campaign.done) / rate : Infinity;
      const note = `${Math.round(rate)}/s  ${until(Math.min(left, seconds - elapsed))}`;
      progress.update(campaign.done, total, note);
    },
    stop: () => progress.stop(),
  };
}

function until(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  const rest = Math.floor(Math.max(0, seconds) % 60);
  return `${minutes}:${String(rest).padStart(2, '0')} left`;
}

function report(
  campaign: Campaign,
  workers: number,
  seconds: number,
  globals: GlobalOptions,
): number {
  const { settings, digest } = campaign;
  const kernels = campaign.results();
  if (globals.json) {
    const totals = { ...settings, workers, operations: campaign.done, seconds, digest };
    printResult(JSON.stringify({ ...totals, kernels }, null, 2));
  } else {
    for (const result of kernels) printResult(describe(result));
    if (kernels.length > 1) printResult(totalLine(campaign, workers, seconds));
  }
  const broken = kernels.some(({ failure }) => failure !== null);
  return broken ? Exit.invariantBroken : Exit.ok;
}

