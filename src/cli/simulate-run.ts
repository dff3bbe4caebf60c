// SPDX-License-Identifier: Apache-2.0
/** `run` once its arguments are resolved: read, simulate, report. */
import { createHash } from 'node:crypto';
import type { RunSpec } from '../config/index.js';
import { loadCore } from '../core/index.js';
import { checkOutputFolder, writeFolder } from '../node/atomic.js';
import { loadWorkload } from '../node/load-workload.js';
import { simulateAsync } from '../run/index.js';
import { interrupted, printNote, printResult, type GlobalOptions } from './context.js';
import { Exit } from './exit.js';
import { startProgress } from './progress.js';
import { jsonText, outputFiles, reportRun, terminalText, type RunMeta } from './run-report.js';
import { styleFor } from './style.js';

export { readyPreset } from './ready-preset.js';

export interface RunOutput {
  readonly folder?: string | undefined;
  readonly overwrite: boolean;
}

export async function simulateRun(
  spec: RunSpec,
  output: RunOutput,
  globals: GlobalOptions,
): Promise<number> {
  if (output.folder !== undefined) checkOutputFolder(output.folder, output);
  const startedAt = new Date();
  const core = loadCore();
  const progress = startProgress('simulating', globals);
  let result;
  try {
    const workload = await loadWorkload(core, spec);
    interrupted.throwIfAborted();
    result = await simulateAsync(spec, workload, {
      core,
      onProgress: (done, total) => progress.update(done, total),
      signal: interrupted,
      sha256: createHash('sha256'),
    });
  } finally {
    progress.stop();
  }
  const meta: RunMeta = {
    startedAt: startedAt.toISOString(),
    wallSeconds: (Date.now() - startedAt.getTime()) / 1000,
    command: process.argv.slice(2),
    trace: spec.workload.kind === 'trace' ? spec.workload.path : null,
  };
  const report = reportRun(result, meta);
  if (output.folder !== undefined) {
    const files = await outputFiles(report, spec);
    writeFolder(output.folder, files, { overwrite: output.overwrite });
  }
  if (globals.json) printResult(jsonText(report));
  else printResult(terminalText(report, styleFor(process.stdout, globals), nextStep(output)));
  if (output.folder !== undefined) printNote(`wrote ${output.folder}/`, globals);
  return report.slo.every(({ ok }) => ok) ? Exit.ok : Exit.sloMissed;
}

function nextStep(output: RunOutput): string {
  return output.folder === undefined
    ? 'kvloom run -o out    (run.json, requests.jsonl, trace.json for ui.perfetto.dev)'
    : `open ${output.folder}/trace.json in ui.perfetto.dev`;
}
