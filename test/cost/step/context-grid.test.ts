// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { cellOf, cellStart, GRID_CELLS } from '../../../src/cost/step/context-grid.js';

it('has cells that follow each other without gaps, 16 to an octave', () => {
  for (let cell = 0; cell < GRID_CELLS; cell++) {
    const start = cellStart(cell);
    expect(cellOf(start)).toBe(cell);
    if (start > 0) expect(cellOf(start - 1)).toBe(cell - 1);
  }
  for (const power of [128, 4096, 2 ** 20]) expect(cellStart(cellOf(power))).toBe(power);
  expect(cellStart(cellOf(4096) + 16)).toBe(8192);
});

it('ends in a cell without end', () => {
  expect(cellOf(2 ** 40)).toBe(GRID_CELLS - 1);
  expect(cellStart(GRID_CELLS)).toBe(2 ** 30);
});
