// SPDX-License-Identifier: Apache-2.0
/**
 * The compact form of Weka sessions, one session a line:
 * `{id, block_size, tool, sys, models[], agents[[parent,type,status,start_ms,end_ms]],
 *   r[[t_ms, agent, model, in, out, api_ms, think_ms, p, k]]}`.
 * Rows stand in time order; -1 means absent; agent 0 is the main one, agent j is agents[j-1].
 * The prompt is the first k blocks of row p, then floor(in/block_size)-k new ones.
 */
import type { AgentDraft, SessionDraft, TurnDraft } from '../draft.js';
import { GapKind } from '../types.js';
import { closeLoop } from './closed-loop.js';
import {
  type Fields, Place, answerTokens, duration, label, list, msToNs, object, parseJson, promptTokens,
  text, whole,
} from './fields.js';
import type { LineParser } from './line-parser.js';

const COLUMNS = ['t_ms', 'agent', 'model', 'in', 'out', 'api_ms', 'think_ms', 'p', 'k'] as const;

export class CompactParser implements LineParser {
  private readonly place: Place;
  private readonly seen = new Set<string>();

  constructor(file: string) {
    this.place = new Place(file);
  }

  line(json: string, number: number, terminated: boolean): SessionDraft {
    this.place.line = number;
    this.place.path = '';
    const fields = object(parseJson(json, this.place, !terminated), this.place);
    const id = label(fields['id'], this.place, 'id');
    if (this.seen.has(id)) this.place.fail('id', 'session appears twice in this file', { got: id });
    this.seen.add(id);
    const blockSize = whole(fields['block_size'], this.place, 'block_size', 1);
    return { id, arrivalNs: 0, blockSize, scope: 'session', ...this.session(fields, blockSize) };
  }

  *end(): Iterable<SessionDraft> {}

  private session(fields: Fields, blockSize: number): Pick<SessionDraft, 'agents' | 'turns'> {
    const { place } = this;
    const models = list(fields['models'], place, 'models').map((m) => text(m, place, 'models'));
    const rows = list(fields['r'], place, 'r');
    if (rows.length === 0) place.fail('r', 'a session needs at least one request');
    const agentRows = list(fields['agents'] ?? [], place, 'agents');
    const turns: TurnDraft[] = [];
    const thinkNs: number[] = [];
    const firstMs = this.number(list(rows[0], place, 'r[0]'), 0, 0, Infinity);
    let previousMs = firstMs;
    for (let i = 0; i < rows.length; i++) {
      place.path = `r[${i}]`;
      const row = list(rows[i], place, '');
      if (row.length !== COLUMNS.length) {
        const allowed = `${COLUMNS.length} values`;
        place.fail('', 'row of the wrong length', { got: row, allowed });
      }
      previousMs = this.number(row, 0, previousMs, Infinity);
      const think = this.number(row, 6, -1, Infinity);
      thinkNs.push(think < 0 ? -1 : msToNs(think, place, 'think_ms'));
      turns.push(this.turn(row, previousMs - firstMs, agentRows.length, models, blockSize, turns));
    }
    const agents: AgentDraft[] = [{ parent: -1, endNs: -1 }];
    agentRows.forEach((row, i) => agents.push(this.agent(row, i, firstMs)));
    closeLoop(agents, turns, { thinkNs, fromUser: turns.map(() => false) });
    return { agents, turns };
  }

  private turn(
    row: readonly unknown[],
    startMs: number,
    lastAgent: number,
    models: readonly string[],
    blockSize: number,
    earlier: readonly TurnDraft[],
  ): TurnDraft {
    const { place } = this;
    const inputTokens = promptTokens(row[3], place, 'in');
    const blocks = Math.floor(inputTokens / blockSize);
    const api = this.number(row, 5, -1, Infinity);
    const prefixTurn = this.number(row, 7, -1, earlier.length - 1);
    const most = prefixTurn < 0 ? 0 : Math.min(blocks, earlier[prefixTurn].blocks);
    return {
      agent: this.number(row, 1, 0, lastAgent),
      model: models[this.number(row, 2, 0, models.length - 1)],
      startNs: msToNs(startMs, place, 't_ms'),
      inputTokens,
      outputTokens: answerTokens(row[4], place, 'out'),
      apiNs: api < 0 ? -1 : msToNs(api, place, 'api_ms'),
      gapKind: GapKind.none,
      blocks,
      ids: null,
      prefixTurn,
      prefixBlocks: this.number(row, 8, 0, most),
      dependencies: [],
    };
  }

  private agent(value: unknown, index: number, firstMs: number): AgentDraft {
    const { place } = this;
    place.path = `agents[${index}]`;
    const row = list(value, place, '');
    const parent = whole(row[0], place, 'parent', 0, index);
    const end = row[4] === -1 ? -1 : duration(row[4], place, 'end_ms');
    const joined = end >= 0 && row[2] !== 'async_launched';
    const endMs = Math.max(0, end - firstMs);
    return { parent, endNs: joined ? msToNs(endMs, place, 'end_ms') : -1 };
  }

  /** One cell: times may be fractions of a ms, the other columns are whole numbers. */
  private number(row: readonly unknown[], column: number, least: number, most: number): number {
    const value = row[column];
    const fraction = most === Infinity;
    const right = typeof value === 'number' && (fraction || Number.isInteger(value));
    if (right && value >= least && value <= most && value !== Infinity) return value;
    const kind = fraction ? 'must be a time' : 'must be a whole number';
    const allowed = fraction ? `${least} or more` : most < least ? 'none' : `${least} to ${most}`;
    return this.place.fail(COLUMNS[column], kind, { got: value, allowed });
  }
}
