// SPDX-License-Identifier: Apache-2.0
/** `kvloom validate`: predictions of the cost model against measurements. */
import { Command } from 'commander';
import { type GlobalOptions, globalOptions, printNote, printResult } from '../context.js';

const examples = `Examples:
  $ kvloom validate --ops op_latency.csv
  $ kvloom validate --ops op_latency.csv --cross-validate
  $ kvloom validate --ops mine.csv --constants constants.json --worst 20
  $ kvloom validate --serving serving_points.csv --cross-validate
  $ kvloom validate --steps vera_rubin_forward_steps.csv
`;

interface Options {
  readonly ops?: string;
  readonly serving?: string;
  readonly steps?: string;
  readonly constants?: string;
  readonly crossValidate?: boolean;
  readonly formula?: boolean;
  readonly worst: string;
  readonly model: string;
  readonly system: string;
  readonly precision: string;
  readonly tp: string;
  readonly ep: string;
}

export function command(): Command {
  return new Command('validate')
    .description('Predict measured operations, serving rows or steps and print the errors.')
    .option('--ops <csv>', 'measured operations')
    .option('--serving <csv>', 'measured serving runs')
    .option('--steps <csv>', 'measured forward steps')
    .option('--cross-validate', 'refit without each part of the rows and predict that part')
    .option('--formula', 'serving: the formula alone, without the simulator')
    .option('--constants <file>', 'constants of calibrate instead of those shipped')
    .option('--worst <n>', 'rows to list, worst first', '10')
    .option('--model <name>', 'what the steps ran', 'glm-5.2')
    .option('--system <name>', 'what they ran on', 'rubin')
    .option('--precision <name>', 'format of their weights', 'fp4')
    .option('--tp <n>', 'GPUs that they ran on', '4')
    .option('--ep <n>', 'ranks that split the experts among them', '1')
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
  const { ops, serving, steps } = options;
  if ([ops, serving, steps].filter((file) => file !== undefined).length !== 1) {
    const detail = { allowed: 'one of --ops CSV, --serving CSV, --steps CSV' };
    throw new UserError('which rows?', {}, detail);
  }
  if (ops !== undefined) {
    await validateOperations(ops, worst, options, globals);
    return;
  }
  const { validateServing, validateStepFile } = await import('../validate-serving.js');
  if (steps !== undefined) {
    await validateStepFile(steps, options, globals);
    return;
  }
  const { constants, crossValidate = false, formula: formulaAlone = false } = options;
  await validateServing(serving!, { worst, constants, crossValidate, formulaAlone }, globals);
}

async function validateOperations(
  file: string,
  worst: number,
  options: Options,
  globals: GlobalOptions,
): Promise<void> {
  const { readConstantsFile, readOperationFile } = await import('../../node/operation-rows.js');
  const { poolFamilies, validateRows } = await import('../../calibrate/index.js');
  const { FITTED, OperationEstimator } = await import('../../cost/op/index.js');
  const { crossValidationText, validationText } = await import('../operation-report.js');
  const rows = readOperationFile(file);
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
