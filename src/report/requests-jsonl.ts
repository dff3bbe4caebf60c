// SPDX-License-Identifier: Apache-2.0
import {
  decodeNs,
  GAP_KINDS,
  NS_PER_MS,
  tpotNs,
  ttftNs,
  turnNs,
  type RunRecords,
} from '../metrics/index.js';

/** One request; the unit ends each field's name. Null: it has not come that far. */
export interface RequestLine {
  readonly session: string;
  /** Row of the request in the workload; `after` counts the same way. */
  readonly request: number;
  readonly agent: number;
  readonly role: 'main' | 'sub';
  /** Model name in the trace, when `modelOf` was given. */
  readonly model?: string;
  readonly pool: string | null;
  readonly replica: number | null;
  readonly input_tokens: number;
  /** Found in the KV cache at the first admission. */
  readonly cached_tokens: number | null;
  readonly output_tokens: number;
  readonly ready_ns: number | null;
  readonly admitted_ns: number | null;
  readonly first_token_ns: number | null;
  readonly finish_ns: number | null;
  readonly ttft_ms: number | null;
  readonly tpot_ms: number | null;
  readonly turn_ms: number | null;
  readonly queue_ms: number | null;
  readonly prefill_ms: number | null;
  readonly decode_ms: number | null;
  readonly preemptions: number;
  /** Wait in front of the request, what is waited for, and the request that it followed. */
  readonly gap_ms: number;
  readonly gap_kind: string;
  readonly after: number | null;
}

export interface RequestLineOptions {
  readonly modelOf?: (request: number) => string;
}

const known = (value: number): number | null => (value < 0 ? null : value);
const ms = (ns: number): number | null => (ns < 0 ? null : ns / NS_PER_MS);

/** Row `row` of the records. */
export function requestLine(
  records: RunRecords,
  row: number,
  { modelOf }: RequestLineOptions = {},
): RequestLine {
  const { requests, sessions, pools } = records;
  const finished = requests.finishNs[row] >= 0;
  const placed = requests.replica[row] >= 0;
  return {
    session: sessions.id[requests.session[row]],
    request: row,
    agent: requests.agent[row],
    role: requests.isSub[row] === 1 ? 'sub' : 'main',
    ...(modelOf === undefined ? {} : { model: modelOf(row) }),
    pool: placed ? pools[requests.pool[row]] : null,
    replica: known(requests.replica[row]),
    input_tokens: requests.inputTokens[row],
    cached_tokens: requests.admittedNs[row] < 0 ? null : requests.cachedTokens[row],
    output_tokens: requests.outputTokens[row],
    ready_ns: known(requests.readyNs[row]),
    admitted_ns: known(requests.admittedNs[row]),
    first_token_ns: known(requests.firstTokenNs[row]),
    finish_ns: known(requests.finishNs[row]),
    ttft_ms: ms(ttftNs(requests, row)),
    tpot_ms: ms(tpotNs(requests, row)),
    turn_ms: ms(turnNs(requests, row)),
    queue_ms: finished ? requests.queueNs[row] / NS_PER_MS : null,
    prefill_ms: finished ? requests.prefillNs[row] / NS_PER_MS : null,
    decode_ms: ms(decodeNs(requests, row)),
    preemptions: requests.preemptions[row],
    gap_ms: requests.gapNs[row] / NS_PER_MS,
    gap_kind: GAP_KINDS[requests.gapKind[row]] ?? 'none',
    after: known(requests.after[row]),
  };
}

/** requests.jsonl, line by line in workload order, each with its newline. */
export function* requestsJsonl(
  records: RunRecords,
  options: RequestLineOptions = {},
): Generator<string, void, undefined> {
  for (let row = 0; row < records.requests.count; row++) {
    yield `${JSON.stringify(requestLine(records, row, options))}\n`;
  }
}
