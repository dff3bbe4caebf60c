// SPDX-License-Identifier: Apache-2.0
/** `kvloom validate --serving` as a shell sees it, on rows that nobody measured. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kvloom } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-serving-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const csv = join(folder, 'made.csv');
const head = 'system,model_path,precision,mode,backend,isl,osl,conc,batch_size,tp_size,'
  + 'attention_dp_size,silicon_ttft_ms,silicon_tpot_ms';
const load = (mode: string, engine: string, users: number, ms: number): string =>
  `h100_sxm,llama-3.1-8b,fp8,${mode},${engine},1000,100,${users},${users},1,1,50,${ms}`;
const lines = [
  load('agg', 'vllm', 4, 5), load('agg', 'sglang', 8, 6), load('agg', 'trtllm', 16, 7),
  load('disagg', 'vllm', 4, 5),
];
writeFileSync(csv, `${[head, ...lines].join('\n')}\n`);

interface Result {
  readonly counts: { readonly rows: number; readonly disaggregated: number };
  readonly formula: { readonly total: { readonly n: number; readonly mean: number } };
  readonly simulator?: Result['formula'];
  readonly crossed: Readonly<Record<string, Pick<Result, 'formula' | 'simulator'>>>;
}

describe('validate --serving', () => {
  it('prints errors of formula and simulator side by side, and counts what it leaves', () => {
    const { code, out } = kvloom('validate', '--serving', csv, '--worst', '2');
    expect(code).toBe(0);
    expect(out).toContain('3 rows; not predicted: 1 of separate prefill and decode pools');
    expect(out).toMatch(/^TPOT error +n +formula: median % .* simulator: median % .* bias$/m);
    expect(out).toMatch(/^H100, H200, B200 +3( +-?[\d.]+){8}$/m);
    expect(out).toMatch(/^TTFT, order of magnitude +n /m);
    const worst = out.split('worst rows')[1].trim().split('\n');
    expect(worst[0]).toMatch(/measured ms +formula +simulator +error %$/);
    expect(worst).toHaveLength(3);
  });

  it('simulates rows left out with constants that did not see them', () => {
    const { code, out } = kvloom('validate', '--serving', csv, '--cross-validate', '--json');
    expect(code).toBe(0);
    const { counts, crossed, simulator } = JSON.parse(out) as Result;
    expect(counts).toMatchObject({ rows: 3, disaggregated: 1 });
    expect(Object.keys(crossed)).toEqual(['rows', 'groups', 'systems']);
    for (const fold of Object.values(crossed)) {
      expect([fold.formula.total.n, fold.simulator?.total.n]).toEqual([3, 3]);
    }
    expect(crossed.groups.simulator!.total.mean).not.toBe(simulator!.total.mean);
  });

  it('leaves the simulator out when asked', () => {
    const { out } = kvloom('validate', '--serving', csv, '--formula', '--json');
    const { formula, simulator } = JSON.parse(out) as Result;
    expect([formula.total.n, simulator]).toEqual([3, undefined]);
  });
});
