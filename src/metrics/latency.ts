// SPDX-License-Identifier: Apache-2.0
/** Latencies as users feel them, of all requests or of some. */
import { distributionOf, type Distribution, type PercentileMethod } from './distribution.js';
import type { RequestRecords, SessionRecords } from './records.js';
import { NS_PER_MIN, NS_PER_MS, NS_PER_S } from './units.js';

/** Latencies of requests; a request counts where it has come far enough to have one. */
export interface RequestLatency {
  /** Ready to first token. */
  readonly ttftMs: Distribution;
  /** (last - first token) / (tokens - 1), of requests with two output tokens or more. */
  readonly tpotMs: Distribution;
  /** Time in waiting queues, over all admissions. */
  readonly queueMs: Distribution;
  /** Ready to last token. */
  readonly turnS: Distribution;
}

/** Prompts without any cached token against the others. */
export interface ColdWarm {
  readonly coldTtftMs: Distribution;
  readonly warmTtftMs: Distribution;
}

type Filter = (row: number) => boolean;

const everyRow: Filter = () => true;

/** Whole ns a token, -1 for a request without a second token. */
export function tpotNs(requests: RequestRecords, row: number): number {
  const tokens = requests.outputTokens[row];
  const finish = requests.finishNs[row];
  if (finish < 0 || tokens < 2) return -1;
  return Math.round((finish - requests.firstTokenNs[row]) / (tokens - 1));
}

/** Ready to first token, ns; -1 before it. */
export function ttftNs(requests: RequestRecords, row: number): number {
  const first = requests.firstTokenNs[row];
  return first < 0 ? -1 : first - requests.readyNs[row];
}

/** Ready to last token, ns; -1 before it. */
export function turnNs(requests: RequestRecords, row: number): number {
  const finish = requests.finishNs[row];
  return finish < 0 ? -1 : finish - requests.readyNs[row];
}

/** Time decoding: what queues and prefill leave of a finished turn, ns; -1 before it. */
export function decodeNs(requests: RequestRecords, row: number): number {
  const turn = turnNs(requests, row);
  return turn < 0 ? -1 : turn - requests.queueNs[row] - requests.prefillNs[row];
}

/** Latencies of the requests that `among` picks. */
export function requestLatency(
  requests: RequestRecords,
  method: PercentileMethod,
  among: Filter = everyRow,
): RequestLatency {
  const { count, queueNs, finishNs } = requests;
  const of = (ns: (row: number) => number, unit: number): Distribution =>
    distributionOf(count, (row) => (among(row) ? ns(row) : -1), unit, method);
  return {
    ttftMs: of((row) => ttftNs(requests, row), NS_PER_MS),
    tpotMs: of((row) => tpotNs(requests, row), NS_PER_MS),
    queueMs: of((row) => (finishNs[row] < 0 ? -1 : queueNs[row]), NS_PER_MS),
    turnS: of((row) => turnNs(requests, row), NS_PER_S),
  };
}

export function coldWarm(requests: RequestRecords, method: PercentileMethod): ColdWarm {
  const { count, cachedTokens } = requests;
  const of = (cold: boolean): Distribution => {
    const ns = (row: number): number =>
      (cachedTokens[row] === 0) === cold ? ttftNs(requests, row) : -1;
    return distributionOf(count, ns, NS_PER_MS, method);
  };
  return { coldTtftMs: of(true), warmTtftMs: of(false) };
}

/** Start to end of sessions that came to their end, in minutes. */
export function sessionLatencyMin(
  { count, startNs, doneNs }: SessionRecords,
  method: PercentileMethod,
): Distribution {
  const ns = (row: number): number => (doneNs[row] < 0 ? -1 : doneNs[row] - startNs[row]);
  return distributionOf(count, ns, NS_PER_MIN, method);
}
