// SPDX-License-Identifier: Apache-2.0
/** `kvloom fuzz`: random programs against the kernels and their twins. */
import { Command, Argument } from 'commander';
import type { FuzzFailure, FuzzKind, FuzzTarget } from '../../fuzz/index.js';
import { breathe, globalOptions, printResult, type GlobalOptions } from '../context.js';
import { Exit } from '../exit.js';
import { startProgress } from '../progress.js';

const examples = `Examples:
  $ kvloom fuzz                             1 M operations on every kernel
  $ kvloom fuzz radix --seed 7 --ops 100000000
  $ kvloom fuzz --time 60                   a minute, shared by the kernels
  $ kvloom fuzz --replay 6b766c660100...    a program that failed, or a file with one
`;

interface Options {
  readonly seed: string;
  readonly ops?: string;
  readonly time?: string;
  readonly replay?: string;
  readonly simd: string;
}

interface KindResult {
  readonly kind: FuzzKind;
  readonly seed: number;
  readonly operations: number;
  readonly seconds: number;
  readonly failure: FuzzFailure | null;
}

const DEFAULT_OPERATIONS = 1_000_000;
const SLICE_MS = 100;

export function command(): Command {
  return new Command('fuzz')
    .description('Run random programs on the kernels and their twins; shrink what differs.')
    .addArgument(
      new Argument('[kernel]', 'one kernel (default: all)')
        .choices(['pool', 'radix', 'heap', 'manager', 'router', 'suffix']),
    )
    .option('--seed <n>', 'seed of the programs', '1')
    .option('--ops <n>', `operations a kernel (default: ${DEFAULT_OPERATIONS} without --time)`)
    .option('--time <seconds>', 'stop after that long')
    .option('--replay <program>', 'run one program, given as hex or as a file')
    .option('--simd <build>', 'build of the kernels: auto, on or off', 'auto')
    .addHelpText('before', examples)
    .action(async (kernel: FuzzKind | undefined, options: Options, self) => {
      const globals = globalOptions(self as Command);
      process.exitCode = options.replay === undefined
        ? await run(kernel, options, globals)
        : await replayProgram(options.replay, options, globals);
    });
}

async function amount(text: string, path: string, most: number): Promise<number> {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  const { UserError } = await import('../../core/user-error.js');
  throw new UserError('must be a number', { path }, { got: text, allowed: `0 to ${most}` });
}

async function targetOf(kind: FuzzKind, simd: string): Promise<FuzzTarget> {
  if (simd !== 'auto' && simd !== 'on' && simd !== 'off') {
    const { UserError } = await import('../../core/user-error.js');
    throw new UserError('unknown build', { path: 'simd' }, { got: simd, allowed: 'auto, on, off' });
  }
  const { createTarget } = await import('../../fuzz/index.js');
  const { loadCore } = await import('../../core/load.js');
  return createTarget(kind, loadCore({ simd }));
}

async function run(
  kernel: FuzzKind | undefined,
  options: Options,
  globals: GlobalOptions,
): Promise<number> {
  const { FUZZ_KINDS } = await import('../../fuzz/index.js');
  const kinds = kernel === undefined ? FUZZ_KINDS : [kernel];
  const seed = Math.floor(await amount(options.seed, 'seed', Number.MAX_SAFE_INTEGER));
  const seconds = options.time === undefined ? Infinity : await amount(options.time, 'time', 1e9);
  const fallback = seconds === Infinity ? DEFAULT_OPERATIONS : Number.MAX_SAFE_INTEGER;
  const operations = options.ops === undefined
    ? fallback
    : await amount(options.ops, 'ops', Number.MAX_SAFE_INTEGER);
  const results: KindResult[] = [];
  for (const kind of kinds) {
    const target = await targetOf(kind, options.simd);
    const share = seconds / kinds.length;
    const result = await fuzzOne(target, seed, operations, share, globals);
    results.push(result);
    if (!globals.json) printResult(describe(result));
  }
  if (globals.json) printResult(JSON.stringify({ seed, kernels: results }, null, 2));
  const broken = results.some(({ failure }) => failure !== null);
  return broken ? Exit.invariantBroken : Exit.ok;
}

async function fuzzOne(
  target: FuzzTarget,
  seed: number,
  operations: number,
  seconds: number,
  globals: GlobalOptions,
): Promise<KindResult> {
  const { fuzz } = await import('../../fuzz/index.js');
  const progress = startProgress(`fuzz ${target.kind}`, globals);
  const started = performance.now();
  const episodes = fuzz({ target, seed, operations });
  let done = 0;
  let failure: FuzzFailure | null = null;
  let slice = started;
  for (;;) {
    const next = episodes.next();
    const now = performance.now();
    if (next.done === true) {
      done = next.value.operations;
      failure = next.value.failure;
      break;
    }
    done = next.value;
    if (now - started >= seconds * 1000) break;
    if (now - slice < SLICE_MS) continue;
    slice = now;
    progress.update(done, Number.isFinite(seconds) ? 0 : operations);
    await breathe();
  }
  progress.stop();
  const elapsed = (performance.now() - started) / 1000;
  return { kind: target.kind, seed, operations: done, seconds: elapsed, failure };
}

function describe({ kind, seed, operations, seconds, failure }: KindResult): string {
  const rate = Math.round(operations / Math.max(seconds, 1e-3));
  if (failure === null) {
    const time = seconds.toFixed(1);
    return `ok      ${kind}: ${operations} operations in ${time} s, ${rate}/s, seed ${seed}`;
  }
  return `failed  ${kind}: seed ${seed}, episode ${failure.episode}\n${describeFailure(failure)}`;
}

function describeFailure(failure: FuzzFailure): string {
  return [
    `  ${failure.message}`,
    `  program (${failure.originalOperations} operations shrunk to ${failure.operations}):`,
    `  ${failure.program}`,
    `  replay: kvloom fuzz --replay ${failure.program}`,
  ].join('\n');
}

async function programOf(text: string): Promise<{ kind: FuzzKind; body: Uint8Array }> {
  const { decodeProgram, fromHex } = await import('../../fuzz/index.js');
  const { UserError } = await import('../../core/user-error.js');
  const { readFileSync, existsSync } = await import('node:fs');
  if (existsSync(text)) {
    const bytes = readFileSync(text);
    return decodeProgram(fromHex(bytes.toString('latin1')) ?? bytes, text);
  }
  const bytes = fromHex(text);
  if (bytes !== null) return decodeProgram(bytes);
  throw new UserError('neither a file nor hex digits', { path: 'replay' }, { got: text });
}

async function replayProgram(
  text: string,
  options: Options,
  globals: GlobalOptions,
): Promise<number> {
  const { operationCount, replay } = await import('../../fuzz/index.js');
  const { kind, body } = await programOf(text);
  const failure = replay(await targetOf(kind, options.simd), body);
  const operations = operationCount(body);
  if (globals.json) printResult(JSON.stringify({ kind, operations, failure }, null, 2));
  else if (failure === null) printResult(`ok      ${kind}: ${operations} operations`);
  else printResult(`failed  ${kind}:\n${describeFailure(failure)}`);
  return failure === null ? Exit.ok : Exit.invariantBroken;
}
