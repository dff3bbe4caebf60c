// SPDX-License-Identifier: Apache-2.0
/** `kvloom calibrate`: constants of the cost model from measured operations. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { type GlobalOptions, globalOptions, printNote, printResult } from '../context.js';

const examples = `Examples:
  $ kvloom calibrate --ops op_latency.csv
  $ kvloom calibrate --ops op_latency.csv --out constants.json
  $ kvloom calibrate --serving serving_points.csv --out serving.json
  $ kvloom validate --ops other_rows.csv --constants constants.json
`;

interface Options {
  readonly ops?: string;
  readonly serving?: string;
  readonly out?: string;
  readonly source?: string;
}

export function command(): Command {
  return new Command('calibrate')
    .description('Fit the cost model to measured rows, with held-out errors.')
    .option('--ops <csv>', 'measured operations')
    .option('--serving <csv>', 'measured serving runs')
    .option('--out <file>', 'write the constants as JSON')
    .option('--source <text>', 'where the rows come from, for the file')
    .addHelpText('before', examples)
    .action(async (options: Options, self) => {
      await run(options, globalOptions(self as Command));
    });
}

async function run(options: Options, globals: GlobalOptions): Promise<void> {
  const { ops, serving } = options;
  if ((ops === undefined) === (serving === undefined)) {
    const { UserError } = await import('../../core/user-error.js');
    const detail = { allowed: 'one of --ops CSV, --serving CSV' };
    throw new UserError('which rows?', {}, detail);
  }
  if (serving !== undefined) {
    const { calibrateServing } = await import('../calibrate-serving.js');
    await calibrateServing(serving, options, globals);
    return;
  }
  await calibrateOperations(ops!, options, globals);
}

async function calibrateOperations(
  file: string,
  options: Options,
  globals: GlobalOptions,
): Promise<void> {
  const { readOperationFile } = await import('../../node/operation-rows.js');
  const { calibrateAll } = await import('../calibrate-operations.js');
  const { fittedOf, poolFamilies, writeConstants } = await import('../../calibrate/index.js');
  const rows = readOperationFile(file);
  const families = await calibrateAll(rows, globals);
  const date = new Date().toISOString().slice(0, 10);
  const source = options.source ?? `${basename(file)}: ${rows.length} rows`;
  const fitted = fittedOf(families, source, date);
  if (options.out !== undefined) {
    const { writeFileWhole } = await import('../../node/atomic.js');
    writeFileWhole(options.out, `${writeConstants(fitted)}\n`);
  }
  const errors = poolFamilies(families);
  if (globals.json) {
    printResult(JSON.stringify({ ...fitted, errors }, null, 2));
    return;
  }
  const { crossValidationText } = await import('../operation-report.js');
  printResult(crossValidationText(errors));
  const where = options.out === undefined ? 'not written: add --out FILE' : options.out;
  printNote(`${families.length} kernels, ${rows.length} rows; constants: ${where}`, globals);
}
