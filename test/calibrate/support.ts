// SPDX-License-Identifier: Apache-2.0
import { emptyCost, formOf, operation, peaksOf, type Peaks } from '../../src/cost/op/index.js';

const HEAD = 'system,op,framework,fw_version,kernel_source,dtype,m,n,k,measured_ms';

/** What the made-up GPU below is: share of compute and HBM, fixed time, walk along k. */
export const GENERATOR = [0.71, 0.8, 2.4, 1.1] as const;

/** A CSV of bf16 products timed by known constants, each off by at most `noise`. */
export function syntheticCsv(noise = 0, systems: readonly string[] = ['h100_sxm', 'h200_sxm']) {
  const lines = [HEAD];
  let draw = 1;
  for (const system of systems) {
    for (const [n, k] of [[1024, 1024], [4096, 4096], [8192, 2048], [16384, 8192]]) {
      for (const m of [1, 16, 128, 512, 2048, 8192]) {
        const o = operation({ op: 'gemm', m, n, k });
        const peaks = peaksOf(system) as Peaks;
        const us = formOf(o).evaluate(o, peaks, GENERATOR, emptyCost());
        draw = (draw * 48271) % 2147483647;
        const ms = (us / 1000) * (1 + noise * (2 * (draw / 2147483647) - 1));
        lines.push(`${system},gemm,made,1,up,bfloat16,${m},${n},${k},${ms}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A CSV of one line under the header of the made-up file, with cells replaced. */
export function oneLine(cells: Readonly<Record<string, string>> = {}): string {
  const names = HEAD.split(',');
  const usual = ['h100_sxm', 'gemm', 'made', '1', 'up', 'bfloat16', '16', '512', '512', '0.01'];
  return `${HEAD}\n${names.map((name, i) => cells[name] ?? usual[i]).join(',')}\n`;
}
