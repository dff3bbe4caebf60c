// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A failure prints its numbers in full: rounding would hide the last bit.
    chaiConfig: { truncateThreshold: 0 },
    coverage: { include: ['src/**'], exclude: ['src/core/generated/**'] },
  },
});
