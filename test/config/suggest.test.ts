// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/config/suggest.js';

test('edit distance is a metric', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, a)).toBe(0);
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
    }),
  );
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('near names are found whatever their spelling style, far ones are not', () => {
  const names = ['numGpuBlocks', 'blockSize', 'name'];
  expect(nearest('num-gpu-blocks', names)).toBe('numGpuBlocks');
  expect(nearest('blocksize', names)).toBe('blockSize');
  expect(nearest('nmae', names)).toBe(null);
  expect(nearest('temperature', names)).toBe(null);
});
