// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  calibrate, poolFamilies, readOperationRows, validateRows,
} from '../../src/calibrate/index.js';
import { FITTED, OperationEstimator } from '../../src/cost/op/index.js';

/**
 * Published operation latencies, which are not part of the project: these tests run where
 * KVLOOM_DATA or ../shared/data holds them.
 */
const dataFolder = process.env['KVLOOM_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const file = join(dataFolder, 'measured/op_latency.csv');
const there = existsSync(file);
if (!there) console.info(`skipped: no ${file} (set KVLOOM_DATA to the shared data folder)`);

/** Classes that reach both bars on rows and shapes that the fit did not see. */
const REACHED = [
  'gemm bfloat16', 'gemm fp8', 'gemm fp8_block', 'gemm nvfp4', 'generation_attention bfloat16',
  'generation_mla bfloat16', 'context_mla bfloat16', 'moe bfloat16', 'moe fp8', 'moe fp8_block',
  'custom_allreduce bfloat16', 'nccl_all_gather half', 'nccl_alltoall half',
  'nccl_reduce_scatter half', 'nccl_all_reduce half', 'deepep_normal_dispatch+combine',
  'deepep_ll_dispatch fp8', 'deepep_ll_combine bfloat16', 'alltoall_dispatch nvfp4',
  'context_attention bfloat16', 'context_attention fp8', 'moe nvfp4 min-latency',
  'moe w4a16_mxfp4', 'moe w4a8_mxfp4_mxfp8', 'alltoall_prepare nvfp4',
];

const slow = { timeout: 60_000 };
test.skipIf(!there)('a fit reaches its bars on rows and shapes left out', slow, () => {
  const rows = readOperationRows(readFileSync(file, 'utf8'), file);
  const kept = rows.filter(({ operation }) => operation.op !== 'compute_scale');
  const { classes, kinds } = poolFamilies([...calibrate(kept)]);
  for (const { name, bars, heldOut } of kinds) {
    expect(heldOut.rows.mean, `${name}, rows`).toBeLessThanOrEqual(bars![0]);
    expect(heldOut.shapes.mean, `${name}, shapes`).toBeLessThanOrEqual(bars![1]);
  }
  for (const { name, bars, heldOut } of classes) {
    if (!REACHED.includes(name)) continue;
    expect(heldOut.rows.mean, `${name}, rows`).toBeLessThanOrEqual(bars![0]);
    expect(heldOut.shapes.mean, `${name}, shapes`).toBeLessThanOrEqual(bars![1]);
  }
  expect(REACHED.filter((name) => !classes.some((each) => each.name === name))).toEqual([]);
});

test.skipIf(!there)('the shipped constants are those of these rows', () => {
  const rows = readOperationRows(readFileSync(file, 'utf8'), file);
  const { all, borrowed } = validateRows(rows, new OperationEstimator(FITTED), 0);
  expect(all.mean).toBeLessThan(8);
  expect(borrowed.reduce((n, group) => n + group.n, 0)).toBeLessThan(60);
});
