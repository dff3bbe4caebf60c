// SPDX-License-Identifier: Apache-2.0
/** Records made by hand: times in ms, everything left out is zero or never. */
import type { ReplicaRecords, RequestRecords, RunRecords } from '../../src/metrics/index.js';

const MS = 1e6;

export interface Row {
  readonly session: number;
  readonly agent?: number;
  readonly sub?: boolean;
  readonly replica?: number;
  readonly input?: number;
  readonly cached?: number;
  readonly output?: number;
  readonly preemptions?: number;
  /** Ready, admitted, first token, finish; -1 for never. */
  readonly ms: readonly [number, number, number, number];
  /** First admission - ready, and first token - first admission, unless told. */
  readonly queueMs?: number;
  readonly prefillMs?: number;
  readonly gapMs?: number;
  readonly gap?: 'none' | 'tool' | 'user' | 'spawn';
  readonly after?: number;
}

export interface SessionRow {
  readonly id: string;
  readonly startMs: number;
  readonly doneMs: number;
}

type ReplicaNumbers = Omit<ReplicaRecords, 'count' | 'pool' | 'boundNs'>;
export type ReplicaRow = Partial<Record<keyof ReplicaNumbers, number>> & {
  readonly pool?: number;
  readonly boundNs?: readonly number[];
};

export interface Draft {
  readonly pools?: readonly string[];
  readonly bounds?: readonly string[];
  readonly sessions: readonly SessionRow[];
  readonly requests: readonly Row[];
  readonly replicas?: readonly ReplicaRow[];
}

const ns = (ms: number): number => (ms < 0 ? -1 : ms * MS);

function requestRecords(rows: readonly Row[]): RequestRecords {
  const f64 = (of: (row: Row) => number): Float64Array => Float64Array.from(rows, of);
  const u32 = (of: (row: Row) => number | undefined): Uint32Array =>
    Uint32Array.from(rows, (row) => of(row) ?? 0);
  const gaps = ['none', 'tool', 'user', 'spawn'];
  return {
    count: rows.length,
    session: u32((row) => row.session),
    agent: u32((row) => row.agent),
    isSub: Uint8Array.from(rows, (row) => (row.sub ? 1 : 0)),
    pool: new Uint8Array(rows.length),
    replica: Int32Array.from(rows, (row) => row.replica ?? (row.ms[0] < 0 ? -1 : 0)),
    inputTokens: u32((row) => row.input),
    outputTokens: u32((row) => row.output),
    cachedTokens: u32((row) => row.cached),
    preemptions: u32((row) => row.preemptions),
    readyNs: f64(({ ms }) => ns(ms[0])),
    admittedNs: f64(({ ms }) => ns(ms[1])),
    firstTokenNs: f64(({ ms }) => ns(ms[2])),
    finishNs: f64(({ ms }) => ns(ms[3])),
    queueNs: f64(({ ms, queueMs }) => (queueMs ?? Math.max(0, ms[1] - ms[0])) * MS),
    prefillNs: f64(({ ms, prefillMs }) => (prefillMs ?? Math.max(0, ms[2] - ms[1])) * MS),
    gapNs: f64(({ gapMs }) => (gapMs ?? 0) * MS),
    gapKind: Uint8Array.from(rows, ({ gap }) => gaps.indexOf(gap ?? 'none')),
    after: Int32Array.from(rows, ({ after }) => after ?? -1),
  };
}

function replicaRecords(rows: readonly ReplicaRow[], bounds: number): ReplicaRecords {
  const of = (key: keyof ReplicaNumbers): Float64Array =>
    Float64Array.from(rows, (row) => row[key] ?? 0);
  const none = Array<number>(bounds).fill(0);
  return {
    count: rows.length,
    pool: Uint8Array.from(rows, ({ pool }) => pool ?? 0),
    steps: of('steps'),
    prefillSteps: of('prefillSteps'),
    prefillTokens: of('prefillTokens'),
    decodeTokens: of('decodeTokens'),
    busyNs: of('busyNs'),
    uncachedInputNs: of('uncachedInputNs'),
    cachedInputNs: of('cachedInputNs'),
    attentionNs: of('attentionNs'),
    gemmNs: of('gemmNs'),
    communicationNs: of('communicationNs'),
    overheadNs: of('overheadNs'),
    boundNs: Float64Array.from(rows.flatMap(({ boundNs }) => [...(boundNs ?? none)])),
    evictedBlocks: of('evictedBlocks'),
    lookupTokens: of('lookupTokens'),
    hitTokens: of('hitTokens'),
    queuePeak: of('queuePeak'),
    queueMean: of('queueMean'),
    batchPeak: of('batchPeak'),
    batchMean: of('batchMean'),
    kvPeak: of('kvPeak'),
    kvMean: of('kvMean'),
    kvBlocks: of('kvBlocks'),
  };
}

export function makeRecords(draft: Draft): RunRecords {
  const { sessions, requests } = draft;
  const bounds = draft.bounds ?? ['compute', 'hbm'];
  const requestStart = Uint32Array.from({ length: sessions.length + 1 }, (_, s) =>
    requests.reduce((before, row) => before + (row.session < s ? 1 : 0), 0),
  );
  return {
    pools: draft.pools ?? ['main'],
    bounds,
    requests: requestRecords(requests),
    sessions: {
      count: sessions.length,
      id: sessions.map(({ id }) => id),
      startNs: Float64Array.from(sessions, ({ startMs }) => ns(startMs)),
      doneNs: Float64Array.from(sessions, ({ doneMs }) => ns(doneMs)),
      requestStart,
    },
    replicas: replicaRecords(draft.replicas ?? [{}], bounds.length),
  };
}

/**
 * A session whose second request spawns a sub-agent that the third one waits for, and a second
 * session of one request, preempted once. Times in ms:
 *
 * ```
 *   main  0: 0|10|30|130  --tool 50--  1: 180|180|200|300                   4: 500|500|520|620
 *                                         \spawn 5                         / tool 40
 *   sub                                    2: 185|195|225|325 -tool 25- 3: 350|350|360|460
 *   two   5: 60|70|100|100    its session starts at 40
 * ```
 */
export function joinRecords(): RunRecords {
  const sub = { session: 0, agent: 1, sub: true } as const;
  return makeRecords({
    sessions: [
      { id: 'one', startMs: 0, doneMs: 620 },
      { id: 'two', startMs: 40, doneMs: 100 },
    ],
    requests: [
      { session: 0, input: 1000, output: 11, ms: [0, 10, 30, 130] },
      {
        ...{ session: 0, input: 1200, cached: 800, output: 5, ms: [180, 180, 200, 300] },
        ...{ gap: 'tool', gapMs: 50, after: 0 },
      },
      {
        ...{ ...sub, input: 500, output: 3, ms: [185, 195, 225, 325] },
        ...{ gap: 'spawn', gapMs: 5, after: 1 },
      },
      {
        ...{ ...sub, input: 600, cached: 448, output: 2, ms: [350, 350, 360, 460] },
        ...{ gap: 'tool', gapMs: 25, after: 2 },
      },
      {
        ...{ session: 0, input: 1500, cached: 1100, output: 21, ms: [500, 500, 520, 620] },
        ...{ gap: 'tool', gapMs: 40, after: 3 },
      },
      {
        ...{ session: 1, agent: 2, replica: 1, input: 64, output: 1, preemptions: 1 },
        ms: [60, 70, 100, 100],
      },
    ],
    replicas: [
      {
        ...{ steps: 40, prefillSteps: 5, prefillTokens: 2452, decodeTokens: 37, busyNs: 310e6 },
        ...{ attentionNs: 31e6, gemmNs: 155e6, communicationNs: 62e6, overheadNs: 62e6 },
        ...{ boundNs: [62e6, 248e6], lookupTokens: 4800, hitTokens: 2348, evictedBlocks: 7 },
        ...{ queuePeak: 2, queueMean: 0.25, batchPeak: 2, batchMean: 1.5 },
        ...{ kvPeak: 40, kvMean: 20, kvBlocks: 100 },
      },
      {
        ...{ steps: 2, prefillSteps: 2, prefillTokens: 100, decodeTokens: 0, busyNs: 31e6 },
        ...{ gemmNs: 31e6, boundNs: [31e6, 0], lookupTokens: 128, hitTokens: 0 },
        ...{ queuePeak: 1, queueMean: 0.75, batchPeak: 1, batchMean: 0.5 },
        ...{ kvPeak: 1, kvMean: 1, kvBlocks: 100 },
      },
    ],
  });
}

/** A run in which nothing was asked for. */
export function emptyRecords(): RunRecords {
  return makeRecords({ sessions: [], requests: [], replicas: [] });
}
