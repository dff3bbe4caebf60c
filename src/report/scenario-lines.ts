// SPDX-License-Identifier: Apache-2.0
import type { RunSummary } from '../metrics/index.js';
import { wrap, WIDTH } from './lines.js';
import { count, plural } from './numbers.js';
import type { Identity, Scenario, ScenarioPool } from './scenario.js';
import type { TextStyle } from './style.js';

/** Both ends of the digest: enough to tell two runs apart by eye. */
export function shortDigest(digest: string): string {
  return digest.length <= 9 ? digest : `${digest.slice(0, 4)}…${digest.slice(-4)}`;
}

function poolItems(pool: ScenarioPool): string[] {
  const { model, device, replicas, tensorParallel, router } = pool;
  const { attentionDataParallel: ranks = 1, expertParallel = 1, engine = 'vllm' } = pool;
  const routed = replicas * ranks > 1 ? [`${router} router`] : [];
  const constants = engine === 'vllm' ? [] : [`constants of ${engine}`];
  const layout = [
    ...(ranks === 1 ? [] : [`dp${ranks}`]),
    `tp${tensorParallel}`,
    ...(expertParallel === 1 ? [] : [`ep${expertParallel}`]),
  ].join(' ');
  return [model, device, `${count(replicas)} × ${layout}`, ...constants, ...routed];
}

/** What an engine would not have served: the run served it nevertheless. */
function contextLines(pool: ScenarioPool, style: TextStyle): string[] {
  const { contexts, model } = pool;
  if (contexts === undefined || contexts.beyond === 0) return [];
  const { beyond, limitTokens, longestTokens } = contexts;
  const asked = `${plural(beyond, 'request')} beyond the ${count(limitTokens)} tokens of ${model}`;
  const text = [asked, `longest ${count(longestTokens)}: an engine refuses them`];
  return wrap(text, WIDTH).map((line) => style('yellow', line));
}

/** Who computed this, and what ran: the first lines of the report. */
export function scenarioLines(
  { version, abi, seed, digest }: Identity,
  { workload, pools }: Scenario,
  { requests, sessions }: RunSummary,
  style: TextStyle,
): string[] {
  const split = `${count(requests.main)} main + ${count(requests.sub)} sub`;
  const asked = [workload, plural(sessions.count, 'session')];
  asked.push(`${plural(requests.count, 'request')} = ${split}`);
  const one = pools.length === 1 ? poolItems(pools[0]) : [];
  const others = pools.length === 1 ? [] : pools;
  const open = requests.count - requests.completed;
  return [
    `${style('bold', `kvloom ${version}`)}  core abi ${abi}  seed ${seed}  ` +
      `digest ${style('cyan', shortDigest(digest))}`,
    ...wrap([...asked, ...one], WIDTH),
    ...others.flatMap((pool) => wrap([`pool ${pool.name}`, ...poolItems(pool)], WIDTH)),
    ...pools.flatMap((pool) => contextLines(pool, style)),
    ...(open > 0 ? [style('yellow', `${plural(open, 'request')} did not finish`)] : []),
  ];
}
