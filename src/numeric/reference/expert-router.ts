// SPDX-License-Identifier: Apache-2.0
/**
 * Slow, obvious twin of assembly/moe/route.ts: sorts whole rows. exp and log are the engine's, so
 * scores and weights may differ from the kernel's in the last bit; ids are exact for given scores.
 */
import type { ExpertRouterOptions, RouterScoring } from '../expert-router.js';

export interface ReferenceChoice {
  readonly ids: number[];
  readonly weights: number[];
  readonly groupIds: number[];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Indices by value, the largest first; ties by index, NaN behind all others. */
function ranked(values: readonly number[]): number[] {
  return [...values.keys()].sort((a, b) => {
    const [x, y] = [values[a], values[b]];
    const nan = (value: number): number => (Number.isNaN(value) ? 1 : 0);
    if (nan(x) || nan(y)) return nan(x) - nan(y);
    return x === y ? 0 : y > x ? 1 : -1;
  });
}

function softmax(logits: readonly number[], most: number): number[] {
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = sumOf(powers);
  return powers.map((x) => x / sum);
}

const largest = (values: readonly number[]): number =>
  values.reduce((most, x) => (x > most ? x : most), -Infinity);

/** Scores of one row of logits. */
export function referenceScores(logits: readonly number[], scoring: RouterScoring): number[] {
  if (scoring === 'given') return [...logits];
  if (scoring === 'softmax') return softmax(logits, largest(logits)).map(Math.fround);
  if (scoring === 'sigmoid') return logits.map((x) => Math.fround(sigmoid(x)));
  return logits.map((x) => Math.fround(Math.sqrt(x > 40 ? x : Math.log1p(Math.exp(x)))));
}

/** Routes one row: of scores for the kind grouped, of logits for the others. */
export function referenceRoute(
  options: ExpertRouterOptions,
  row: readonly number[],
): ReferenceChoice {
  if (options.kind === 'grouped') return grouped(options, row);
  const ids = ranked(row).slice(0, options.k);
  const chosen = ids.map((e) => row[e]);
  let weights: number[];
  if (options.kind === 'llama4') weights = chosen.map(sigmoid);
  else if (options.kind === 'topkSoftmax' || options.renormalize !== false) {
    weights = softmax(chosen, chosen[0]);
  } else {
    const all = softmax(row, chosen[0]);
    weights = ids.map((e) => all[e]);
  }
  return { ids, weights: weights.map(Math.fround), groupIds: [] };
}

function grouped(options: ExpertRouterOptions, scores: readonly number[]): ReferenceChoice {
  const { experts, k, groups = 1, bias } = options;
  const size = experts / groups;
  const choice = scores.map((s, e) => Math.fround(s + (bias ? Math.fround(bias[e]) : 0)));
  const groupScores = Array.from({ length: groups }, (_, g) => {
    const own = choice.slice(g * size, (g + 1) * size);
    const [first, second] = ranked(own).map((i) => own[i]);
    return options.groupScore === 'max' || size === 1 ? first : Math.fround(first + second);
  });
  const groupIds = ranked(groupScores).slice(0, options.keptGroups ?? groups);
  const open = [...choice.keys()].filter((e) => groupIds.includes(Math.floor(e / size)));
  const best = ranked(open.map((e) => choice[e])).map((i) => open[i]).slice(0, k);
  const sum = sumOf(best.map((e) => scores[e]));
  const divisor = options.renormalize === false ? 1 : sum;
  const scale = Math.fround(options.scale ?? 1);
  const factor = Math.fround(options.sharedFactor ?? options.scale ?? 1);
  const shared = Array.from({ length: options.sharedExperts ?? 0 }, (_, i) => experts + i);
  return {
    ids: [...best, ...shared],
    weights: [
      ...best.map((e) => Math.fround((scores[e] / divisor) * scale)),
      ...shared.map(() => Math.fround((sum / factor / divisor) * scale)),
    ],
    groupIds,
  };
}
