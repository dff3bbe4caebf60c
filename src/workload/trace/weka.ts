// SPDX-License-Identifier: Apache-2.0
/**
 * Weka / AgentX sessions, one JSON object each:
 * `{id, models[], block_size, hash_id_scope, requests[{t, model, in, out, hash_ids[], ...},
 *   {type: "subagent", t, duration_ms, status, requests[...]}]}`, times in s.
 *
 * `t` of a sub-agent entry is its completion. Its requests count from its launch,
 * `t - duration_ms/1000`; republished sets count from the session's start instead.
 */
import type { AgentDraft, BlockIds, SessionDraft, TurnDraft } from '../draft.js';
import { GapKind } from '../types.js';
import { blockIds, checkIdCount } from './block-ids.js';
import { closeLoop } from './closed-loop.js';
import {
  type Fields, type Place, answerTokens, duration, label, list, object, optionalDuration,
  promptTokens, secondsToNs, text, whole,
} from './fields.js';

/** From when the requests inside a sub-agent entry count. */
export type NestedTimes = 'auto' | 'relative' | 'absolute';

/** Two recorded times closer than this are the same moment, s (some files round to 1 s). */
const SAME_MOMENT_S = 1.5;

/** Fields of the document itself. */
export interface WekaHead {
  readonly id: string;
  readonly blockSize: number;
  readonly scope: 'session' | 'workload';
  readonly defaultModel: string;
}

export interface WekaRequest {
  readonly kind: 'request';
  readonly t: number;
  readonly model: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly ids: BlockIds;
  readonly apiS: number;
  readonly thinkS: number;
  readonly fromUser: boolean;
}

export interface WekaSubagent {
  readonly kind: 'subagent';
  readonly t: number;
  /** Null when the parent did not wait for it. */
  readonly durationMs: number | null;
  readonly joined: boolean;
  readonly items: readonly WekaItem[];
}

export type WekaItem = WekaRequest | WekaSubagent;

export function wekaHead(fields: Fields, place: Place): WekaHead {
  const scope = fields['hash_id_scope'] ?? 'local';
  if (scope !== 'local' && scope !== 'global') {
    place.fail('hash_id_scope', 'unknown scope', { got: scope, allowed: 'local, global' });
  }
  const models = list(fields['models'] ?? [], place, 'models');
  return {
    id: label(fields['id'], place, 'id'),
    blockSize: whole(fields['block_size'], place, 'block_size', 1),
    scope: scope === 'local' ? 'session' : 'workload',
    defaultModel: models.length > 0 ? text(models[0], place, 'models[0]') : 'unknown',
  };
}

/** One entry of `requests`; `path` names it in errors. */
export function wekaItem(value: unknown, place: Place, path: string): WekaItem {
  place.path = path;
  const fields = object(value, place);
  const t = duration(fields['t'], place, 't');
  if (fields['type'] !== 'subagent') return wekaRequest(fields, t, place);
  const durationMs = optionalDuration(fields['duration_ms'], place, 'duration_ms');
  const nested = list(fields['requests'] ?? [], place, 'requests');
  return {
    kind: 'subagent',
    t,
    durationMs: durationMs < 0 ? null : durationMs,
    joined: durationMs >= 0 && fields['status'] !== 'async_launched',
    items: nested.map((item, i) => wekaItem(item, place, `${path}.requests[${i}]`)),
  };
}

function wekaRequest(fields: Fields, t: number, place: Place): WekaRequest {
  const types = list(fields['input_types'] ?? [], place, 'input_types');
  const model = fields['model'] ?? undefined;
  return {
    kind: 'request',
    t,
    model: model === undefined ? undefined : text(model, place, 'model'),
    inputTokens: promptTokens(fields['in'], place, 'in'),
    outputTokens: answerTokens(fields['out'], place, 'out'),
    ids: blockIds(fields['hash_ids'], place, 'hash_ids'),
    apiS: optionalDuration(fields['api_time'], place, 'api_time'),
    thinkS: optionalDuration(fields['think_time'], place, 'think_time'),
    fromUser: types.includes('text') && !types.includes('tool_result'),
  };
}

/** A request with its absolute start, s; the array position is the document order. */
interface Placed {
  readonly start: number;
  readonly agent: number;
  readonly request: WekaRequest;
}

/** Lays a document out in time: absolute starts, agents, start order, waits. */
export function wekaSession(
  head: WekaHead,
  items: readonly WekaItem[],
  place: Place,
  nestedTimes: NestedTimes,
): SessionDraft {
  const absolute = nestedTimes === 'auto' ? countsFromRoot(items) : nestedTimes === 'absolute';
  const placed: Placed[] = [];
  const ends: { parent: number; end: number }[] = [{ parent: -1, end: -1 }];
  // The operations and their order are those of cachegold.py: equal doubles, equal ties.
  const walk = (list: readonly WekaItem[], base: number, agent: number, path: string): void => {
    list.forEach((item, i) => {
      const here = `${path}requests[${i}]`;
      if (item.kind === 'request') {
        place.path = here;
        checkIdCount(item.ids.length, item.inputTokens, head.blockSize, place, 'hash_ids');
        placed.push({ start: base === 0 ? item.t : base + item.t, agent, request: item });
        return;
      }
      const child = ends.length;
      const end = base === 0 ? item.t : base + item.t;
      ends.push({ parent: agent, end: item.joined ? end : -1 });
      const launch = item.durationMs === null ? item.t : item.t - item.durationMs / 1000;
      const childBase = absolute ? 0 : base === 0 ? launch : base + launch;
      walk(item.items, childBase, child, `${here}.`);
    });
  };
  walk(items, 0, 0, '');
  place.path = '';
  if (placed.length === 0) place.fail('requests', 'a session needs at least one request');
  placed.sort((a, b) => a.start - b.start);
  const first = placed[0].start;
  const agents = ends.map(({ parent, end }): AgentDraft => ({
    parent,
    endNs: end < 0 ? -1 : secondsToNs(Math.max(0, end - first), place, 't'),
  }));
  const turns = placed.map((row) => wekaTurn(row, first, head.defaultModel, place));
  closeLoop(agents, turns, {
    thinkNs: placed.map(({ request }) => nsOrUnknown(request.thinkS, place, 'think_time')),
    fromUser: placed.map(({ request }) => request.fromUser),
  });
  const { id, blockSize, scope } = head;
  return { id, arrivalNs: 0, blockSize, scope, agents, turns };
}

function wekaTurn(row: Placed, first: number, defaultModel: string, place: Place): TurnDraft {
  const { request } = row;
  return {
    agent: row.agent,
    model: request.model ?? defaultModel,
    startNs: secondsToNs(row.start - first, place, 't'),
    inputTokens: request.inputTokens,
    outputTokens: request.outputTokens,
    apiNs: nsOrUnknown(request.apiS, place, 'api_time'),
    gapKind: GapKind.none,
    blocks: request.ids.length,
    ids: request.ids,
    prefixTurn: -1,
    prefixBlocks: 0,
    dependencies: [],
  };
}

function nsOrUnknown(seconds: number, place: Place, key: string): number {
  return seconds < 0 ? -1 : secondsToNs(seconds, place, key);
}

/**
 * Whether nested times count from the session's start: every sub-agent that was launched clearly
 * after it begins at or after its launch, where a relative time would begin near 0.
 */
function countsFromRoot(items: readonly WekaItem[]): boolean {
  let votes = 0;
  for (const item of items) {
    if (item.kind === 'request' || item.items.length === 0) continue;
    const launch = item.t - (item.durationMs ?? 0) / 1000;
    if (launch <= SAME_MOMENT_S) continue;
    // Without a duration `t` may be the completion, so only "near 0" tells the two apart.
    const least = item.durationMs === null ? SAME_MOMENT_S : launch - SAME_MOMENT_S;
    if (item.items[0].t <= Math.max(0, least)) return false;
    votes++;
  }
  return votes > 0;
}
