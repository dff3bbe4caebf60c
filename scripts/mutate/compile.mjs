// SPDX-License-Identifier: Apache-2.0
/**
 * Kernels with a bug -> a wasm module. The compiler stays in this process, where it is four times
 * as fast as one that starts anew, and reads the planted text in place of the file: nothing in the
 * checkout is touched.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from '../build/files.mjs';
import { planted } from './mutants.mjs';

/** The release build with SIMD, but optimised once only: that is what takes the time. */
const flags = ['--config', 'asconfig.json', '--target', 'simd', '-O1'];

const entries = { core: 'assembly/index.ts', numeric: 'assembly/numeric.ts' };

/**
 * Bytes of the module `core` or `numeric`, or what the compiler complains about. `mutant` null:
 * without a bug.
 */
export async function compile(mutant, module) {
  const text = mutant === null ? '' : planted(mutant);
  let bytes = null;
  const { error, stderr } = await asc.main(
    [entries[module], '--outFile', 'mutant.wasm', ...flags],
    {
      readFile(name) {
        if (name === mutant?.file) return text;
        try {
          return readFileSync(join(root, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile(name, contents) {
        if (name === 'mutant.wasm') bytes = contents;
      },
      listFiles: () => [],
    },
  );
  if (error === null && bytes !== null) return { bytes };
  return { complaint: stderr.toString().slice(0, 600) || String(error) };
}
