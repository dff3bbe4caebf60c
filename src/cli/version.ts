// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';

/** Version of the package, from the manifest that ships with it. */
export function version(): string {
  const require = createRequire(import.meta.url);
  return (require('../../package.json') as { version: string }).version;
}
