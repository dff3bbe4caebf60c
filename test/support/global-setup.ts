// SPDX-License-Identifier: Apache-2.0
/** Tests of the kernels, the CLI and the package run on built outputs: bring them up to date. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const needed = ['src/core/generated/wasm-bytes.ts', 'dist/cli/main.js'];

export function setup(): void {
  // On other kernels (scripts/mutate.mjs) there is nothing to build.
  if (process.env['KVLOOM_TEST_WASM'] !== undefined) return;
  const args = ['scripts/build.mjs', '--if-stale', '--quiet'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  const missing = needed.filter((file) => !existsSync(root + file));
  if (missing.length > 0) throw new Error(`the build failed, missing: ${missing.join(', ')}`);
  // `npm test` builds first and stops there; a single test file may run on what was built before.
  console.error('the build failed: tests run on earlier outputs');
}
