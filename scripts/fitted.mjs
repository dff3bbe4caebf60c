#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Writes fitted constants of operations as the modules that the package ships:
 *
 *   kvloom calibrate --ops op_latency.csv --out constants.json
 *   node scripts/fitted.mjs constants.json
 *
 * Data that other runtimes import without reading a file; two modules, as files are kept short.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('fitted: name the JSON file that kvloom calibrate --out wrote');
  process.exit(2);
}
const { date, source, families } = JSON.parse(readFileSync(file, 'utf8'));

/** A value in the style of the sources: short things on one line, never beyond 100 columns. */
function literal(value, indent = '') {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object') return String(value);
  const list = Array.isArray(value);
  const parts = list
    ? value.map((item) => literal(item, `${indent}  `))
    : Object.entries(value).map(([k, v]) => `${k}: ${literal(v, `${indent}  `)}`);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  const gap = list || parts.length === 0 ? '' : ' ';
  const flat = open + gap + parts.join(', ') + gap + close;
  if (indent.length + flat.length + 12 < 100 && !flat.includes('\n')) return flat;
  const lines = [''];
  for (const part of parts) {
    const last = lines[lines.length - 1];
    const room = indent.length + 2 + last.length + part.length + 2 <= 100;
    if (last === '' || (room && !part.includes('\n'))) lines[lines.length - 1] += ` ${part},`;
    else lines.push(` ${part},`);
  }
  const body = lines.map((line) => `${indent}  ${line.trim()}`).join('\n');
  return `${open}\n${body}\n${indent}${close}`;
}

function write(name, constant, what, own) {
  const text = `// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** ${what} */
export const ${constant}: readonly FittedFamily[] = [
${own.map((family) => `  ${literal(family, '  ')},`).join('\n')}
];
`;
  writeFileSync(fileURLToPath(new URL(`../src/cost/op/${name}.ts`, import.meta.url)), text);
}

const links = /^(nccl|custom|deepep|alltoall)/;
const compute = families.filter(({ op }) => !links.test(op));
const traffic = families.filter(({ op }) => links.test(op));
const ofCompute = 'Constants of products, attention and experts.';
const ofTraffic = 'Constants of collectives and of expert all-to-all.';
write('fitted-compute', 'FITTED_COMPUTE', ofCompute, compute);
write('fitted-links', 'FITTED_LINKS', ofTraffic, traffic);
const head = `// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import { FITTED_COMPUTE } from './fitted-compute.js';
import type { Fitted } from './fitted-family.js';
import { FITTED_LINKS } from './fitted-links.js';

/** The constants that the package ships. */
export const FITTED: Fitted = {
  date: ${literal(date)},
  source: ${literal(source)},
  families: [...FITTED_COMPUTE, ...FITTED_LINKS],
};
`;
writeFileSync(fileURLToPath(new URL('../src/cost/op/fitted.ts', import.meta.url)), head);
