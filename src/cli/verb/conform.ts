// SPDX-License-Identifier: Apache-2.0
/** `kvloom conform`: recorded behaviour of real engines, replayed through the kernels. */
import { Command } from 'commander';
import type { ConformReport } from '../../node/conform.js';
import { breathe, globalOptions, printResult } from '../context.js';
import { Exit } from '../exit.js';

const examples = `Examples:
  $ kvloom conform ../shared/data/golden-kv ../shared/data/traces
  $ kvloom conform recordings --json
`;

export function command(): Command {
  return new Command('conform')
    .description('Replay recorded behaviour through the kernels and name every difference.')
    .argument('<dirs...>', 'folders with recorded logs and golden-*.json files, at any depth')
    .option('--streams <dir>', 'folder with the traces of recorded stream totals')
    .addHelpText('before', examples)
    .action(async (dirs: readonly string[], options: { streams?: string }, self) => {
      const { json } = globalOptions(self as Command);
      process.exitCode = await check(dirs, options.streams ?? null, json);
    });
}

async function check(
  dirs: readonly string[],
  streams: string | null,
  json: boolean,
): Promise<number> {
  const { conform } = await import('../../node/conform.js');
  const reports = conform(dirs, undefined, streams);
  const all: unknown[] = [];
  for (;;) {
    const next = await reports.next();
    if (next.done === true) {
      const { passed, failed, skipped } = next.value;
      const totals = `${passed} passed, ${failed} failed, ${skipped} skipped`;
      if (json) printResult(JSON.stringify({ checks: all, passed, failed, skipped }, null, 2));
      else printResult(totals);
      if (failed > 0) return Exit.invariantBroken;
      return passed > 0 ? Exit.ok : Exit.failed;
    }
    if (json) all.push(entry(next.value));
    else printResult(line(next.value));
    await breathe();
  }
}

function entry({ file, part, outcome }: ConformReport): object {
  return { file, ...(part === '' ? {} : { part }), ...outcome };
}

function line({ file, part, outcome }: ConformReport): string {
  const name = part === '' ? file : `${file} ${part}`;
  if (outcome.status !== 'failed') return `${outcome.status.padEnd(8)} ${name}  ${outcome.note}`;
  const { line: at, what, expected, got } = outcome.difference;
  const where = at > 0 ? `${file}:${at}` : file;
  const of = part === '' ? '' : ` ${part}`;
  return `failed   ${where}${of}: ${what}: expected ${expected}, got ${got}`;
}
