// SPDX-License-Identifier: Apache-2.0
/**
 * What one call of the operation cost model takes, warm: constants looked up, sizes that were asked
 * for before, as in the inner loop of a simulated step. Beside it the same without the memo, and a
 * lookup by words, as a caller pays who holds no bound operation.
 */
import {
  FITTED, operation, type Operation, OperationEstimator, type OperationName, peaksOf, type Peaks,
} from '../cost/op/index.js';
import { summarize, type Timing } from './statistics.js';

export interface CostResult {
  readonly id: string;
  /** Nanoseconds of a call: sizes seen before; new sizes each time; bound by words each time. */
  readonly warm: Timing;
  readonly fresh: Timing;
  readonly lookup: Timing;
  /** Sum of the latencies, so that nothing is optimised away. */
  readonly checksum: number;
}

/** A warm call may take this many ns. */
export const COST_BAR_NS = 1000;

const SIZES = 256;
const CALLS = 20_000;

/** Operations of one kind, no two of one size. */
function operationsOf(op: OperationName, words: Partial<Operation>): Operation[] {
  return Array.from({ length: SIZES }, (_, i) =>
    operation({
      op, framework: 'TRTLLM', version: '1.3.0rc20', dtype: 'bfloat16', m: 1 + i, n: 4096, k: 4096,
      batch: 1 + i, isl: 512 + i, pastKv: 1000 + 37 * i, heads: 64, kvHeads: 8, headDim: 128,
      tokens: 1 + 3 * i, hidden: 4096, inter: 1536, topk: 8, experts: 128, moeTp: 1, moeEp: 8,
      distribution: 'power_law_1.2', gpus: 8, elements: 1024 * (1 + i), ...words,
    }),
  );
}

const KINDS: readonly (readonly [string, OperationName, Partial<Operation>])[] = [
  ['gemm bf16', 'gemm', { kernelSource: 'torch_flow' }],
  ['gemm nvfp4', 'gemm', { kernelSource: 'torch_flow', dtype: 'nvfp4' }],
  ['decode attention', 'generation_attention', { kernelSource: 'torch_flow', kvDtype: 'fp8' }],
  ['context attention', 'context_attention', { kernelSource: 'torch_flow', kvDtype: 'bfloat16' }],
  ['decode MLA', 'generation_mla', { kernelSource: 'default', kvDtype: 'fp8' }],
  ['experts fp8', 'moe', { kernelSource: 'moe_torch_flow_cutlass', dtype: 'fp8' }],
  ['all-reduce', 'custom_allreduce', { kernelSource: 'TRTLLM' }],
];

/** Times each kind in `rounds` rounds; `now` is in ms. */
export function benchCost(now: () => number, rounds: number): CostResult[] {
  const peaks = peaksOf('b200_sxm') as Peaks;
  return KINDS.map(([id, op, words]) => {
    const operations = operationsOf(op, words);
    const estimator = new OperationEstimator(FITTED);
    const bound = estimator.bind(operations[0], peaks);
    let checksum = 0;
    for (const each of operations) checksum += bound.us(each);
    const calls: Record<'warm' | 'fresh' | 'lookup', (o: Operation) => number> = {
      warm: (o) => bound.us(o),
      fresh: (o) => bound.estimate(o).us,
      lookup: (o) => estimator.bind(o, peaks).us(o),
    };
    const time = (call: (o: Operation) => number): number => {
      let sum = 0;
      const from = now();
      for (let i = 0; i < CALLS; i++) sum += call(operations[i & (SIZES - 1)]);
      const ns = ((now() - from) * 1e6) / CALLS;
      if (!(sum > 0)) throw new Error(`${id}: no time at all`);
      return ns;
    };
    const measure = (call: (o: Operation) => number): Timing => {
      time(call);
      return summarize(Array.from({ length: rounds }, () => [time(call)]));
    };
    return {
      id, warm: measure(calls.warm), fresh: measure(calls.fresh), lookup: measure(calls.lookup),
      checksum,
    };
  });
}

/** Rows of a table: one a kind. */
export function costRows(results: readonly CostResult[]): string[][] {
  const ns = ({ p50 }: Timing): string => p50.toFixed(0);
  return [
    ['cost call', 'warm, ns', 'bar', '', 'evaluated, ns', 'looked up, ns'],
    ...results.map(({ id, warm, fresh, lookup }) => [
      id, ns(warm), String(COST_BAR_NS), warm.p50 <= COST_BAR_NS ? '' : '✗', ns(fresh), ns(lookup),
    ]),
  ];
}
