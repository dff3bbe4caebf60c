// SPDX-License-Identifier: Apache-2.0
import { decodeNs } from './latency.js';
import type { RequestRecords } from './records.js';
import { NS_PER_S, ratio } from './units.js';

/** Turn time of all completed requests, added up: queue + prefill + decode, nothing else. */
export interface RequestTime {
  readonly queueS: number;
  readonly prefillS: number;
  readonly decodeS: number;
  readonly queueShare: number | null;
  readonly prefillShare: number | null;
  readonly decodeShare: number | null;
}

export function requestTime(requests: RequestRecords): RequestTime {
  let queue = 0;
  let prefill = 0;
  let decode = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.finishNs[row] < 0) continue;
    queue += requests.queueNs[row];
    prefill += requests.prefillNs[row];
    decode += decodeNs(requests, row);
  }
  const all = queue + prefill + decode;
  return {
    queueS: queue / NS_PER_S,
    prefillS: prefill / NS_PER_S,
    decodeS: decode / NS_PER_S,
    queueShare: ratio(queue, all),
    prefillShare: ratio(prefill, all),
    decodeShare: ratio(decode, all),
  };
}
