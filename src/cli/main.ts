#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/** The `kvloom` command: global options, verbs on demand, exit codes. */
import module from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { interrupt } from './context.js';
import { Exit, describeError, exitCodeOf } from './exit.js';
import { verbs } from './verbs.js';
import { version } from './version.js';

const examples = `Examples:
  $ kvloom run                                    the built-in agent session
  $ kvloom run agentic --seed 7 -o out            a preset, outputs in out/
  $ kvloom run trace.json.gz --replicas 2         a recorded trace
  $ kvloom run config.yaml --set pools.0.maxSequences=64 --slo "ttft_ms<2000,tpot_ms<25"
  $ kvloom catalog models
`;

const exits = `
Exit codes:
  0 ok, 1 run failed, 2 usage or config, 3 objective missed, 4 invariant broken, 130 interrupted
`;

function createProgram(): Command {
  return new Command('kvloom')
    .description('What happens to an agent workload on an inference system.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print the help of a verb')
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'print results and errors only')
    .addOption(new Option('--no-color', 'plain text (also: NO_COLOR)'))
    .addOption(new Option('--no-progress', 'no progress line on stderr'))
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(kvloom --help lists verbs and options)')
    .addHelpText('before', examples)
    .addHelpText('after', exits)
    .exitOverride();
}

/** A verb that is not called appears in the help and in suggestions, unloaded. */
async function addVerbs(program: Command, args: readonly string[]): Promise<void> {
  const called = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
  for (const verb of verbs) {
    const wanted = called[0] === verb.name || (called[0] === 'help' && called[1] === verb.name);
    const command = wanted
      ? (await verb.load()).command()
      : new Command(verb.name).allowUnknownOption();
    command.summary(verb.summary).copyInheritedSettings(program).exitOverride();
    program.addCommand(command);
  }
}

async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  await addVerbs(program, args);
  if (args.length === 0) {
    program.outputHelp();
    return Exit.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? Exit.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.ok : Exit.usage;
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

/** A reader that went away (`kvloom ... | head`) is no failure. */
function survivePipes(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? Exit.ok : Exit.failed);
  });
}

survivePipes(process.stdout);
survivePipes(process.stderr);
process.on('SIGINT', () => {
  interrupt();
  process.stderr.write('\ninterrupted\n');
  process.exit(Exit.interrupted);
});

// Node 22 and later keep compiled code in a cache; verbs load after this line.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
// Not process.exit(): a pipe may still be draining.
process.exitCode = await run(process.argv.slice(2));
