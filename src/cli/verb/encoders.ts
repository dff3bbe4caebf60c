// SPDX-License-Identifier: Apache-2.0
/** `kvloom encoders`: the number encoders on every input. */
import { Argument, Command } from 'commander';
import type { SweepResult, SweptEncoder } from '../../conform/encoder-sweep.js';
import { breathe, globalOptions, printResult, type GlobalOptions } from '../context.js';
import { Exit } from '../exit.js';
import { startProgress } from '../progress.js';

const examples = `Examples:
  $ kvloom encoders                         all 2^32 patterns, minutes
  $ kvloom encoders --stride 4099           each 4099th, seconds
  $ kvloom encoders e4m3 --simd off         one encoder of one build
`;

interface Options {
  readonly stride: string;
  readonly simd: string;
}

interface Swept extends SweepResult {
  readonly encoder: SweptEncoder;
  readonly build: 'SIMD' | 'scalar';
  readonly seconds: number;
}

const SLICE_MS = 100;
const MOST_STRIDE = 2 ** 24;

export function command(): Command {
  return new Command('encoders')
    .description('Check E4M3 and E2M1 encoders on all bf16 and f32 patterns against the twin.')
    .addArgument(new Argument('[encoder]', 'one encoder (default: all)'))
    .option('--stride <n>', 'check each n-th f32 pattern', '1')
    .option('--simd <build>', 'build of the kernels: both, on or off', 'both')
    .addHelpText('before', examples)
    .action(async (encoder: string | undefined, options: Options, self) => {
      process.exitCode = await run(encoder, options, globalOptions(self as Command));
    });
}

async function run(
  encoder: string | undefined,
  options: Options,
  globals: GlobalOptions,
): Promise<number> {
  const { SWEPT_ENCODERS } = await import('../../conform/encoder-sweep.js');
  const { UserError } = await import('../../core/user-error.js');
  const refuse = (what: string, path: string, got: unknown, allowed: string): never => {
    throw new UserError(what, { path }, { got, allowed });
  };
  const names = SWEPT_ENCODERS.filter((name) => encoder === undefined || name === encoder);
  if (names.length === 0) {
    refuse('unknown encoder', 'encoder', encoder, SWEPT_ENCODERS.join(', '));
  }
  const stride = Number(options.stride);
  if (!Number.isInteger(stride) || stride < 1 || stride > MOST_STRIDE) {
    refuse('must be a whole number', 'stride', options.stride, `1 to ${MOST_STRIDE}`);
  }
  if (!['both', 'on', 'off'].includes(options.simd)) {
    refuse('unknown build', 'simd', options.simd, 'both, on, off');
  }
  const builds = (['on', 'off'] as const).filter((build) =>
    options.simd === 'both' || options.simd === build);
  const all: Swept[] = [];
  for (const name of names) {
    for (const simd of builds) {
      const result = await sweep(name, simd, stride, globals);
      all.push(result);
      if (!globals.json) printResult(line(result));
    }
  }
  if (globals.json) printResult(JSON.stringify({ stride, encoders: all }, null, 2));
  const broken = all.some(({ failure }) => failure !== null);
  return broken ? Exit.invariantBroken : Exit.ok;
}

async function sweep(
  encoder: SweptEncoder,
  simd: 'on' | 'off',
  stride: number,
  globals: GlobalOptions,
): Promise<Swept> {
  const { sweepEncoder } = await import('../../conform/encoder-sweep.js');
  const { loadNumeric } = await import('../../numeric/index.js');
  const build = simd === 'on' ? 'SIMD' : 'scalar';
  const progress = startProgress(`${encoder} ${build}`, globals);
  const total = Math.ceil(2 ** 32 / stride);
  const started = performance.now();
  const chunks = sweepEncoder(loadNumeric({ simd }), encoder, stride);
  let slice = started;
  for (;;) {
    const next = chunks.next();
    const now = performance.now();
    if (next.done === true) {
      progress.stop();
      return { encoder, build, ...next.value, seconds: (now - started) / 1000 };
    }
    if (now - slice < SLICE_MS) continue;
    slice = now;
    progress.update(next.value, total);
    await breathe();
  }
}

function line({ encoder, build, bf16, f32, steps, seconds, failure }: Swept): string {
  const name = `${encoder.padEnd(14)} ${build.padEnd(6)}`;
  if (failure !== null) {
    const { what, expected, got } = failure;
    return `failed  ${name}  ${what}: expected ${expected}, got ${got}`;
  }
  const rate = (f32 / seconds / 1e6).toFixed(0);
  const count = `${bf16} bf16 and ${f32} f32 patterns`;
  const laws = 'monotone, saturating, round trip';
  return `ok      ${name}  ${count}, ${steps} steps, ${laws}; ${seconds.toFixed(1)} s, ${rate} M/s`;
}
