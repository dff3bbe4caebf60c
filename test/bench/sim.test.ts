// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { runSim, simScenarios } from '../../src/bench/index.js';
import type { Meter } from '../../src/bench/index.js';
import { presetNames } from '../../src/node/preset.js';

const [scenario] = simScenarios;

/** A process that spends a quarter of a second of CPU between two looks. */
function meter(): Meter {
  let seconds = 0;
  return { cpuSeconds: () => (seconds += 0.25), peakRssMiB: () => 42 };
}

const outcome = { requests: 100, hitRate: 0.5, preemptions: 3 };

describe('simulation benchmarks', () => {
  it('name presets', () => {
    expect(presetNames()).toEqual(expect.arrayContaining(simScenarios.map(({ name }) => name)));
  });

  it('report requests per CPU second of the runs after the warm-up', async () => {
    let runs = 0;
    const runner = () => Promise.resolve({ ...outcome, digest: `run${runs++ > -1}` });
    const usual = { ...scenario, warmCpuSeconds: 1.5 };
    const result = await runSim(usual, runner, meter(), 3);
    // One, five more until 1.5 s of CPU are spent, and three that count.
    expect(runs).toBe(9);
    expect(result).toMatchObject({ requests: 100, repeats: 3, requestsPerCpuSecond: 400 });
    expect(result.peakRssMiB).toBe(42);
  });

  it('warm up for longer where a scenario asks for it', async () => {
    let runs = 0;
    const runner = () => Promise.resolve({ ...outcome, digest: `run${runs++ > -1}` });
    await runSim({ ...scenario, warmCpuSeconds: 4 }, runner, meter(), 3);
    expect(runs).toBe(19);
  });

  it('refuse repeats with another digest', async () => {
    let runs = 0;
    const runner = () => Promise.resolve({ ...outcome, digest: String(runs++) });
    await expect(runSim(scenario, runner, meter(), 2)).rejects.toMatchObject({
      name: 'InvariantBroken',
    });
  });
});
