// SPDX-License-Identifier: Apache-2.0
/**
 * One session as trace events: a process with one lane (thread) an agent.
 *
 * ```
 *   main   [tool wait][queue|prefill|decode]          [sub-agents][tool wait][prefill|decode]
 *                     \ spawn                                    / join
 *   sub 7              [spawn wait][prefill|decode][tool wait][prefill|decode]
 * ```
 *
 * Slices of a lane never overlap. A request that begins while another one of its agent still runs
 * shows as an async event only, as every request does besides.
 */
import { NS_PER_MS, type RequestRecords, type RunRecords } from '../metrics/index.js';
import { asyncEvent, flow, nameEvents, slice, type Lane, type TraceEvent } from './trace-events.js';

const GAP_NAMES = ['wait', 'tool wait', 'user wait', 'spawn wait'];
/** `gapKind` of a sub-agent's first request. */
const SPAWN = 3;

/** Requests of a session whose slices fit their agent's lane, and where each lane is free. */
class Lanes {
  readonly #freeNs = new Map<number, number>();
  readonly #onLane = new Set<number>();

  /** Takes the request unless its lane is busy. Returns since when the lane was free, or null. */
  take(requests: RequestRecords, row: number): number | null {
    const free = this.#freeNs.get(requests.agent[row]) ?? 0;
    if (requests.readyNs[row] < free) return null;
    this.#freeNs.set(requests.agent[row], requests.finishNs[row]);
    this.#onLane.add(row);
    return free;
  }

  has(row: number): boolean {
    return this.#onLane.has(row);
  }
}

/** The lane of a request's agent. Viewers skip thread 0, so that numbers start at 1. */
function laneOf(requests: RequestRecords, row: number, pid: number): Lane {
  return { pid, tid: requests.agent[row] + 1 };
}

function facts(requests: RequestRecords, row: number): Record<string, number | string> {
  return {
    request: row,
    replica: requests.replica[row],
    input_tokens: requests.inputTokens[row],
    cached_tokens: requests.cachedTokens[row],
    output_tokens: requests.outputTokens[row],
    preemptions: requests.preemptions[row],
    queue_ms: requests.queueNs[row] / NS_PER_MS,
    prefill_ms: requests.prefillNs[row] / NS_PER_MS,
  };
}

function* waits(r: RequestRecords, row: number, lane: Lane, free: number): Generator<TraceEvent> {
  const ready = r.readyNs[row];
  const begin = Math.max(free, ready - r.gapNs[row]);
  const before = r.after[row];
  // Between its last request and the wait's begin, an agent waited for others.
  const joined = free > 0 && before >= 0 && r.agent[before] !== r.agent[row];
  if (joined && begin > free) yield slice('sub-agents', lane, free, begin);
  if (ready > begin) yield slice(GAP_NAMES[r.gapKind[row]] ?? GAP_NAMES[0], lane, begin, ready);
}

function* phases(requests: RequestRecords, row: number, lane: Lane): Generator<TraceEvent> {
  const times = [requests.readyNs[row], requests.admittedNs[row]];
  times.push(requests.firstTokenNs[row], requests.finishNs[row]);
  for (const [i, name] of ['queue', 'prefill', 'decode'].entries()) {
    if (times[i + 1] > times[i]) yield slice(name, lane, times[i], times[i + 1], { request: row });
  }
}

function* lifetime(requests: RequestRecords, row: number, lane: Lane): Generator<TraceEvent> {
  const name = `request ${row}`;
  yield asyncEvent('b', name, lane, requests.readyNs[row], row, facts(requests, row));
  yield asyncEvent('n', name, lane, requests.firstTokenNs[row], row, { event: 'first token' });
  yield asyncEvent('e', name, lane, requests.finishNs[row], row);
}

/** Arrow from the request that another agent's request followed. */
function arrow(requests: RequestRecords, row: number, lanes: Lanes, pid: number): TraceEvent[] {
  const before = requests.after[row];
  if (before < 0 || requests.agent[before] === requests.agent[row]) return [];
  if (!lanes.has(before) || !lanes.has(row)) return [];
  const name = requests.gapKind[row] === SPAWN ? 'spawn' : 'join';
  const trigger = requests.readyNs[row] - requests.gapNs[row];
  // An arrow starts inside a slice: the end of one is outside.
  const from = Math.min(trigger, requests.finishNs[before] - 1);
  const begin = laneOf(requests, before, pid);
  return flow(name, row, begin, from, laneOf(requests, row, pid), requests.readyNs[row]);
}

function* laneNames(records: RunRecords, session: number, pid: number): Generator<TraceEvent> {
  const { requests, sessions } = records;
  yield* nameEvents(`session ${sessions.id[session]}`, pid);
  const named = new Set<number>();
  for (let row = sessions.requestStart[session]; row < sessions.requestStart[session + 1]; row++) {
    const agent = requests.agent[row];
    if (named.has(agent)) continue;
    named.add(agent);
    yield* nameEvents(requests.isSub[row] === 1 ? `sub ${agent}` : 'main', pid, agent + 1);
  }
}

/** Events of the finished requests of a session. */
export function* sessionTrace(
  records: RunRecords,
  session: number,
  pid: number,
): Generator<TraceEvent, void, undefined> {
  const { requests, sessions } = records;
  const lanes = new Lanes();
  yield* laneNames(records, session, pid);
  for (let row = sessions.requestStart[session]; row < sessions.requestStart[session + 1]; row++) {
    if (requests.finishNs[row] < 0) continue;
    const lane = laneOf(requests, row, pid);
    yield* lifetime(requests, row, lane);
    const free = lanes.take(requests, row);
    if (free === null) continue;
    yield* waits(requests, row, lane, free);
    yield* phases(requests, row, lane);
    yield* arrow(requests, row, lanes, pid);
  }
}
