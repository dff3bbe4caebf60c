// SPDX-License-Identifier: Apache-2.0
import { labelled } from './lines.js';
import { duration, number, plural } from './numbers.js';
import type { TextStyle } from './style.js';

/** USD a Mtok, the denominator in every name; null: no such tokens. */
interface PerMtok {
  readonly totalUsd: number;
  readonly usdPerMtokOfInputAndOutput: number | null;
  readonly cachedInputUsdPerMtokOfCachedInput: number | null;
  readonly uncachedInputUsdPerMtokOfUncachedInput: number | null;
  readonly outputUsdPerMtokOfOutput: number | null;
}

/** What a pool's GPUs cost. */
export interface PoolCostFacts {
  readonly pool: string;
  readonly gpus: number;
  readonly gpuHours: number;
  readonly price: {
    readonly usdPerGpuHour: number;
    readonly what: string;
    readonly status: string;
  };
  readonly cost: PerMtok;
}

/** What an API would have billed. */
export interface ApiBillFacts {
  readonly tariff: string;
  readonly requests: number;
  readonly cachedInputUsd: number;
  readonly uncachedInputUsd: number;
  readonly outputUsd: number;
  readonly totalUsd: number;
  readonly missing: string;
}

export interface CostFacts {
  readonly pools: readonly PoolCostFacts[];
  readonly unpriced: readonly string[];
  readonly api: readonly ApiBillFacts[];
}

/** $0.025, $1.26, $1,204. */
export function usd(value: number | null): string {
  if (value === null) return '-';
  const size = Math.abs(value);
  return `$${number(value, size >= 100 ? 0 : size >= 0.1 || size === 0 ? 2 : 3)}`;
}

function poolLines(each: PoolCostFacts, several: boolean, style: TextStyle): string[] {
  const { pool, gpus, gpuHours, price, cost } = each;
  const name = several ? `pool ${pool}: ` : '';
  const hours = `${plural(gpus, 'GPU')} x ${duration((gpuHours / gpus) * 3600)}`;
  const rate = `${usd(price.usdPerGpuHour)} an hour (${price.what}, ${price.status})`;
  return labelled('cost', [
    `${name}${usd(cost.totalUsd)} = ${hours} at ${rate}`,
    `a Mtok of cached input ${usd(cost.cachedInputUsdPerMtokOfCachedInput)}`,
    `of uncached input ${usd(cost.uncachedInputUsdPerMtokOfUncachedInput)}`,
    `of output ${usd(cost.outputUsdPerMtokOfOutput)}`,
    `of all ${usd(cost.usdPerMtokOfInputAndOutput)}`,
  ], style);
}

function billText(bill: ApiBillFacts): string {
  if (bill.missing !== '') return bill.missing;
  const { tariff, requests, cachedInputUsd, uncachedInputUsd, outputUsd, totalUsd } = bill;
  const parts = [
    `${usd(cachedInputUsd)} cached`,
    `${usd(uncachedInputUsd)} uncached in`,
    `${usd(outputUsd)} out`,
  ];
  return `${usd(totalUsd)} ${tariff} (${plural(requests, 'request')}): ${parts.join(' + ')}`;
}

/** What the run cost, and what an API would have billed for its tokens. */
export function costLines(cost: CostFacts, style: TextStyle): string[] {
  const { pools, unpriced, api } = cost;
  const several = pools.length + unpriced.length > 1;
  const none = unpriced.map((pool) => `no hourly price for pool ${pool}: set usdPerGpuHour`);
  return [
    ...pools.flatMap((each) => poolLines(each, several, style)),
    ...(none.length > 0 ? labelled('cost', none, style) : []),
    ...(api.length > 0 ? labelled('by API', api.map(billText), style) : []),
  ];
}
