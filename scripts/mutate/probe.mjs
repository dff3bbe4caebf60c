// SPDX-License-Identifier: Apache-2.0
/**
 * Tries to tell one module from the right one: recorded logs first, then the fuzzer. A process of
 * its own, because a mutant may never return. Prints "ready" once it runs, "stage NAME" as it goes,
 * {by, why} as JSON where something differs, and "done".
 *
 *   node scripts/mutate/probe.mjs MODULE '{"logs", "fuzz", "operations", "folders", "every"}'
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { logChecks } from '../../dist/conform/golden-file.js';
import { loadCore } from '../../dist/core/index.js';
import { createTarget, fuzz } from '../../dist/fuzz/index.js';

const [module, text] = process.argv.slice(2);
const { logs, fuzz: kinds, operations, folders, every } = JSON.parse(text);

const say = (line) => process.stdout.write(`${line}\n`);
const source = readFileSync(module);

function logFiles() {
  const pattern = new RegExp(logs);
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.jsonl') && pattern.test(basename(name)))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/** Replays the logs of a kernel; the first that differs. */
async function logsDiffer() {
  if (logs === null) return null;
  const core = loadCore({ source });
  const empty = core.snapshot();
  for (const file of logFiles()) {
    const name = basename(file);
    for (const { part, run } of logChecks(core, name, readFileSync(file, 'utf8'))) {
      core.restore(empty);
      const { status, difference } = await run();
      if (status !== 'failed') continue;
      return `${name}${part && ` ${part}`} line ${difference.line}: ${difference.what}`;
    }
  }
  return null;
}

/** Fuzzes the kinds of a kernel; the first that differs. */
function fuzzDiffers() {
  for (const kind of kinds) {
    const target = createTarget(kind, loadCore({ source }));
    const run = fuzz({ target, seed: 20261121, operations, every: 64 });
    let step = run.next();
    while (!step.done) step = run.next();
    if (step.value.failure) return `${kind}, ${step.value.failure.message}`;
  }
  return null;
}

say('ready');
for (const [by, stage] of Object.entries({ logs: logsDiffer, fuzz: fuzzDiffers })) {
  say(`stage ${by}`);
  let why;
  try {
    why = await stage();
  } catch (error) {
    why = String(error);
  }
  if (why === null) continue;
  say(JSON.stringify({ by, why: why.slice(0, 300) }));
  if (!every) break;
}
say('done');
process.exit(0);
