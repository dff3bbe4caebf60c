// SPDX-License-Identifier: Apache-2.0
import { countTokens, makespanNs, NS_PER_S, type RunRecords } from '../metrics/index.js';
import {
  billRequest, MissingPriceError, servingCost, type ServingCost, type Tariff,
} from '../price/index.js';
import type { PoolFacts } from './plan.js';
import type { HourlyPrice, RunPrices } from './prices.js';

/** What the GPUs of a pool cost from the first request to the last token. */
export interface PoolCost {
  readonly pool: string;
  readonly gpus: number;
  readonly gpuHours: number;
  readonly price: HourlyPrice;
  readonly cost: ServingCost;
}

/** What an API would have billed, with the cache hits of this run. */
export interface ApiBill {
  readonly tariff: string;
  readonly name: string;
  readonly source: string;
  readonly date: string;
  readonly status: string;
  readonly requests: number;
  readonly cachedInputUsd: number;
  readonly uncachedInputUsd: number;
  readonly outputUsd: number;
  readonly totalUsd: number;
  /** Why there is no bill: a price that nobody has published; '' when there is one. */
  readonly missing: string;
}

export interface RunCost {
  /** Pools whose price is known. */
  readonly pools: readonly PoolCost[];
  /** Pools whose price is not. */
  readonly unpriced: readonly string[];
  readonly api: readonly ApiBill[];
}

/** Busy time of a pool's replicas by the tokens it was spent on, ns. */
function busyOf({ replicas }: RunRecords, pool: number): ServedBusy {
  const busy = { cachedInput: 0, uncachedInput: 0, output: 0 };
  for (let r = 0; r < replicas.count; r++) {
    if (replicas.pool[r] !== pool) continue;
    const cached = replicas.cachedInputNs[r];
    const uncached = replicas.uncachedInputNs[r];
    busy.cachedInput += cached;
    busy.uncachedInput += uncached;
    busy.output += replicas.busyNs[r] - cached - uncached;
  }
  return busy;
}

interface ServedBusy {
  cachedInput: number;
  uncachedInput: number;
  output: number;
}

function poolCost(
  facts: PoolFacts,
  pool: number,
  price: HourlyPrice,
  records: RunRecords,
  seconds: number,
): PoolCost {
  const { requests } = records;
  const tokens = countTokens(requests, (row) => requests.pool[row] === pool);
  const { gpus } = facts;
  const cost = servingCost({
    usdPerGpuHour: price.usdPerGpuHour,
    gpus,
    seconds,
    cachedInputTokens: tokens.cached,
    uncachedInputTokens: tokens.uncached,
    outputTokens: tokens.output,
    busy: busyOf(records, pool),
  });
  return { pool: facts.name, gpus, gpuHours: (gpus * seconds) / 3600, price, cost };
}

/** Bills the requests that `among` picks; entries of the cheapest write class, off-peak. */
function bill(tariff: Tariff, { requests }: RunRecords, among: (row: number) => boolean): ApiBill {
  const { id, name, source, date, status } = tariff;
  const sum = { requests: 0, cachedInputUsd: 0, uncachedInputUsd: 0, outputUsd: 0, totalUsd: 0 };
  let missing = '';
  try {
    for (let row = 0; row < requests.count; row++) {
      if (requests.finishNs[row] < 0 || !among(row)) continue;
      const cachedInput = requests.cachedTokens[row];
      const uncachedInput = requests.inputTokens[row] - cachedInput;
      const output = requests.outputTokens[row];
      const one = billRequest(tariff, { cachedInput, uncachedInput, output });
      sum.requests++;
      sum.cachedInputUsd += one.cachedInputUsd;
      sum.uncachedInputUsd += one.uncachedInputUsd;
      sum.outputUsd += one.outputUsd;
      sum.totalUsd += one.totalUsd;
    }
  } catch (error) {
    if (!(error instanceof MissingPriceError)) throw error;
    missing = error.message;
  }
  return { tariff: id, name, source, date, status, ...sum, missing };
}

/** One bill a tariff: of all requests for those named, else of those of its own models. */
function apiBills(
  prices: RunPrices,
  records: RunRecords,
  modelOf: ArrayLike<number>,
): ApiBill[] {
  if (prices.tariffs.length > 0) {
    return prices.tariffs.map((tariff) => bill(tariff, records, () => true));
  }
  const known = new Set(prices.ofModel.filter((each) => each !== null));
  return [...known]
    .map((tariff) => bill(tariff, records, (row) => prices.ofModel[modelOf[row]] === tariff))
    .filter(({ requests, missing }) => requests > 0 || missing !== '');
}

/**
 * What a run cost: hours of its GPUs, and what APIs bill for the same tokens. GPUs are paid for
 * from the first request to the last token, idle or not. `modelOf` is the trace's model by request.
 */
export function runCost(
  prices: RunPrices,
  pools: readonly PoolFacts[],
  records: RunRecords,
  modelOf: ArrayLike<number>,
): RunCost {
  const seconds = makespanNs(records) / NS_PER_S;
  const priced: PoolCost[] = [];
  const unpriced: string[] = [];
  pools.forEach((facts, i) => {
    const price = prices.pools[i];
    if (price === null) unpriced.push(facts.name);
    else if (seconds > 0) priced.push(poolCost(facts, i, price, records, seconds));
  });
  return { pools: priced, unpriced, api: apiBills(prices, records, modelOf) };
}
