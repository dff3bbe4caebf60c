// SPDX-License-Identifier: Apache-2.0
/** `kvloom validate`: predictions of the cost model against measurements. */
import { Command } from 'commander';
import { type GlobalOptions, globalOptions, printNote, printResult } from '../context.js';

const examples = `Examples:
  $ kvloom validate --ops op_latency.csv
  $ kvloom validate --ops op_latency.csv --cross-validate
  $ kvloom validate --ops mine.csv --constants constants.json --worst 20
`;

interface Options {
  readonly ops: string;
  readonly constants?: string;
  readonly crossValidate?: boolean;
  readonly worst: string;
}

export function command(): Command {
  return new Command('validate')
    .description('Predict measured operations and print the errors.')
    .requiredOption('--ops <csv>', 'measured operations')
    .option('--cross-validate', 'refit without each part of the rows and predict that part')
    .option('--constants <file>', 'constants of calibrate instead of those shipped')
    .option('--worst <n>', 'rows to list, worst first', '10')
    .addHelpText('before', examples)
    .action(async (options: Options, self) => {
      await run(options, globalOptions(self as Command));
    });
}

async function run(options: Options, globals: GlobalOptions): Promise<void> {
  const { UserError } = await import('../../core/user-error.js');
  const worst = Number(options.worst);
  if (!Number.isInteger(worst) || worst < 0) {
    const detail = { got: options.worst, allowed: '0 or more' };
    throw new UserError('must be a whole number', { path: 'worst' }, detail);
  }
  const { readConstantsFile, readOperationFile } = await import('../../node/operation-rows.js');
  const { poolFamilies, validateRows } = await import('../../calibrate/index.js');
  const { FITTED, OperationEstimator } = await import('../../cost/op/index.js');
  const { crossValidationText, validationText } = await import('../operation-report.js');
  const rows = readOperationFile(options.ops);
  if (options.crossValidate === true) {
    const { calibrateAll } = await import('../calibrate-operations.js');
    const errors = poolFamilies(await calibrateAll(rows, globals));
    printResult(globals.json ? JSON.stringify(errors, null, 2) : crossValidationText(errors));
    return;
  }
  const fitted =
    options.constants === undefined ? FITTED : readConstantsFile(options.constants);
  const result = validateRows(rows, new OperationEstimator(fitted), worst);
  const about = { date: fitted.date, source: fitted.source };
  if (globals.json) {
    printResult(JSON.stringify({ constants: about, ...result }, null, 2));
    return;
  }
  printResult(validationText(result));
  printNote(`constants of ${about.date} from ${about.source}`, globals);
}
