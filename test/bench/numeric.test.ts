// SPDX-License-Identifier: Apache-2.0
/** All sides of a numeric benchmark do the same work: their checksums agree. */
import { describe, expect, it } from 'vitest';
import {
  numericCases, numericLane, numericRatioRows, numericRows, runNumeric,
} from '../../src/bench/index.js';
import type { NumericOptions } from '../../src/bench/index.js';
import { openNumericNative } from '../../src/node/native-bench.js';

const effort = { ms: 1, rounds: 1 };
const sides = await openNumericNative();
if ('skipped' in sides) console.info(`native sides not tested: ${sides.skipped}`);
const cold: Partial<NumericOptions> = { openLane: (item, build) => numericLane(item, build, 0) };

/** The large ones do what the small ones do. */
const small = numericCases.filter(({ id }) => !id.endsWith('-4m'));

describe('numeric benchmarks', () => {
  it.each(small)(
    '$id leaves the same checksum on all sides',
    async (item) => {
      const native: NumericOptions['native'] = 'native' in sides ? sides.native : () => null;
      const [result] = await runNumeric([item], { native, ...effort, ...cold });
      expect(result.checksum).toBeGreaterThan(0);
      expect(result.simd.p50).toBeGreaterThan(0);
      expect(result.sides.scalar?.p50).toBeGreaterThan(0);
      expect(result.sides.js === undefined).toBe(item.plain === undefined);
      expect(result.bars.map(({ against }) => against)).toEqual(
        item.bars.map(({ against }) => against),
      );
    },
    60_000,
  );

  it('refuses sides that leave different checksums', async () => {
    const item = numericCases.find(({ id }) => id === 'nvfp4.quantize')!;
    const wrong = (): Promise<{ samples: number[]; checksum: number }> =>
      Promise.resolve({ samples: [1], checksum: 1 });
    const run = runNumeric([item], { native: () => wrong, ...effort, ...cold });
    await expect(run).rejects.toMatchObject({ name: 'InvariantBroken' });
  });

  it('leaves columns empty without a native side', async () => {
    const item = numericCases.find(({ id }) => id === 'moe.route')!;
    const results = await runNumeric([item], { native: () => null, ...effort, ...cold });
    expect(results[0].bars).toEqual([{ against: 'native', least: 1, value: null }]);
    expect(numericRows(results)[1].slice(4, 8)).toEqual(['', '', '', '']);
    expect(numericRatioRows(results)[1].at(-1)).toBe('');
  });
});
