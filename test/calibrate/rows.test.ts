// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, test } from 'vitest';
import { UserError } from '../../src/core/user-error.js';
import { readOperationRows } from '../../src/calibrate/index.js';
import { oneLine } from './support.js';

const read = (text: string) => readOperationRows(text, 'x.csv');

describe('readOperationRows', () => {
  it('reads words, sizes and milliseconds', () => {
    const [row] = read(oneLine());
    expect(row.operation).toMatchObject({ op: 'gemm', framework: 'made', m: 16, n: 512, k: 512 });
    expect(row.measuredUs).toBeCloseTo(10, 12);
    expect([row.peaks.id, row.line]).toEqual(['h100_sxm', 2]);
  });

  it('takes columns in any order, more columns, quotes, CRLF and a byte order mark', () => {
    const head = '\uFEFFnote,k,n,m,dtype,op,system,measured_ms\r\n';
    const text = `${head}"a ""b"", c",512,512,16,fp8,gemm,gb200,2\r\n`;
    const [row] = read(text);
    expect(row.operation).toMatchObject({ dtype: 'fp8', m: 16, k: 512 });
    expect(row.measuredUs).toBe(2000);
  });

  it('leaves sizes of other operations at 0', () => {
    expect(read(oneLine())[0].operation).toMatchObject({ tokens: 0, gpus: 0, window: 0 });
  });
});

test.each([
  ['a missing column', 'system,op,measured_ms\n', 'x.csv:1: dtype: missing column'],
  ['a missing size', 'system,op,dtype,m,n,measured_ms\ngb200,gemm,fp8,1,1,1\n', ':1: k: missing'],
  ['a column twice', 'system,op,dtype,op,measured_ms\n', 'x.csv:1: op: column twice'],
  ['no rows', 'system,op,dtype,measured_ms\n\n', 'x.csv: no rows'],
  ['a truncated line', `${oneLine()}h100_sxm,gemm\n`, 'x.csv:3: truncated line, got "2 cells"'],
  ['too many cells', oneLine({ k: '5,5' }), ':2: too many cells'],
  ['broken quotes', oneLine({ k: '"5' }), ':2: broken quotes'],
  ['an unknown operation', oneLine({ op: 'gemv' }),
    ':2: op: unknown op, got "gemv" (allowed:'],
  ['an unknown system', oneLine({ system: 'x' }),
    ':2: system: unknown system, got "x" (allowed:'],
  ['an unknown format', oneLine({ dtype: 'int3' }),
    ':2: dtype: unknown dtype, got "int3" (all'],
  ['a size that is no number', oneLine({ m: 'NaN' }), ':2: m: must be a number, got "NaN"'],
  ['an empty size', oneLine({ m: '' }), ':2: m: must be a number, got ""'],
  ['a negative size', oneLine({ n: '-4' }),
    ':2: n: must be a size of gemm, got "-4" (allowed: 1 to'],
  ['a size of nothing', oneLine({ k: '0' }), ':2: k: must be a size of gemm, got "0"'],
  ['a huge size', oneLine({ k: '1e30' }), ':2: k: must be a size of gemm, got "1e30"'],
  ['no latency', oneLine({ measured_ms: '0' }), ':2: measured_ms: must be > 0, got "0"'],
  ['an infinite latency', oneLine({ measured_ms: 'Infinity' }),
    ':2: measured_ms: must be a number'],
])('%s is refused with its place', (_, text, message) => {
  expect(() => read(text)).toThrow(UserError);
  expect(() => read(text)).toThrow(message);
});

it('refuses a routing distribution that it does not know', () => {
  const sizes = 'tokens,hidden,inter,topk,experts,moe_tp,moe_ep';
  const head = `system,op,dtype,${sizes},distribution,measured_ms`;
  const text = `${head}\nh100_sxm,moe,fp8,1,1,1,1,1,1,1,zipf,1\n`;
  expect(() => read(text)).toThrow('x.csv:2: distribution: unknown distribution, got "zipf"');
});
