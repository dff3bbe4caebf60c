// SPDX-License-Identifier: Apache-2.0
/** Simulation benchmarks: one process a scenario, so that peak memory is its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Meter, SimResult, SimScenario } from '../bench/sim.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

export const processMeter: Meter = {
  cpuSeconds() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  // maxRSS is in KiB everywhere: libuv converts it.
  peakRssMiB: () => process.resourceUsage().maxRSS / 1024,
};

/** Path of the trace that a scenario needs, undefined when it needs none, null when absent. */
export function scenarioTrace(scenario: SimScenario): string | null | undefined {
  if (scenario.trace === undefined) return undefined;
  const data = process.env['KVLOOM_DATA'] ?? join(root, '../shared/data');
  const path = join(data, 'traces/weka', scenario.trace);
  return existsSync(path) ? path : null;
}

/** Runs `kvloom bench sim --in-process NAME` and returns its result. */
export async function runInChild(name: string, repeats: number): Promise<SimResult> {
  const main = join(root, 'dist/cli/main.js');
  const args = [main, 'bench', 'sim', '--json', '--in-process', name, '--repeats', `${repeats}`];
  try {
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 });
    return JSON.parse(stdout) as SimResult;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: number; stderr?: string };
    const failure = new Error(stderr.trim().replace(/^error: /, '') || `${name}: failed`);
    // The child decided what kind of failure it was by its exit code.
    failure.name = code === 4 ? 'InvariantBroken' : 'RunFailed';
    throw failure;
  }
}
