// SPDX-License-Identifier: Apache-2.0
/**
 * The command as a few files instead of several hundred: start-up is mostly opening modules.
 * Verbs stay apart, loaded on demand. What is bundled of other packages is named, with its
 * licence, in THIRD-PARTY-LICENSES.txt beside it.
 */
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** What every verb needs. */
const neededByAll = /node_modules.commander|cli.(context|exit|version)\.js/;

/** Layers that verbs share; the twins of kernels are for fuzzing alone. */
const layers = /^(core|hardware|model|cost|workload|engine|cluster|metrics|report|run)\//;

function sharedByVerbs(root, id) {
  const path = relative(root, id).replaceAll('\\', '/');
  return layers.test(path) && !path.includes('/reference/');
}

/**
 * Modules that `run` executes, found by bundling it alone: one chunk, since each further file costs
 * a turn of the module loader, and no more, since all of a chunk is parsed at every start.
 */
async function neededByRun(root) {
  const input = join(root, 'cli/simulate-run.js');
  const bundle = await rolldown({ input, platform: 'node', plugins: [noPrograms] });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const main = output.find(({ facadeModuleId }) => facadeModuleId === input);
  const chunks = [main, ...output.filter(({ fileName }) => main.imports.includes(fileName))];
  const ids = chunks.flatMap(({ modules }) => Object.entries(modules));
  return new Set(ids.filter(([, { code }]) => code).map(([id]) => id));
}

/** Folder of the package that a module belongs to, null for our own. */
function packageFolder(id) {
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'));
  return match === null ? null : match[1];
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

/**
 * Commander loads node:child_process for subcommands that are programs of their own. There are
 * none, and loading it takes a twentieth of a short run.
 */
const noPrograms = {
  name: 'no-programs',
  resolveId(source, importer) {
    const theirs = source === 'node:child_process' && /node_modules.commander/.test(importer ?? '');
    return theirs ? '\0no-programs' : null;
  },
  load: (id) => (id === '\0no-programs' ? 'module.exports = {};' : null),
};

/** Replaces the compiled `cli` folder below `dist` by its bundle. */
export async function bundleCli(dist) {
  const target = join(dist, 'cli-bundle');
  const input = join(dist, 'cli/main.js');
  const simulate = await neededByRun(dist);
  const bundle = await rolldown({ input, platform: 'node', plugins: [noPrograms] });
  const { output } = await bundle.write({
    dir: target,
    format: 'esm',
    // Names stay, for stack traces; comments and spaces would only cost start-up time.
    minify: { compress: false, mangle: false, codegen: true },
    entryFileNames: 'main.js',
    // Beside main.js: files that code finds relative to itself (presets, data) stay two up.
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: {
      groups: [
        { name: 'command', test: neededByAll, priority: 1 },
        { name: 'simulate', test: (id) => simulate.has(id), priority: 1 },
        { name: 'library', test: (id) => sharedByVerbs(dist, id) },
      ],
    },
  });
  await bundle.close();
  const folders = output.flatMap((chunk) => chunk.moduleIds ?? []).map(packageFolder);
  const notices = [...new Set(folders)].filter((each) => each !== null).sort().map(licence);
  writeFileSync(join(target, 'THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(78)}\n\n`));
  rmSync(join(dist, 'cli'), { recursive: true });
  renameSync(target, join(dist, 'cli'));
}
