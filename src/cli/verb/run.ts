// SPDX-License-Identifier: Apache-2.0
/** `kvloom run`: one config, one simulation, one summary. */
import { Command } from 'commander';
import { globalOptions } from '../context.js';
import type { RunArguments } from '../run-input.js';

interface Options extends Omit<RunArguments, 'what' | 'trace'> {
  readonly output?: string;
  readonly overwrite?: boolean;
}

const examples = `Examples:
  $ kvloom run                                     the built-in session on 8 x H200
  $ kvloom run agentic -o out                      a preset; run.json and more in out/
  $ kvloom run session.json.gz --replicas 2        a trace, the format is detected
  $ kvloom run corpus traces.jsonl.gz --lanes 32   a preset with another trace
  $ kvloom run config.yaml --set pools.0.blockSize=16 --slo "ttft_ms<2000,tpot_ms<25"
  $ kvloom run --tariff claude-opus-4.5            what an API bills for the same tokens
`;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/**
 * Bytes of bytecode that V8 runs of a function before it considers to optimise it; 66 KB unless
 * told. A run of 0.2 s is over before the code for most of its functions is ready, and compiling
 * takes a sixth of its time on two cores; runs of seconds are no slower.
 */
const INTERRUPT_BUDGET = 600_000;

/** Node 20 alone: later ones have a compiler between (Maglev), and were not measured. */
async function compileLess(): Promise<void> {
  if (!process.versions.v8.startsWith('11.')) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}

export function command(): Command {
  return new Command('run')
    .description('Simulate a workload on a cluster and say where its time went.')
    .argument('[what]', 'config file, preset or trace (default: the built-in session)')
    .argument('[trace]', 'trace that replaces the one of the config')
    .option('--set <path=value>', 'change one config value (repeatable)', collect)
    .option('--seed <n>', 'seed of every random draw')
    .option('--slo <list>', 'objectives, p95 unless named: ttft_ms<2000,turn_s_p99<60', collect)
    .option('--format <name>', 'trace format instead of the detected one')
    .option('--replicas <n>', 'replicas of every pool')
    .option('--lanes <n>', 'sessions of a trace that run at once')
    .option('--tariff <name>', 'API tariff that bills the same tokens (repeatable)', collect)
    .option('--catalog <file>', 'devices and models of your own (repeatable)', collect)
    .option('-o, --output <dir>', 'write run.json, requests.jsonl, trace.json, ... there')
    .option('--overwrite', 'replace the outputs of an earlier run')
    .addHelpText('before', examples)
    .action(async (what: string | undefined, trace: string | undefined, options: Options, self) => {
      await compileLess();
      // Both in one: each file that is imported costs a turn of the module loader.
      const { readyPreset, simulateRun } = await import('../simulate-run.js');
      const ready = readyPreset({ ...options, what, trace });
      const spec = ready ?? (await import('../run-input.js')).resolveRun({
        ...options, what, trace,
      }).spec;
      const { output, overwrite = false } = options;
      const globals = globalOptions(self as Command);
      process.exitCode = await simulateRun(spec, { folder: output, overwrite }, globals);
    });
}
