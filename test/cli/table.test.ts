// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { formatTable } from '../../src/cli/table.js';

test('columns align and lines end clean', () => {
  const rows = [['name', 'n'], ['a', '1'], ['long name', '20'], ['short']];
  expect(formatTable(rows, ['left', 'right']).split('\n')).toEqual([
    'name        n',
    'a           1',
    'long name  20',
    'short',
  ]);
});
