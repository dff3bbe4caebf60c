// SPDX-License-Identifier: Apache-2.0
/** The three builds of each benchmark do the same work: their checksums agree. */
import { describe, expect, it } from 'vitest';
import { benchCases, runKernels, generateSessions } from '../../src/bench/index.js';
import { openNativeBench } from '../../src/node/native-bench.js';

const stream = generateSessions(3, { sessions: 6, turns: 20, shared: 40, first: 30, added: 12 });
const effort = { ms: 1, rounds: 1 };
const native = await openNativeBench(stream);
if ('skipped' in native) console.info(`native side not tested: ${native.skipped}`);

describe('kernel benchmarks', () => {
  it.each(benchCases)(
    '$id leaves the same checksum on SIMD and scalar builds',
    async (item) => {
      const [result] = await runKernels([item], { stream, native: null, ...effort });
      expect(result.checksum).toBeGreaterThan(0);
      expect(result.native).toBeNull();
      for (const { p50, p99, samples } of [result.simd, result.scalar]) {
        expect(p50).toBeGreaterThan(0);
        expect(p99).toBeGreaterThanOrEqual(p50);
        expect(samples).toBeGreaterThanOrEqual(5);
      }
    },
    60_000,
  );

  it.skipIf('skipped' in native).each(benchCases.filter((item) => item.native !== undefined))(
    '$id leaves the same checksum in native code',
    async (item) => {
      if ('skipped' in native) return;
      const options = { stream, native: native.run, ...effort };
      const [result] = await runKernels([item], options);
      expect(result.native?.p50).toBeGreaterThan(0);
    },
    60_000,
  );

  it('refuses builds that leave different checksums', async () => {
    const wrong = { samples: [1], checksum: 1 };
    const run = runKernels([benchCases[0]], {
      stream,
      native: () => Promise.resolve(wrong),
      ...effort,
    });
    await expect(run).rejects.toMatchObject({ name: 'InvariantBroken' });
  });
});
