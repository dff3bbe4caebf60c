// SPDX-License-Identifier: Apache-2.0
/** `kvloom bench`: kernels against native code, whole simulations, and both against the past. */
import { Command, Option } from 'commander';
import type { ContextResult } from '../../bench/context.js';
import type {
  BenchReport, CostResult, KernelResult, KvOptions, KvResult, SimOutcome, SimResult,
} from '../../bench/index.js';
import { breathe, globalOptions, interrupted, printNote, printResult } from '../context.js';
import type { GlobalOptions } from '../context.js';
import { Exit } from '../exit.js';
import { startProgress } from '../progress.js';

const examples = `Examples:
  $ kvloom bench                                    all kernels
  $ kvloom bench pool tree --quick
  $ kvloom bench --save before.json
  $ kvloom bench --against before.json --fail-if slower=10%
  $ kvloom bench sim chat-5k
  $ kvloom bench kv                                 pool and tree on recorded streams
  $ kvloom bench kv --trace session.json --trace chat.jsonl
  $ kvloom bench context                            a turn at 64K .. 1M tokens of context
  $ kvloom bench cost                               a call of the operation cost model
  $ kvloom bench numeric                            number formats, verification, routing
  $ kvloom bench router-trace                       router index on recorded requests
`;

interface Options {
  readonly quick?: boolean;
  readonly native: boolean;
  readonly traces?: string;
  readonly trace?: readonly string[];
  readonly save?: string;
  readonly against?: string;
  readonly failIf?: string;
  readonly repeats?: string;
  readonly inProcess?: string;
}

/** Timed ms of a build in a round, and rounds. */
const EFFORT = { quick: { ms: 40, rounds: 2 }, full: { ms: 40, rounds: 15 } } as const;
const KV_EFFORT = { quick: { ms: 25, rounds: 3 }, full: { ms: 40, rounds: 11 } } as const;

export function command(): Command {
  return new Command('bench')
    .description('Measure the kernels against native code, or whole simulations.')
    .argument(
      '[what...]',
      'kernels, pool, tree, heap, hash, a case, sim, a scenario, ' +
        'kv, context, cost, numeric, router-trace',
    )
    .option('--quick', 'fewer and shorter rounds')
    .option('--no-native', 'leave out the C++ side')
    .option('--traces <dir>', 'folder with a merged golden to take the request stream from')
    .option('--trace <file...>', 'traces for kv and router-trace instead of those at hand')
    .option('--save <file>', 'write the result as JSON')
    .option('--against <file>', 'compare with a saved result')
    .option('--fail-if <rule>', 'slower=10%: exit 3 when a case is slower by more (--against)')
    .option('--repeats <n>', 'runs of a simulation after its warm-up')
    .addOption(new Option('--in-process <scenario>').hideHelp())
    .addHelpText('before', examples)
    .action(async (what: string[], options: Options, self) => {
      const globals = globalOptions(self as Command);
      process.exitCode =
        options.inProcess === undefined
          ? await bench(what, options, globals)
          : await benchScenario(options.inProcess, options);
    });
}

async function fail(problem: string, path: string): Promise<never> {
  const { UserError } = await import('../../core/user-error.js');
  throw new UserError(problem, { path });
}

/** Which cases and scenarios the words name. */
async function select(what: readonly string[]) {
  const module = await import('../../bench/index.js');
  const { benchCases, FAMILIES, numericCases, simScenarios } = module;
  const words = what.length === 0 ? ['kernels'] : what;
  const names = simScenarios.map(({ name }) => name);
  const ids = [...benchCases, ...numericCases].map(({ id }) => id);
  const more = ['kv', 'context', 'cost', 'numeric', 'router-trace'];
  const known = ['kernels', ...FAMILIES, ...ids, 'sim', ...names, ...more];
  for (const word of words) {
    if (known.includes(word)) continue;
    const { didYouMean } = await import('../../config/suggest.js');
    const hint = didYouMean(word, known) || `, allowed: ${known.join(', ')}`;
    await fail(`no "${word}" to measure${hint}`, 'bench');
  }
  const picks = (...each: string[]): boolean => each.some((name) => words.includes(name));
  const anyScenario = picks(...names);
  return {
    cases: benchCases.filter(({ id, family }) => picks('kernels', family, id)),
    scenarios: simScenarios.filter(({ name }) => picks(name) || (picks('sim') && !anyScenario)),
    context: picks('context'),
    cost: picks('cost'),
    kv: picks('kv'),
    numeric: numericCases.filter(({ id }) => picks('numeric', id)),
    routerTrace: picks('router-trace'),
  };
}

async function bench(
  what: readonly string[],
  options: Options,
  globals: GlobalOptions,
): Promise<number> {
  const picked = await select(what);
  const { cases, scenarios, context: withContext, kv: withKv } = picked;
  if (options.trace !== undefined && !withKv && !picked.routerTrace) {
    await fail('goes with "kv" or "router-trace"', 'trace');
  }
  const limit = await readLimit(options);
  const then = options.against === undefined ? null : await readReport(options.against);
  const { describeMachine } = await import('../../node/bench-machine.js');
  const { version } = await import('../version.js');
  const { REPORT_FORMAT } = await import('../../bench/index.js');
  const empty = { kernels: [] as KernelResult[], stream: null, native: null };
  const measured = cases.length === 0 ? empty : await benchKernels(cases, options, globals);
  const sim: SimResult[] = [];
  for (const { name } of scenarios) {
    const result = await benchInChild(name, options, globals);
    if (result !== null) sim.push(result);
  }
  const context = withContext ? await benchContexts(options) : [];
  const kv = withKv ? await benchKv(options, globals) : null;
  const facts = { format: REPORT_FORMAT, kvloom: version(), machine: describeMachine() } as const;
  const { benchNumeric } = await import('../bench-numeric.js');
  const numeric = await benchNumeric(picked.numeric, options, globals);
  const native = kv?.native ?? numeric?.native ?? measured.native;
  const rows = kv === null ? {} : { kv: kv.rows };
  const { benchRouterTrace } = await import('../bench-router.js');
  const routed = picked.routerTrace ? await benchRouterTrace(options, globals) : null;
  const more = {
    ...rows,
    ...(picked.cost ? { cost: await benchCosts(options) } : {}),
    ...(numeric === null ? {} : { numeric: numeric.rows }),
    ...(routed === null ? {} : { routerTrace: routed }),
  };
  const report: BenchReport = { ...facts, ...measured, native, sim, context, ...more };
  if (options.save !== undefined) await saveReport(options.save, report);
  return printReport(report, then, limit, globals);
}

async function benchKernels(
  cases: Awaited<ReturnType<typeof select>>['cases'],
  options: Options,
  globals: GlobalOptions,
): Promise<Pick<BenchReport, 'kernels' | 'stream' | 'native'>> {
  const { runKernels } = await import('../../bench/index.js');
  const { loadBenchStream } = await import('../../node/bench-stream.js');
  const { openNativeBench } = await import('../../node/native-bench.js');
  const { openLane } = await import('../../node/bench-lane.js');
  const stream = loadBenchStream(options.traces);
  const native = options.native ? await openNativeBench(stream) : { skipped: '--no-native' };
  const effort = options.quick === true ? EFFORT.quick : EFFORT.full;
  const progress = startProgress('measuring', globals);
  let done = 0;
  try {
    const kernels = await runKernels(cases, {
      stream,
      native: 'run' in native ? native.run : null,
      ...effort,
      openLane,
      async onRound({ id }) {
        progress.update(++done, cases.length * effort.rounds, id);
        await breathe();
        interrupted.throwIfAborted();
      },
    });
    const { name, start, ids } = stream;
    return {
      kernels,
      native: 'run' in native ? { compiler: native.compiler } : native,
      stream: { name, requests: start.length - 1, ids: ids.length },
    };
  } finally {
    progress.stop();
  }
}

/** Pool and tree on each stream. Without a compiler the native columns stay empty. */
async function benchKv(
  options: Options,
  globals: GlobalOptions,
): Promise<{ rows: KvResult[]; native: BenchReport['native'] }> {
  const { kvRounds, runKv } = await import('../../bench/index.js');
  const { loadKvStreams } = await import('../../node/kv-streams.js');
  const { openNativeBench } = await import('../../node/native-bench.js');
  const { openLane } = await import('../../node/bench-lane.js');
  const streams = await loadKvStreams(options.trace);
  let native: BenchReport['native'] = { skipped: '--no-native' };
  const progress = startProgress('measuring', globals);
  let done = 0;
  const kv: KvOptions = {
    streams,
    ...(options.quick === true ? KV_EFFORT.quick : KV_EFFORT.full),
    openLane,
    async native(stream) {
      if (!options.native) return null;
      const side = await openNativeBench(stream);
      native = 'run' in side ? { compiler: side.compiler } : side;
      return 'run' in side ? side.run : null;
    },
    async onRound({ id }) {
      progress.update(++done, kvRounds(kv), id);
      await breathe();
      interrupted.throwIfAborted();
    },
  };
  try {
    return { rows: await runKv(kv), native };
  } finally {
    progress.stop();
  }
}

/** CPU time in ms: what other processes take in between does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function benchContexts(options: Options): Promise<ContextResult[]> {
  const { benchContext } = await import('../../bench/context.js');
  return benchContext(cpuMs, options.quick === true ? 3 : 21);
}

async function benchCosts(options: Options): Promise<CostResult[]> {
  const { benchCost } = await import('../../bench/cost.js');
  return benchCost(cpuMs, options.quick === true ? 3 : 21);
}

async function repeatsOf({ repeats, quick }: Options): Promise<number> {
  const count = Number(repeats ?? (quick === true ? 2 : 5));
  if (Number.isInteger(count) && count > 0) return count;
  return fail(`must be a whole number above 0, got ${repeats}`, 'repeats');
}

/** Null, with a note, when the trace of the scenario is not on this machine. */
async function benchInChild(
  name: string,
  options: Options,
  globals: GlobalOptions,
): Promise<SimResult | null> {
  const { simScenarios } = await import('../../bench/index.js');
  const { runInChild, scenarioTrace } = await import('../../node/sim-bench.js');
  const scenario = simScenarios.find((each) => each.name === name)!;
  if (scenarioTrace(scenario) === null) {
    printNote(`skipped ${name}: no ${scenario.trace} (set KVLOOM_DATA)`, globals);
    return null;
  }
  return runInChild(name, await repeatsOf(options));
}

/** The child's side: one scenario, its result on stdout. */
async function benchScenario(name: string, options: Options): Promise<number> {
  const { runSim, simScenarios } = await import('../../bench/index.js');
  const { processMeter, scenarioTrace } = await import('../../node/sim-bench.js');
  const { readyPreset } = await import('../ready-preset.js');
  const { loadWorkload } = await import('../../node/load-workload.js');
  const { loadCore } = await import('../../core/load.js');
  const { simulate } = await import('../../run/index.js');
  const { summarize } = await import('../../metrics/index.js');
  const { createHash } = await import('node:crypto');
  const scenario = simScenarios.find((each) => each.name === name);
  if (scenario === undefined) return fail(`no scenario "${name}"`, 'in-process');
  const given = { what: name, trace: scenarioTrace(scenario) ?? undefined };
  // As `run` does it: the schema is read for what is no preset alone.
  const spec = readyPreset(given) ?? (await import('../run-input.js')).resolveRun(given).spec;
  // One memory for all runs, empty at the start of each: how long the collector keeps the last
  // run's would be measured otherwise.
  const core = loadCore();
  const empty = core.snapshot();
  const runner = async (): Promise<SimOutcome> => {
    core.restore(empty);
    const workload = await loadWorkload(core, spec);
    const sha256 = createHash('sha256');
    const { digest, records } = simulate(spec, workload, { core, sha256 });
    const { requests, cache } = summarize(records, { exactRequests: spec.limits.exactRequests });
    const { count, preemptions } = requests;
    return { requests: count, digest, hitRate: cache.lookupHitRate, preemptions };
  };
  const result = await runSim(scenario, runner, processMeter, await repeatsOf(options));
  printResult(JSON.stringify(result));
  return Exit.ok;
}

async function readLimit({ failIf, against }: Options): Promise<number | null> {
  if (failIf === undefined) return null;
  const match = /^slower=(\d+(?:\.\d+)?)%$/.exec(failIf);
  if (match === null) return fail(`must read slower=10%, got "${failIf}"`, 'fail-if');
  if (against === undefined) return fail('needs --against', 'fail-if');
  return Number(match[1]) / 100;
}

async function readReport(file: string): Promise<BenchReport> {
  const { UserError } = await import('../../core/user-error.js');
  const { readFileSync } = await import('node:fs');
  const { parseReport } = await import('../../bench/index.js');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(code === 'ENOENT' ? 'no such file' : String(code), { file });
  }
  const report = parseReport(text);
  if ('problem' in report) throw new UserError(report.problem, { file });
  return report;
}

async function saveReport(file: string, report: BenchReport): Promise<void> {
  const { writeFileWhole } = await import('../../node/atomic.js');
  writeFileWhole(file, `${JSON.stringify(report, null, 2)}\n`);
}

async function printReport(
  report: BenchReport,
  then: BenchReport | null,
  limit: number | null,
  globals: GlobalOptions,
): Promise<number> {
  const module = await import('../../bench/index.js');
  const { compareReports, slowerThan, headLines } = module;
  const { kernelRows, simRows, contextRows, changeRows } = module;
  const changes = then === null ? null : compareReports(report, then);
  const slower = changes === null || limit === null ? [] : slowerThan(changes, limit);
  if (globals.json) {
    const all = { ...report, changes, slower: slower.map(({ id }) => id) };
    printResult(JSON.stringify(all, null, 2));
  } else {
    const { formatTable } = await import('../table.js');
    const numbers = ['left', 'left', ...Array<'right'>(7).fill('right')] as const;
    const parts = [headLines(report).join('\n')];
    if (report.kernels.length > 0) parts.push(formatTable(kernelRows(report.kernels), numbers));
    if (report.kv !== undefined) {
      const [times, totals] = [module.kvRows(report.kv), module.kvTotalRows(report.kv)];
      parts.push(`${formatTable(times, numbersOf(times))}\n${module.KV_NOTE}`);
      parts.push(formatTable(totals, numbersOf(totals)));
    }
    if (report.numeric !== undefined) {
      const tables = [module.numericRows(report.numeric), module.numericRatioRows(report.numeric)];
      parts.push(...tables.map((rows) => formatTable(rows, numbersOf(rows))), module.NUMERIC_NOTE);
    }
    if (report.routerTrace !== undefined) {
      const rows = module.routerStreamRows(report.routerTrace);
      parts.push(`${formatTable(rows, numbersOf(rows))}\n${module.ROUTER_NOTE}`);
    }
    if (report.sim.length > 0) {
      parts.push(formatTable(simRows(report.sim), ['left', ...numbers.slice(2)]));
    }
    if (report.context.length > 0) {
      parts.push(formatTable(contextRows(report.context), Array<'right'>(9).fill('right')));
    }
    if (report.cost !== undefined) {
      const table = module.costRows(report.cost);
      parts.push(formatTable(table, ['left', ...Array<'right'>(5).fill('right')]));
    }
    if (changes !== null) {
      parts.push(formatTable(changeRows(changes), ['left', 'right', 'left', 'left']));
    }
    for (const { id, value } of slower) parts.push(`slower: ${id} ${value.toFixed(2)}x`);
    printResult(parts.join('\n\n'));
  }
  return slower.length > 0 ? Exit.sloMissed : Exit.ok;
}

/** The first two columns are words. */
function numbersOf([head]: string[][]): ('left' | 'right')[] {
  return head.map((_, i) => (i < 2 ? 'left' : 'right'));
}
