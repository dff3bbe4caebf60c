// SPDX-License-Identifier: Apache-2.0
/**
 * kvloom's own trace format, JSONL: lossless for everything in a `Workload`, and small, because a
 * prompt is a pointer to an earlier one.
 *
 * ```
 *   {"schema":"kvloom.trace","version":1,"name":"demo","block_size":64,"models":["m"]}
 *   {"id":"s1","arrival":0,"agents":[-1,0],
 *    "turns":[[0,0,0,1000,50,2000000000,0,-1,0,15],[5000000000,0,0,1200,9,-1,1,0,15,18,[0,0,3e9]]]}
 * ```
 *
 * A turn is [start, agent, model, in, out, api, gap kind, p, k, blocks, waits?]: times in ns, the
 * start after the session's arrival, api -1 when unknown; agent counts within the session, and
 * `agents` lists parents. The prompt is the first k blocks of turn p, then blocks-k new ones.
 * `waits` is flat: turn, trigger (0 completion, 1 dispatch), delay, turn, ... Turn numbers count
 * from the start of the file, so a session can share blocks with an earlier one.
 */
import { UserError } from '../../core/user-error.js';
import { WorkloadBuilder } from '../builder.js';
import type { AgentDraft, DependencyDraft, SessionDraft, TurnDraft } from '../draft.js';
import type { GapKind, Trigger, Workload } from '../types.js';
import { checkIdCount } from './block-ids.js';
import { decode } from './bytes.js';
import { type Fields, Place, label, list, object, parseJson, text, whole } from './fields.js';
import type { LineParser } from './line-parser.js';

export const NATIVE_SCHEMA = 'kvloom.trace';
export const NATIVE_VERSION = 1;

const TURN_FIELDS =
  ['start', 'agent', 'model', 'in', 'out', 'api', 'gap', 'p', 'k', 'blocks'] as const;
const MAX_NS = 2 ** 53;
const MAX_TOKENS = 2 ** 32 - 1;

export class NativeParser implements LineParser {
  private readonly place: Place;
  private readonly seen = new Set<string>();
  private models: readonly string[] = [];
  private blockSize = 0;
  private name = '';
  /** Blocks of every turn so far, by number: what `p` and `k` may point at. */
  private readonly blocks: number[] = [];

  constructor(file: string) {
    this.place = new Place(file);
  }

  line(json: string, number: number, terminated = true): SessionDraft | undefined {
    const { place } = this;
    place.line = number;
    place.path = '';
    const fields = object(parseJson(json, place, !terminated), place);
    if (this.blockSize > 0) return this.session(fields);
    this.header(fields);
    return undefined;
  }

  *end(): Iterable<SessionDraft> {}

  private header(fields: Fields): void {
    const { place } = this;
    if (fields['schema'] !== NATIVE_SCHEMA) {
      place.fail('schema', 'unknown schema', { got: fields['schema'], allowed: NATIVE_SCHEMA });
    }
    if (fields['version'] !== NATIVE_VERSION) {
      const allowed = String(NATIVE_VERSION);
      place.fail('version', 'unknown version', { got: fields['version'], allowed });
    }
    this.models = list(fields['models'], place, 'models').map((m) => text(m, place, 'models'));
    if (typeof fields['name'] === 'string') this.name = fields['name'];
    this.blockSize = whole(fields['block_size'], place, 'block_size', 1);
  }

  private session(fields: Fields): SessionDraft {
    const { place } = this;
    const id = label(fields['id'], place, 'id');
    if (this.seen.has(id)) place.fail('id', 'session appears twice in this file', { got: id });
    this.seen.add(id);
    const arrivalNs = whole(fields['arrival'], place, 'arrival', 0, MAX_NS);
    const agents = list(fields['agents'], place, 'agents').map((parent, i): AgentDraft => {
      const [least, most] = i === 0 ? [-1, -1] : [0, i - 1];
      return { parent: whole(parent, place, `agents[${i}]`, least, most), endNs: -1 };
    });
    const rows = list(fields['turns'], place, 'turns');
    if (rows.length === 0) place.fail('turns', 'a session needs at least one turn');
    const firstTurn = this.blocks.length;
    let previousStart = 0;
    const turns = rows.map((row, i) => {
      place.path = `turns[${i}]`;
      const turn = this.turn(list(row, place, ''), firstTurn, rows.length, agents.length);
      if (turn.startNs < previousStart) {
        place.fail('start', 'turns must be in start order', { got: turn.startNs });
      }
      previousStart = turn.startNs;
      return turn;
    });
    const { blockSize, name } = this;
    const traceName = name === '' ? {} : { traceName: name };
    return { id, arrivalNs, blockSize, scope: 'session', ...traceName, agents, turns };
  }

  private turn(
    row: readonly unknown[],
    firstTurn: number,
    sessionTurns: number,
    agentCount: number,
  ): TurnDraft {
    const { place, blockSize } = this;
    const cell = (column: number, least: number, most: number): number =>
      whole(row[column], place, TURN_FIELDS[column], least, most);
    if (row.length < TURN_FIELDS.length || row.length > TURN_FIELDS.length + 1) {
      const allowed = `${TURN_FIELDS.length} or ${TURN_FIELDS.length + 1} values`;
      place.fail('', 'turn of the wrong length', { got: row, allowed });
    }
    const inputTokens = cell(3, 1, MAX_TOKENS);
    const blocks = cell(9, 0, MAX_TOKENS);
    checkIdCount(blocks, inputTokens, blockSize, place, 'blocks');
    const source = cell(7, -1, this.blocks.length - 1);
    const most = source < 0 ? 0 : Math.min(blocks, this.blocks[source]);
    this.blocks.push(blocks);
    return {
      startNs: cell(0, 0, MAX_NS),
      agent: cell(1, 0, agentCount - 1),
      model: this.models[cell(2, 0, this.models.length - 1)],
      inputTokens,
      outputTokens: cell(4, 0, MAX_TOKENS),
      apiNs: cell(5, -1, MAX_NS),
      gapKind: cell(6, 0, 3) as GapKind,
      blocks,
      ids: null,
      prefixTurn: source - firstTurn,
      prefixBlocks: cell(8, 0, most),
      dependencies: this.waits(row[10] ?? [], firstTurn, sessionTurns),
    };
  }

  private waits(value: unknown, firstTurn: number, sessionTurns: number): DependencyDraft[] {
    const { place } = this;
    const flat = list(value, place, 'waits');
    if (flat.length % 3 !== 0) {
      place.fail('waits', 'must be triples of turn, trigger, delay', { got: flat });
    }
    const out: DependencyDraft[] = [];
    const lastTurn = firstTurn + sessionTurns - 1;
    for (let i = 0; i < flat.length; i += 3) {
      out.push({
        turn: whole(flat[i], place, `waits[${i}]`, 0, lastTurn) - firstTurn,
        trigger: whole(flat[i + 1], place, `waits[${i + 1}]`, 0, 1) as Trigger,
        delayNs: whole(flat[i + 2], place, `waits[${i + 2}]`, 0, MAX_NS),
      });
    }
    return out;
  }
}

/** A workload from native-format text or bytes that are in memory as a whole. */
export function parseNative(source: string | Uint8Array, file = 'built-in'): Workload {
  const json = typeof source === 'string' ? source : decode(source, file);
  const parser = new NativeParser(file);
  const builder = new WorkloadBuilder();
  const lines = json.split('\n');
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const session = parser.line(line, i + 1, i + 1 < lines.length);
    if (session !== undefined) builder.addSession(session, { file, line: i + 1 });
  });
  if (builder.sessionCount === 0) throw new UserError('no sessions in this trace', { file });
  return builder.finish();
}
