#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
/**
 * Writes fitted serving constants as the module that the package ships:
 *
 *   kvloom calibrate --serving serving_points.csv --out serving.json
 *   node scripts/fitted-serving.mjs serving.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('fitted-serving: name the JSON file that kvloom calibrate --serving --out wrote');
  process.exit(2);
}
const { date, source, fit, rows, groups, cells, effects } = JSON.parse(readFileSync(file, 'utf8'));
const text = (value) => `'${value.replaceAll("'", "\\'")}'`;
const errors = ({ n, median, mean }) => `{ n: ${n}, median: ${median}, mean: ${mean} }`;
const key = (name) => (/^\w+$/.test(name) ? name : text(name));
const lines = Object.entries(effects).map(([name, values]) => {
  const line = `    ${key(name)}: [${values.join(', ')}],`;
  return line.length <= 100 ? line : `    ${key(name)}: [\n      ${values.join(', ')},\n    ],`;
});
const counts = Object.entries(cells).map(([name, n]) => `    ${key(name)}: ${n},`);
const module = `// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted-serving.mjs: refit instead of editing.
import type { FittedServing } from './fitted.js';

/** Constants on top of operation costs that the package ships. */
export const FITTED_SERVING: FittedServing = {
  date: ${text(date)},
  source: ${text(source)},
  fit: ${errors(fit)},
  rows: ${errors(rows)},
  groups: ${errors(groups)},
  cells: {
${counts.join('\n')}
  },
  effects: {
${lines.join('\n')}
  },
};
`;
const target = new URL('../src/cost/serving/fitted-serving.ts', import.meta.url);
writeFileSync(fileURLToPath(target), module);
