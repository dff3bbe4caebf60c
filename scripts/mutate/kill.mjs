// SPDX-License-Identifier: Apache-2.0
/**
 * Tries to tell one module from the right one: recorded logs first, then the fuzzer. A process of
 * its own, because a mutant may never return. Prints {by, why}; by is null when all is well.
 *
 *   node scripts/mutate/kill.mjs MODULE OPERATIONS FOLDER...
 */
import { readFileSync } from 'node:fs';
import { loadCore } from '../../dist/core/index.js';
import { FUZZ_KINDS, createTarget, fuzz } from '../../dist/fuzz/index.js';
import { conform } from '../../dist/node/conform.js';

const [module, operations, ...folders] = process.argv.slice(2);
const core = loadCore({ source: readFileSync(module) });

function finish(by, why) {
  process.stdout.write(JSON.stringify({ by, why: String(why).slice(0, 300) }));
  process.exit(0);
}

async function conformance() {
  for await (const { file, part, outcome } of conform(folders, core)) {
    if (outcome.status !== 'failed') continue;
    const { line, what } = outcome.difference;
    finish('conformance', `${file.split('/').pop()} ${part} line ${line}: ${what}`);
  }
}

function fuzzing() {
  for (const kind of FUZZ_KINDS) {
    const target = createTarget(kind, core);
    const run = fuzz({ target, seed: 20261121, operations: Number(operations), every: 64 });
    let step = run.next();
    while (!step.done) step = run.next();
    if (step.value.failure) finish('fuzz', `${kind}: ${step.value.failure.message}`);
  }
}

try {
  await conformance();
} catch (error) {
  finish('conformance', error);
}
try {
  fuzzing();
} catch (error) {
  finish('fuzz', error);
}
finish(null, '');
