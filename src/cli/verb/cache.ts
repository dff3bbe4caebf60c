// SPDX-License-Identifier: Apache-2.0
/** `kvloom cache`: what a prefix cache would hit on a trace, without simulating a cluster. */
import { Command, Option } from 'commander';
import { globalOptions, printNote, printResult, type GlobalOptions } from '../context.js';

const examples = `Examples:
  $ kvloom cache session.json.gz
  $ kvloom cache session.json.gz --lru 256,1024,4096 --belady
  $ kvloom cache traces/*.json.gz --merge --stagger 600 --ttl 300,3600 --json
`;

interface Options {
  readonly lru?: string;
  readonly ttl?: string;
  readonly belady?: boolean;
  readonly blockSize?: string;
  readonly merge?: boolean;
  readonly stagger?: string;
  readonly format?: string;
}

const DEFAULT_LRU = '1024,2048,4096,8192,16384';
const DEFAULT_TTL = '300,3600';

export function command(): Command {
  return new Command('cache')
    .description(
      'Replay a trace through the prefix cache: infinite, LRU, TTL and the optimum (Belady).\n' +
        'Prompts only: generated tokens are not inserted, requests do not overlap.',
    )
    .argument('<traces...>', 'trace files or folders')
    .option('--lru <blocks>', 'capacities in blocks, comma separated')
    .option('--ttl <seconds>', 'times to live, comma separated')
    .option('--belady', 'also the offline optimum at each capacity')
    .option('--block-size <tokens>', 'block size of the engine (default: that of the trace)')
    .option('--merge', 'serve all traces from one cache')
    .addOption(
      new Option('--stagger <seconds>', 'with --merge: session i starts i times that later'),
    )
    .option('--format <name>', 'trace format instead of the detected one')
    .addHelpText('before', examples)
    .action(async (traces: readonly string[], options: Options, self) => {
      await replay(traces, options, globalOptions(self as Command));
    });
}

async function numbers(text: string, path: string, integer: boolean): Promise<number[]> {
  const values = text.split(',').map(Number);
  const ok = (value: number): boolean => value > 0 && value < 2 ** 31;
  if (values.every((value) => ok(value) && (!integer || Number.isInteger(value)))) return values;
  const { UserError } = await import('../../core/user-error.js');
  const allowed = integer ? 'whole numbers from 1 on' : 'numbers above 0';
  throw new UserError('must be a comma separated list', { path }, { got: text, allowed });
}

async function studyOptions(options: Options) {
  const none = options.lru === undefined && options.ttl === undefined && !options.belady;
  const lru = options.lru ?? (none || options.belady ? DEFAULT_LRU : undefined);
  const ttl = options.ttl ?? (none ? DEFAULT_TTL : undefined);
  return {
    lru: lru === undefined ? [] : await numbers(lru, 'lru', true),
    ttl: ttl === undefined ? [] : await numbers(ttl, 'ttl', false),
    belady: none || (options.belady ?? false),
  };
}

/** Seconds between the starts of merged sessions. */
async function staggerOf({ stagger, merge }: Options): Promise<number> {
  if (stagger === undefined) return 0;
  if (merge === true) return (await numbers(stagger, 'stagger', false))[0];
  const { UserError } = await import('../../core/user-error.js');
  throw new UserError('has a meaning only together with --merge', { path: 'stagger' });
}

async function replay(
  paths: readonly string[],
  options: Options,
  globals: GlobalOptions,
): Promise<void> {
  const study = await studyOptions(options);
  const [blockSize] = options.blockSize === undefined
    ? [undefined]
    : await numbers(options.blockSize, 'block-size', true);
  const stagger = await staggerOf(options);
  const { listTraceFiles, openChunks } = await import('../../node/files.js');
  const { checkFormat, readWorkloads } = await import('../../workload/index.js');
  const { runCacheStudy } = await import('../cache-report.js');
  const read = options.format === undefined
    ? {}
    : { format: checkFormat(options.format, { path: 'format' }) };
  const files = [...new Set((await Promise.all(paths.map(listTraceFiles))).flat())];
  const groups = options.merge === true ? [files] : files.map((file) => [file]);
  const reports = [];
  for (const group of groups) {
    // In the order given: it says which session starts when.
    const workload = await readWorkloads(
      group.map((file) => ({ chunks: openChunks(file), options: { ...read, file } })),
    );
    reports.push(runCacheStudy(group, workload, blockSize, stagger, study));
  }
  const { cacheJson, cacheText } = await import('../cache-report.js');
  if (globals.json) printResult(JSON.stringify(cacheJson(reports), null, 2));
  else printResult(reports.map(cacheText).join('\n\n'));
  printNote('hit: blocks of prompts only; generated tokens are never inserted', globals);
}
