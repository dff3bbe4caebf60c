// SPDX-License-Identifier: Apache-2.0
/** `kvloom fuzz --replay`: one program again, from hex digits or a file. */
import type { CampaignSettings, FuzzKind } from '../fuzz/index.js';
import { printResult } from './context.js';
import type { GlobalOptions } from './context.js';
import { Exit } from './exit.js';
import { describeFailure } from './fuzz-report.js';

type Build = CampaignSettings['build'];

interface Asked {
  readonly kernel: FuzzKind | 'all';
  /** For the record: a program does not need it. */
  readonly seed: number;
  /** Null: as the program says, else after each operation. */
  readonly every: number | null;
  /** Null: as the program says, else the best. */
  readonly build: Build | null;
}

interface Program {
  readonly kind: FuzzKind;
  readonly body: Uint8Array;
  readonly seed: number | null;
  readonly every: number;
  readonly build: Build | null;
}

const plain = (program: { kind: FuzzKind; body: Uint8Array }): Program =>
  ({ ...program, seed: null, every: 1, build: null });

export async function replayProgram(
  text: string,
  { kernel, seed, every, build }: Asked,
  globals: GlobalOptions,
): Promise<number> {
  const { operationCount, replay } = await import('../fuzz/index.js');
  const { makeTargets } = await import('../node/fuzz-campaign.js');
  const { simdSupported } = await import('../core/load.js');
  const program = await programOf(text);
  const { kind, body } = program;
  if (kernel !== 'all' && kernel !== kind) {
    const { UserError } = await import('../core/user-error.js');
    throw new UserError(`the program is one of ${kind}`, { path: 'replay' }, { got: kernel });
  }
  const used = build ?? program.build ?? (simdSupported() ? 'simd' : 'scalar');
  const failure = replay(makeTargets(used)(kind), body, every ?? program.every);
  const operations = operationCount(body);
  const result = { kind, build: used, operations, failure };
  if (globals.json) printResult(JSON.stringify(result, null, 2));
  else if (failure === null) printResult(`ok      ${kind}: ${operations} operations`);
  else {
    const origin = { seed: program.seed ?? seed, build: used };
    printResult(describeFailure(origin, kind, failure, ''));
  }
  return failure === null ? Exit.ok : Exit.invariantBroken;
}

async function programOf(text: string): Promise<Program> {
  const { decodeProgram, fromHex } = await import('../fuzz/index.js');
  const { UserError } = await import('../core/user-error.js');
  const { readFileSync, existsSync } = await import('node:fs');
  if (existsSync(text)) {
    const bytes = readFileSync(text);
    const content = bytes.toString('latin1');
    if (content.trimStart().startsWith('{')) return savedProgram(bytes.toString('utf8'), text);
    return plain(decodeProgram(fromHex(content) ?? bytes, text));
  }
  const bytes = fromHex(text);
  if (bytes !== null) return plain(decodeProgram(bytes));
  throw new UserError('neither a file nor hex digits', { path: 'replay' }, { got: text });
}

/** What `--save` wrote. */
async function savedProgram(text: string, file: string): Promise<Program> {
  const { decodeProgram, fromHex } = await import('../fuzz/index.js');
  const { UserError } = await import('../core/user-error.js');
  let saved: Readonly<Record<string, unknown>>;
  try {
    saved = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new UserError(`broken fuzz program (${(error as Error).message})`, { file });
  }
  const { program, seed, every, build } = saved;
  const bytes = typeof program === 'string' ? fromHex(program) : null;
  if (bytes === null) {
    throw new UserError('must be hex digits', { file, path: 'program' }, { got: program });
  }
  return {
    ...decodeProgram(bytes, file),
    seed: typeof seed === 'number' ? seed : null,
    every: typeof every === 'number' && every >= 1 ? every : 1,
    build: build === 'simd' || build === 'scalar' ? build : null,
  };
}
