// SPDX-License-Identifier: Apache-2.0
/**
 * Entry of the debug build: the exports of assembly/index.ts, each call that may change an object
 * between two checks of all invariants. Generated, so that a new kernel is covered as it comes:
 * signatures from the kernels, texts of the invariants from their comments.
 */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { filesBelow, readText, root, writeAtomic } from './files.mjs';

export const debugEntry = 'assembly/generated/index.debug.ts';

/** Reads nothing but the module, or is part of putting a state of any bytes back. */
const unchecked =
  /^(abi_version|build_simd|arena_(init|base|top|adopt)|\w+_check|check_\w+|pool_bytes)$/;
const pure = /^(rng|math|xxh3|block_hash)_/;

/** [exported name, name in its file, file] of everything that the index exports. */
export function exportsOfIndex(text) {
  const found = [];
  for (const [, names, from] of text.matchAll(/export \{([^}]*)\} from "([^"]+)";/g)) {
    const file = posix.join('assembly', `${from}.ts`);
    for (const part of names.split(',').map((name) => name.trim()).filter(Boolean)) {
      const [own, , as = own] = part.split(/\s+/);
      found.push([as, own, file]);
    }
  }
  for (const [, name] of text.matchAll(/^export function (\w+)\(/gm)) {
    found.push([name, name, 'assembly/index.ts']);
  }
  return found;
}

function signature(own, file) {
  const pattern = new RegExp(`^export function ${own}\\(([^)]*)\\): (\\w+)`, 'm');
  const match = pattern.exec(readText(join(root, file)) ?? '');
  if (match === null) throw new Error(`${file}: no signature of ${own}`);
  const parameters = match[1].split(',').map((p) => p.trim()).filter(Boolean);
  return { parameters, result: match[2] };
}

/** `KV-3` -> its text, from the comments of the kernels. */
export function invariantTexts() {
  const texts = new Map();
  for (const file of filesBelow('assembly').filter((name) => !name.includes('/generated/'))) {
    const text = readText(join(root, file));
    const rows = text.matchAll(/^ \* - ([A-Z]+-\d+) {2}(.+(?:\n \* {9,}\S.*)*)/gm);
    for (const [, name, words] of rows) {
      texts.set(name, words.replace(/\n \* +/g, ' ').replace(/["\\]/g, "'"));
    }
  }
  return texts;
}

/** Prefixes of the invariants by kernel number: the rows of src/core/integrity.ts. */
function prefixes() {
  const text = readText(join(root, 'src/core/integrity.ts'));
  return [...text.matchAll(/prefix: '([A-Z]+)'/g)].map(([, prefix]) => prefix);
}

function raise() {
  const numbers = prefixes();
  const lines = [...invariantTexts()].flatMap(([name, text]) => {
    const [prefix, number] = name.split('-');
    const kernel = numbers.indexOf(prefix);
    if (kernel < 0) return [];
    return [`  assert(broken != ${(kernel << 8) | Number(number)}, "${name} ${text}");`];
  });
  return `/** NO_MEMORY is let pass: a check that finds no room for its scratch says nothing. */
function checkAll(): void {
  const broken = checkIntegrity();
${lines.join('\n')}
  assert(broken <= 0, "an invariant without a name");
}
`;
}

function wrapper([name, own, file]) {
  const from = `../${posix.relative('assembly', file).replace(/\.ts$/, '')}`;
  if (unchecked.test(name) || pure.test(name)) {
    return `export { ${own === name ? name : `${own} as ${name}`} } from "${from}";\n`;
  }
  const { parameters, result } = signature(own, file);
  const names = parameters.map((parameter) => parameter.split(':')[0]);
  return `import { ${own} as ${name}_ } from "${from}";
export function ${name}(${parameters.join(', ')}): ${result} {
  checkAll();
  const result = ${name}_(${names.join(', ')});
  checkAll();
  return result;
}
`;
}

export function debugEntryText() {
  const rows = exportsOfIndex(readText(join(root, 'assembly/index.ts')));
  return `// SPDX-License-Identifier: Apache-2.0
// Written by scripts/build/debug-entry.mjs.
import { check_integrity as checkIntegrity } from "../integrity";

${raise()}
${rows.map(wrapper).join('\n')}`;
}

/** Writes the entry when it changed. */
export function writeDebugEntry() {
  const text = debugEntryText();
  const file = join(root, debugEntry);
  if (existsSync(file) && readText(file) === text) return;
  writeAtomic(file, text);
}
