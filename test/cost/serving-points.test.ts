// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine, StepModel } from '../../src/cost/index.js';
import { findDevice } from '../../src/hardware/index.js';
import { findModel } from '../../src/model/index.js';
import { decodeLoad, emptyCost, prefillLoad, stepModel } from './support.js';

/**
 * Mean TPOT against published aggregated serving points, which are not part of the project: the
 * test runs where KVLOOM_DATA or ../shared/data holds them.
 */
const dataFolder = process.env['KVLOOM_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const file = join(dataFolder, 'measured/serving_points.csv');

type Row = Record<string, string>;

function readRows(): Row[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header.trim().split(',');
  return lines.map((line) => {
    const fields = line.trim().split(',');
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? '']));
  });
}

/** TensorRT-LLM builds whose DeepSeek rows run with multi-token prediction that no column names. */
const SPECULATING = ['1.2.0rc6.post3', '1.1.0rc2.post2'];

/** Models whose kinds of layer the fixed times were fitted on. */
const FITTED_MODELS = ['deepseek-v3', 'qwen3-32b', 'llama-3.1-8b', 'llama-2-7b'];

/** A filter on inputs only: the measured value never decides. */
function isCovered(row: Row): boolean {
  const ranks = Number(row.tp_size);
  const dataParallel = Number(row.attention_dp_size || '1') || 1;
  if (row.mode !== 'agg' || ranks > 16 || dataParallel > 16) return false;
  const deviceFound = findDevice(row.system);
  const modelFound = findModel(row.model_path);
  if (deviceFound === undefined || modelFound === undefined) return false;
  if (!FITTED_MODELS.includes(modelFound.id)) return false;
  if (!['h100_sxm', 'h200_sxm', 'b200_sxm'].includes(row.system)) return false;
  // Tensor parallel layouts only; moe grids larger than the ranks are mislabelled.
  if (dataParallel > 1 || ranks > 8) return false;
  if (modelFound.ffn.kind === 'MoE') {
    if (SPECULATING.includes(row.backend_version)) return false;
    if (Number(row.moe_tp_size) * Number(row.moe_ep_size) !== ranks) return false;
  }
  return Number(row.batch_size) > 0;
}

function modelOf(row: Row): StepModel {
  const weights = row.precision === 'fp8' ? 'fp8' : row.precision === 'fp4' ? 'nvfp4' : 'bf16';
  const hopperSglang = row.backend === 'sglang' && row.system !== 'b200_sxm';
  const kv = weights === 'bf16' || hopperSglang ? 'bf16' : 'fp8';
  const engine = row.backend as Engine;
  return stepModel(row.system, row.model_path, Number(row.tp_size), weights, kv, engine);
}

/** Share of the weight pass that a mixed step saves, by engine (TensorRT-LLM, vLLM, SGLang). */
const SHARED_PASS: Record<Engine, number> = { trtllm: 1, vllm: 0.6, sglang: 0.55 };

/**
 * TPOT of a closed loop: a decode step at mid-output context, plus the prefills of the other
 * users that fall into one request's decode, less the weight pass that a mixed step shares.
 */
function predictTpotMs(row: Row): number {
  const steps = modelOf(row);
  const out = emptyCost();
  const users = Number(row.batch_size);
  // 1k and 8k pairs are drawn from 80 to 100 % of nominal.
  const scale = ['1024', '8192'].includes(row.isl) && ['1024', '8192'].includes(row.osl) ? 0.9 : 1;
  const isl = Math.round(Number(row.isl) * scale);
  const osl = Math.round(Number(row.osl) * scale);
  const decode = steps.price(decodeLoad(users, users * Math.round(isl + osl / 2)), out);
  const attention = out.attentionNs;
  const prefill = steps.price(prefillLoad(isl, 0), out);
  const interference = ((users - 1) * prefill) / osl;
  const overlap = Math.min(1, ((users - 1) * Math.ceil(isl / 8192)) / osl);
  const shared = SHARED_PASS[row.backend as Engine] * overlap * 0.8 * (decode - attention);
  return (decode + interference - Math.min(shared, 0.7 * interference)) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function summary(name: string, rows: readonly { error: number; ratio: number }[]): string {
  const errors = rows.map((row) => row.error);
  const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
  const bias = median(rows.map((row) => row.ratio));
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return `${name.padEnd(40)} n ${String(rows.length).padStart(4)}  median `
    + `${percent(median(errors))}  mean ${percent(mean)}  predicted/measured ${bias.toFixed(2)}`;
}

const hasData = existsSync(file);
if (!hasData) console.log(`serving points: skipped, there is no ${file}`);

it.skipIf(!hasData)('TPOT of published aggregated points', () => {
  const points = readRows().filter(isCovered).map((row) => {
    const ratio = predictTpotMs(row) / Number(row.silicon_tpot_ms);
    return { row, ratio, error: Math.abs(ratio - 1) };
  });
  const low = points.filter(({ row }) => Number(row.batch_size) <= 16);
  const lines = [summary('up to 16 users', low), summary('all loads', points)];
  const groups = new Map<string, typeof points>();
  for (const point of points) {
    const { system, model_path: path, backend, precision } = point.row;
    const key = `${system} ${findModel(path)?.id} ${precision || 'bf16'} ${backend}`;
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  for (const [name, rows] of [...groups].sort()) lines.push(`  ${summary(name, rows)}`);
  console.log(lines.join('\n'));
  expect(low.length).toBeGreaterThan(20);
  expect(median(low.map((point) => point.error))).toBeLessThan(0.4);
});
