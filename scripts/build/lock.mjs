// SPDX-License-Identifier: Apache-2.0
/** One build at a time: test runs started side by side would overwrite each other's outputs. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './files.mjs';

const lockFile = join(cacheDir, 'lock');
const staleMs = 5 * 60 * 1000;

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A lock whose owner died, or that is older than any build takes, may be taken over. */
function abandoned() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    const age = Date.now() - statSync(lockFile).mtimeMs;
    if (pid > 0) return !alive(pid) || age > staleMs;
    return age > 2000;
  } catch {
    return false;
  }
}

/** Waits for the lock; returns the function that releases it. */
export async function lock(log) {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (abandoned()) rmSync(lockFile, { force: true });
    if (waited === 10) log('waiting for another build');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
