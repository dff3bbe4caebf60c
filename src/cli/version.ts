// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Version of the package, from the manifest that ships with it. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
