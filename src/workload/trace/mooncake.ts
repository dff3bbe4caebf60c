// SPDX-License-Identifier: Apache-2.0
/**
 * Mooncake JSONL: `{timestamp (ms), input_length, output_length, hash_ids[]}`, 512-token blocks;
 * the last, partial block has an id as well. Each line is a session of its own unless it has a
 * `session_id`: equal ones are the turns of one session, in file order. A follow-up turn has
 * either a `delay` (ms after the turn before it has ended) or a `timestamp`.
 */
import type { BlockIds, DependencyDraft, SessionDraft, TurnDraft } from '../draft.js';
import { GapKind, Trigger } from '../types.js';
import { type LongIds, blockIds, checkIdCount, quoteLongIds } from './block-ids.js';
import {
  type Fields, Place, answerTokens, duration, label, msToNs, object, parseJson, promptTokens, text,
} from './fields.js';
import type { LineParser } from './line-parser.js';

export const MOONCAKE_BLOCK_SIZE = 512;

/** A session of which more turns may follow. */
interface OpenSession {
  readonly id: string;
  readonly arrivalNs: number;
  readonly turns: TurnDraft[];
}

export class MooncakeParser implements LineParser {
  private readonly place: Place;
  private readonly longIds: LongIds = new Map();
  /** By session id, in order of first appearance; holds lines without id once one has an id. */
  private readonly open = new Map<string, OpenSession>();
  private grouping = false;

  constructor(file: string, private readonly blockSize = MOONCAKE_BLOCK_SIZE) {
    this.place = new Place(file);
  }

  line(json: string, number: number, terminated: boolean): SessionDraft | undefined {
    const { place } = this;
    place.line = number;
    const fields = object(parseJson(quoteLongIds(json), place, !terminated), place);
    const named = fields['session_id'] !== undefined && fields['session_id'] !== null;
    if (named) this.grouping = true;
    const id = named ? `s:${label(fields['session_id'], place, 'session_id')}` : `#${number}`;
    const known = this.open.get(id);
    const session = known ?? this.begin(fields, named ? id.slice(2) : String(number));
    session.turns.push(this.turn(fields, session));
    if (!this.grouping) return this.finish(session);
    // From the first named session on nothing is complete before the end of the file.
    if (known === undefined) this.open.set(id, session);
    return undefined;
  }

  *end(): Iterable<SessionDraft> {
    for (const session of this.open.values()) yield this.finish(session);
  }

  private begin(fields: Fields, id: string): OpenSession {
    const late = fields['delay'] ?? fields['delay_ms'] ?? 0;
    const [value, key] = this.timestamp(fields) ?? [late, 'delay'];
    const arrivalNs = msToNs(duration(value, this.place, key), this.place, key);
    return { id, arrivalNs, turns: [] };
  }

  private timestamp(fields: Fields): [unknown, string] | undefined {
    for (const key of ['timestamp', 'created_time']) {
      if (fields[key] !== undefined && fields[key] !== null) return [fields[key], key];
    }
    return undefined;
  }

  private turn(fields: Fields, session: OpenSession): TurnDraft {
    const { place, blockSize } = this;
    const inputTokens = promptTokens(fields['input_length'] ?? fields['input_tokens'],
      place, 'input_length');
    const ids = this.ids(fields, inputTokens);
    const model = fields['model'] ?? 'default';
    const first = session.turns.length === 0;
    return {
      agent: 0,
      model: text(model, place, 'model'),
      ...(first ? { startNs: 0, dependencies: [] } : this.follow(fields, session)),
      inputTokens,
      outputTokens: answerTokens(fields['output_length'] ?? fields['output_tokens'],
        place, 'output_length'),
      apiNs: -1,
      gapKind: first ? GapKind.none : GapKind.tool,
      blocks: ids === null ? Math.floor(inputTokens / blockSize) : ids.length,
      ids,
      prefixTurn: -1,
      prefixBlocks: 0,
    };
  }

  private ids(fields: Fields, inputTokens: number): BlockIds | null {
    if (fields['hash_ids'] === undefined || fields['hash_ids'] === null) return null;
    const ids = blockIds(fields['hash_ids'], this.place, 'hash_ids', this.longIds);
    checkIdCount(ids.length, inputTokens, this.blockSize, this.place, 'hash_ids');
    return ids;
  }

  /**
   * A turn after the session's first one. A timestamp says when it was sent, not how long it
   * waited, so it holds as a distance of starts: never earlier, and never before the answer.
   */
  private follow(
    fields: Fields,
    { arrivalNs, turns }: OpenSession,
  ): Pick<TurnDraft, 'startNs' | 'dependencies'> {
    const { place } = this;
    const turn = turns.length - 1;
    const before = turns[turn].startNs;
    const stamp = this.timestamp(fields);
    const after = (delayNs: number): DependencyDraft =>
      ({ turn, trigger: Trigger.completion, delayNs });
    if (stamp === undefined) {
      const delay = duration(fields['delay'] ?? fields['delay_ms'] ?? 0, place, 'delay');
      const delayNs = msToNs(delay, place, 'delay');
      return { startNs: before + delayNs, dependencies: [after(delayNs)] };
    }
    const [value, key] = stamp;
    const startNs = msToNs(duration(value, place, key), place, key) - arrivalNs;
    if (startNs < before) {
      place.fail(key, 'earlier than the turn before it', { got: value });
    }
    const gap = { turn, trigger: Trigger.dispatch, delayNs: startNs - before };
    return { startNs, dependencies: [after(0), gap] };
  }

  private finish({ id, arrivalNs, turns }: OpenSession): SessionDraft {
    return {
      id,
      arrivalNs,
      blockSize: this.blockSize,
      scope: 'file',
      agents: [{ parent: -1, endNs: -1 }],
      turns,
    };
  }
}
