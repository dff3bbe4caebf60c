// SPDX-License-Identifier: Apache-2.0
/**
 * Dynamo `agentic_mooncake` version 2: a header line, then one request a line with explicit
 * dependencies. A play is a session, a `session_id` within it an agent.
 */
import type { AgentDraft, BlockIds, DependencyDraft, SessionDraft, TurnDraft } from '../draft.js';
import { GapKind, Trigger } from '../types.js';
import { type LongIds, blockIds, checkIdCount, quoteLongIds } from './block-ids.js';
import {
  type Fields, Place, answerTokens, duration, label, list, msToNs, object, optionalDuration,
  parseJson, promptTokens, text, whole,
} from './fields.js';
import type { LineParser } from './line-parser.js';

const SCHEMA = 'dynamo.agentic_mooncake';
const TRIGGERS: ReadonlyMap<unknown, Trigger> = new Map(Object.entries(Trigger));
const RELATIONS = ['sequence', 'spawn', 'join', 'replay_barrier'];

interface Edge {
  readonly request: string;
  readonly trigger: Trigger;
  readonly delayNs: number;
  readonly spawn: boolean;
}

/** One line, checked; dependencies are still names. */
interface Row {
  readonly line: number;
  readonly request: string;
  readonly agent: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly apiNs: number;
  readonly notBeforeNs: number;
  readonly ids: BlockIds;
  readonly edges: readonly Edge[];
}

export class AgenticMooncakeParser implements LineParser {
  private readonly place: Place;
  private readonly longIds: LongIds = new Map();
  private readonly plays = new Map<string, Row[]>();
  private readonly playOf = new Map<string, string>();
  private blockSize = 0;
  private scope: 'session' | 'file' = 'session';

  constructor(file: string) {
    this.place = new Place(file);
  }

  line(json: string, number: number, terminated: boolean): undefined {
    const { place } = this;
    place.line = number;
    place.path = '';
    const fields = object(parseJson(quoteLongIds(json), place, !terminated), place);
    if (this.blockSize === 0) {
      this.header(fields);
      return;
    }
    const play = label(fields['play_id'], place, 'play_id');
    const row = this.row(fields);
    if (this.playOf.has(row.request)) {
      place.fail('request_id', 'request appears twice in this file', { got: row.request });
    }
    this.playOf.set(row.request, play);
    const rows = this.plays.get(play);
    if (rows === undefined) this.plays.set(play, [row]);
    else rows.push(row);
  }

  *end(): Iterable<SessionDraft> {
    for (const [play, rows] of this.plays) {
      yield new Play(play, rows, this.place).draft(this.blockSize, this.scope);
      this.plays.set(play, []);
    }
  }

  private header(fields: Fields): void {
    const { place } = this;
    if (fields['schema'] !== SCHEMA) {
      place.fail('schema', 'unknown schema', { got: fields['schema'], allowed: SCHEMA });
    }
    if (fields['version'] !== 2) {
      place.fail('version', 'unknown version', { got: fields['version'], allowed: '2' });
    }
    const scope = fields['hash_id_scope'] ?? 'local';
    if (scope !== 'local' && scope !== 'global') {
      place.fail('hash_id_scope', 'unknown scope', { got: scope, allowed: 'local, global' });
    }
    this.scope = scope === 'local' ? 'session' : 'file';
    this.blockSize = whole(fields['block_size'], place, 'block_size', 1);
  }

  private row(fields: Fields): Row {
    const { place } = this;
    const inputTokens = promptTokens(fields['input_length'], place, 'input_length');
    const ids = blockIds(fields['hash_ids'], place, 'hash_ids', this.longIds);
    checkIdCount(ids.length, inputTokens, this.blockSize, place, 'hash_ids');
    const api = optionalDuration(fields['recorded_api_time_ms'], place, 'recorded_api_time_ms');
    const early = optionalDuration(fields['not_before_ms'], place, 'not_before_ms');
    const edges = list(fields['dependencies'] ?? [], place, 'dependencies');
    return {
      line: place.line,
      request: label(fields['request_id'], place, 'request_id'),
      agent: label(fields['session_id'], place, 'session_id'),
      model: text(fields['model'] ?? 'default', place, 'model'),
      inputTokens,
      outputTokens: answerTokens(fields['output_length'], place, 'output_length'),
      apiNs: api < 0 ? -1 : msToNs(api, place, 'recorded_api_time_ms'),
      notBeforeNs: early < 0 ? 0 : msToNs(early, place, 'not_before_ms'),
      ids,
      edges: edges.map((edge, i) => this.edge(edge, `dependencies[${i}]`)),
    };
  }

  private edge(value: unknown, path: string): Edge {
    const { place } = this;
    const fields = object(value, place, path);
    const trigger = TRIGGERS.get(fields['trigger']);
    const relation = fields['relation'];
    if (trigger === undefined) {
      const allowed = [...TRIGGERS.keys()].join(', ');
      return place.fail(`${path}.trigger`, 'unknown trigger', { got: fields['trigger'], allowed });
    }
    if (relation !== undefined && !RELATIONS.includes(relation as string)) {
      const allowed = RELATIONS.join(', ');
      place.fail(`${path}.relation`, 'unknown relation', { got: relation, allowed });
    }
    const delay = duration(fields['delay_ms'] ?? 0, place, `${path}.delay_ms`);
    return {
      request: label(fields['request_id'], place, `${path}.request_id`),
      trigger,
      delayNs: msToNs(delay, place, `${path}.delay_ms`),
      spawn: relation === 'spawn',
    };
  }
}

/** Gives the rows of one play their recorded starts, order and numbers. */
class Play {
  private readonly indexOf = new Map<string, number>();
  private readonly startNs: Float64Array;

  constructor(
    private readonly id: string,
    private readonly rows: readonly Row[],
    private readonly place: Place,
  ) {
    rows.forEach((row, i) => this.indexOf.set(row.request, i));
    this.startNs = new Float64Array(rows.length);
  }

  draft(blockSize: number, scope: 'session' | 'file'): SessionDraft {
    const causal = this.causalOrder();
    for (const i of causal) this.startNs[i] = this.startOf(this.rows[i]);
    const rank = new Uint32Array(causal.length);
    causal.forEach((row, at) => (rank[row] = at));
    const { startNs } = this;
    const order = [...causal].sort((a, b) => startNs[a] - startNs[b] || rank[a] - rank[b]);
    const position = new Uint32Array(order.length);
    order.forEach((row, at) => (position[row] = at));
    const names = this.agentNames(order);
    const arrivalNs = this.startNs[order[0]];
    const started = new Set<string>();
    const turns = order.map((row, at) =>
      this.turn(this.rows[row], at, arrivalNs, names, position, started));
    return { id: this.id, arrivalNs, blockSize, scope, agents: this.agents(names, order), turns };
  }

  /** Every row after those it waits for; file order where that is the case already. */
  private causalOrder(): number[] {
    const rows = this.rows.map((_, i) => i);
    const causal = (row: Row, i: number): boolean =>
      row.edges.every((edge) => this.resolve(row, edge) < i);
    if (this.rows.every(causal)) return rows;
    const missing = this.rows.map((row) => row.edges.length);
    const followers: number[][] = this.rows.map(() => []);
    this.rows.forEach((row, i) => {
      for (const edge of row.edges) followers[this.resolve(row, edge)].push(i);
    });
    const order: number[] = [];
    const ready = rows.filter((i) => missing[i] === 0);
    for (let at = 0; at < ready.length; at++) {
      order.push(ready[at]);
      for (const row of followers[ready[at]]) if (--missing[row] === 0) ready.push(row);
    }
    if (order.length < this.rows.length) {
      const stuck = missing.findIndex((count) => count > 0);
      this.place.line = this.rows[stuck].line;
      this.place.fail('dependencies', 'requests wait for each other in a circle');
    }
    return order;
  }

  private resolve(row: Row, edge: Edge): number {
    const index = this.indexOf.get(edge.request);
    if (index !== undefined) return index;
    this.place.line = row.line;
    const got = edge.request;
    return this.place.fail('dependencies', `no such request in play ${this.id}`, { got });
  }

  private startOf(row: Row): number {
    let start = row.notBeforeNs;
    for (const edge of row.edges) {
      const source = this.resolve(row, edge);
      const api = edge.trigger === Trigger.completion ? Math.max(0, this.rows[source].apiNs) : 0;
      start = Math.max(start, this.startNs[source] + api + edge.delayNs);
    }
    return start;
  }

  /** Agents by first turn: the agent of the first turn is the root. */
  private agentNames(order: readonly number[]): Map<string, number> {
    const names = new Map<string, number>();
    for (const row of order) {
      const { agent } = this.rows[row];
      if (!names.has(agent)) names.set(agent, names.size);
    }
    return names;
  }

  private agents(names: Map<string, number>, order: readonly number[]): AgentDraft[] {
    const agents: AgentDraft[] = [];
    for (const row of order) {
      const { agent, edges } = this.rows[row];
      if (names.get(agent) !== agents.length) continue;
      const spawn = edges.find((edge) => edge.spawn);
      const source = spawn === undefined ? undefined : this.indexOf.get(spawn.request);
      const spawner = source === undefined ? 0 : names.get(this.rows[source].agent)!;
      // A parent stands before its children; an odd spawn from a later agent counts for the root.
      const parent = spawner < agents.length ? spawner : 0;
      agents.push({ parent: agents.length === 0 ? -1 : parent, endNs: -1 });
    }
    return agents;
  }

  private turn(
    row: Row,
    at: number,
    arrivalNs: number,
    names: Map<string, number>,
    position: Uint32Array,
    started: Set<string>,
  ): TurnDraft {
    const dependencies: DependencyDraft[] = row.edges.map((edge) => ({
      turn: position[this.resolve(row, edge)],
      trigger: edge.trigger,
      delayNs: edge.delayNs,
    }));
    // A lower bound on the clock becomes a distance from the play's first request.
    const bound = row.notBeforeNs - arrivalNs;
    if (dependencies.length > 0 && bound > 0) {
      dependencies.push({ turn: 0, trigger: Trigger.dispatch, delayNs: bound });
    }
    const firstOfAgent = !started.has(row.agent);
    started.add(row.agent);
    const { model, inputTokens, outputTokens, apiNs, ids } = row;
    return {
      agent: names.get(row.agent)!,
      model, inputTokens, outputTokens, apiNs, ids,
      startNs: this.startNs[this.indexOf.get(row.request)!] - arrivalNs,
      gapKind: at === 0 ? GapKind.none : firstOfAgent ? GapKind.spawn : GapKind.tool,
      blocks: ids.length,
      prefixTurn: -1,
      prefixBlocks: 0,
      dependencies,
    };
  }
}
