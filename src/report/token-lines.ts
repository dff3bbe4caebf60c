// SPDX-License-Identifier: Apache-2.0
import type { Rates, RunSummary } from '../metrics/index.js';
import { labelled } from './lines.js';
import { count, duration, number, percent, plural } from './numbers.js';
import type { TextStyle } from './style.js';

function rateItems(rates: Rates): string[] {
  const { inputTokensPerS: input, uncachedInputTokensPerS: uncached, outputTokensPerS } = rates;
  return [`${number(input)} in`, `${number(uncached)} uncached in`, `${number(outputTokensPerS)} out`];
}

/** Hit rate and reads per write are two numbers of one window: h, and h / (1 - h). */
function hitItems(hitRate: number | null, readsPerWrite: number | null, window: string): string[] {
  const ratio = readsPerWrite === null ? '-' : `${number(readsPerWrite)} : 1`;
  return [`hit ${percent(hitRate)} of tokens ${window}`, `read:write ${ratio} (hit:miss)`];
}

/** Tokens in and out, their rates, and what the KV cache served. */
export function tokenLines(summary: RunSummary, style: TextStyle): string[] {
  const { tokens, cache, requests, throughput, makespanS, replicas } = summary;
  const input = `${count(tokens.input)} in = ${count(tokens.cached)} cached`;
  const sent = [`${input} + ${count(tokens.uncached)} uncached`, `${count(tokens.output)} out`];
  const again = cache.prefillTokens - tokens.uncached;
  if (again > 0) sent.push(`${count(again)} prefilled again`);
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
    ...labelled(
      'prefix cache',
      hitItems(cache.hitRate, cache.readsPerWrite, 'at first admission'),
      style,
    ),
    ...(requests.preemptions === 0
      ? []
      : labelled(
          'all lookups',
          [
            ...hitItems(cache.lookupHitRate, cache.lookupReadsPerWrite, 'at every admission'),
            `${plural(requests.preemptions, 'preemption')} of ${plural(requests.preempted, 'request')}`,
          ],
          style,
        )),
  ];
}
