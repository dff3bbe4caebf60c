// SPDX-License-Identifier: Apache-2.0
import type { Rates, RunSummary } from '../metrics/index.js';
import { labelled } from './lines.js';
import { count, duration, number, percent, plural } from './numbers.js';
import type { TextStyle } from './style.js';

function rateItems(rates: Rates): string[] {
  return [
    `${number(rates.inputTokensPerS)} in`,
    `${number(rates.uncachedInputTokensPerS)} uncached in`,
    `${number(rates.outputTokensPerS)} out`,
  ];
}

/** Hit rate and reads per write are two numbers of one window: h, and h / (1 - h). */
function hitItems(hitRate: number | null, readsPerWrite: number | null, window: string): string[] {
  const ratio = `read:write ${number(readsPerWrite)} (cached per uncached token)`;
  return [`hit ${percent(hitRate)} of tokens ${window}`, ratio];
}

/** The engine's view; without preemptions it is the same as that of first admissions. */
function lookupItems({ cache, requests }: RunSummary): string[] {
  const preempted = plural(requests.preempted, 'request');
  return [
    ...hitItems(cache.lookupHitRate, cache.lookupReadsPerWrite, 'at every admission'),
    `${plural(requests.preemptions, 'preemption')} of ${preempted}`,
  ];
}

/** Tokens in and out, their rates, and what the KV cache served. */
export function tokenLines(summary: RunSummary, style: TextStyle): string[] {
  const { tokens, cache, requests, throughput, makespanS, replicas } = summary;
  const { input, cached, uncached } = tokens;
  const split = `${count(cached, input)} cached + ${count(uncached, input)} uncached`;
  const sent = [`${count(input)} in = ${split}`, `${count(tokens.output)} out`];
  const again = cache.prefillTokens - uncached;
  if (again > 0) sent.push(`${count(again)} prefilled again`);
  const hits = hitItems(cache.hitRate, cache.readsPerWrite, 'at first admission');
  const each = rateItems(throughput.perReplica).join(' + ');
  return [
    ...labelled('tokens', sent, style),
    ...labelled(
      'tokens/s',
      [
        rateItems(throughput.total).join(' + '),
        ...(replicas.length > 1 ? [`a replica: ${each}`] : []),
        `over ${duration(makespanS)}`,
      ],
      style,
    ),
    ...labelled('prefix cache', hits, style),
    ...(requests.preemptions > 0 ? labelled('all lookups', lookupItems(summary), style) : []),
  ];
}
