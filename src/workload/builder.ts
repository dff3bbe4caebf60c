// SPDX-License-Identifier: Apache-2.0
import { UserError, type InputPlace } from '../core/user-error.js';
import { Column, float64, int32, uint16, uint32, uint8 } from './columns.js';
import type { BlockIds, SessionDraft, TurnDraft } from './draft.js';
import { IdScope, commonHead } from './id-scope.js';
import { chainBlock, type ChainColumns } from './identity.js';
import type { Workload } from './types.js';

const MAX_ROWS = 2 ** 31 - 1;
const MAX_MODELS = 2 ** 16;

/** A prompt's leading blocks that some earlier turn holds. */
interface SharedHead {
  readonly turn: number;
  readonly blocks: number;
}

const NOTHING_SHARED: SharedHead = { turn: -1, blocks: 0 };

/**
 * Appends sessions, ends with frozen `Workload` columns.
 *
 * Dense block ids are handed out in order of first use: sessions as they are added, their turns in
 * recorded start order. A turn's new blocks are therefore consecutive, and the turn that brought a
 * block into the workload is found by bisection over `firstBlock` instead of being stored.
 */
export class WorkloadBuilder {
  private blockSize = 0;
  private name = '';
  private uniqueBlocks = 0;
  private readonly modelIndex = new Map<string, number>();
  private readonly workloadScope = new IdScope(0);
  private fileScope = new IdScope(0);

  private readonly sessionId: string[] = [];
  private readonly usedIds = new Set<string>();
  private readonly arrivalNs = new Column(float64);
  private readonly agentStart = new Column(uint32);
  private readonly turnStart = new Column(uint32);

  private readonly agentSession = new Column(uint32);
  private readonly agentParent = new Column(int32);

  private readonly turnAgent = new Column(uint32);
  private readonly turnModel = new Column(uint16);
  private readonly startNs = new Column(float64);
  private readonly inputTokens = new Column(uint32);
  private readonly outputTokens = new Column(uint32);
  private readonly apiNs = new Column(float64);
  private readonly gapKind = new Column(uint8);
  private readonly prefixTurn = new Column(int32);
  private readonly prefixBlocks = new Column(uint32);
  private readonly blocks = new Column(uint32);
  private readonly firstBlock = new Column(uint32);
  private readonly next = new Column(int32);

  private readonly dependencyStart = new Column(uint32);
  private readonly dependencyTurn = new Column(uint32);
  private readonly dependencyTrigger = new Column(uint8);
  private readonly dependencyDelayNs = new Column(float64);

  /** `name` wins over the one that a trace carries. */
  constructor(name?: string) {
    if (name !== undefined) this.name = name;
  }

  get sessionCount(): number {
    return this.sessionId.length;
  }

  /** Ids of a file's own scope start afresh. Call before each file but the first. */
  startFile(): void {
    this.fileScope = new IdScope(this.uniqueBlocks);
  }

  /** Appends one session; `place` is for the error when it does not fit the ones before. */
  addSession(draft: SessionDraft, place: InputPlace = {}): void {
    this.checkSession(draft, place);
    if (this.name === '' && draft.traceName !== undefined) this.name = draft.traceName;
    const session = this.sessionId.length;
    const firstAgent = this.agentSession.length;
    this.sessionId.push(this.uniqueId(draft.id));
    this.arrivalNs.push(draft.arrivalNs);
    this.agentStart.push(firstAgent);
    this.turnStart.push(this.turnAgent.length);
    for (const agent of draft.agents) {
      this.agentSession.push(session);
      this.agentParent.push(agent.parent < 0 ? -1 : firstAgent + agent.parent);
    }
    this.addTurns(draft, firstAgent, place);
  }

  /**
   * The columns so far. The builder may go on afterwards; the result stays as it is. `fallback`
   * names a workload that neither the caller nor the trace has named.
   */
  finish(fallback = ''): Workload {
    const end = (column: Column<Uint32Array>, last: number): Uint32Array => {
      const out = new Uint32Array(column.length + 1);
      out.set(column.data.subarray(0, column.length));
      out[column.length] = last;
      return out;
    };
    return Object.freeze({
      name: this.name === '' ? fallback : this.name,
      blockSize: this.blockSize,
      uniqueBlocks: this.uniqueBlocks,
      models: Object.freeze([...this.modelIndex.keys()]),
      sessions: Object.freeze({
        count: this.sessionId.length,
        id: Object.freeze([...this.sessionId]),
        arrivalNs: this.arrivalNs.finish(),
        agentStart: end(this.agentStart, this.agentSession.length),
        turnStart: end(this.turnStart, this.turnAgent.length),
      }),
      agents: Object.freeze({
        count: this.agentSession.length,
        session: this.agentSession.finish(),
        parent: this.agentParent.finish(),
      }),
      turns: this.finishTurns(),
      dependencies: Object.freeze({
        start: end(this.dependencyStart, this.dependencyTurn.length),
        turn: this.dependencyTurn.finish(),
        trigger: this.dependencyTrigger.finish(),
        delayNs: this.dependencyDelayNs.finish(),
      }),
    });
  }

  private finishTurns(): Workload['turns'] {
    return Object.freeze({
      count: this.turnAgent.length,
      agent: this.turnAgent.finish(),
      model: this.turnModel.finish(),
      startNs: this.startNs.finish(),
      inputTokens: this.inputTokens.finish(),
      outputTokens: this.outputTokens.finish(),
      apiNs: this.apiNs.finish(),
      gapKind: this.gapKind.finish(),
      prefixTurn: this.prefixTurn.finish(),
      prefixBlocks: this.prefixBlocks.finish(),
      blocks: this.blocks.finish(),
      firstBlock: this.firstBlock.finish(),
      next: this.next.finish(),
    });
  }

  /** Two files may both have a session "1"; within a file the readers refuse that. */
  private uniqueId(id: string): string {
    let unique = id;
    for (let copy = 2; this.usedIds.has(unique); copy++) unique = `${id}#${copy}`;
    this.usedIds.add(unique);
    return unique;
  }

  private checkSession(draft: SessionDraft, place: InputPlace): void {
    if (this.blockSize === 0) this.blockSize = draft.blockSize;
    if (draft.blockSize !== this.blockSize) {
      throw new UserError(
        `session ${draft.id} has another block size than the sessions before it`,
        { ...place, path: 'block_size' },
        { got: draft.blockSize, allowed: String(this.blockSize) },
      );
    }
    if (draft.turns.length === 0) {
      throw new UserError(`session ${draft.id} has no requests`, place);
    }
    if (this.turnAgent.length + draft.turns.length > MAX_ROWS) {
      throw new UserError('too many requests', place, { allowed: `${MAX_ROWS} a workload` });
    }
  }

  private addTurns(draft: SessionDraft, firstAgent: number, place: InputPlace): void {
    const firstTurn = this.turnAgent.length;
    const last = new Int32Array(draft.agents.length).fill(-1);
    let scope: IdScope | null = null;
    let previousStart = 0;
    for (const turn of draft.turns) {
      if (turn.startNs < previousStart) throw new RangeError('turns must be in start order');
      previousStart = turn.startNs;
      const row = this.turnAgent.length;
      if (turn.ids === null) {
        this.addTurn(turn, firstAgent, this.givenHead(turn, firstTurn), place);
      } else {
        scope ??= this.scopeOf(draft);
        const shared = this.seenHead(scope, turn.agent, turn.ids);
        this.addTurn(turn, firstAgent, shared, place);
        this.nameBlocks(scope, row, turn.agent, turn.ids, shared);
      }
      if (last[turn.agent] >= 0) this.next.data[last[turn.agent]] = row;
      last[turn.agent] = row;
      for (const dependency of turn.dependencies) {
        this.dependencyTurn.push(firstTurn + dependency.turn);
        this.dependencyTrigger.push(dependency.trigger);
        this.dependencyDelayNs.push(dependency.delayNs);
      }
    }
    scope?.forgetPrompts();
  }

  private addTurn(turn: TurnDraft, firstAgent: number, head: SharedHead, place: InputPlace): void {
    this.turnAgent.push(firstAgent + turn.agent);
    this.turnModel.push(this.modelOf(turn.model, place));
    this.startNs.push(turn.startNs);
    this.inputTokens.push(turn.inputTokens);
    this.outputTokens.push(turn.outputTokens);
    this.apiNs.push(turn.apiNs);
    this.gapKind.push(turn.gapKind);
    this.prefixTurn.push(head.turn);
    this.prefixBlocks.push(head.blocks);
    this.blocks.push(turn.blocks);
    this.firstBlock.push(this.uniqueBlocks);
    this.next.push(-1);
    this.dependencyStart.push(this.dependencyTurn.length);
    this.uniqueBlocks += turn.blocks - head.blocks;
    if (this.uniqueBlocks > MAX_ROWS) {
      throw new UserError('too many distinct blocks', place, { allowed: `${MAX_ROWS} a workload` });
    }
  }

  private modelOf(name: string, place: InputPlace): number {
    const known = this.modelIndex.get(name);
    if (known !== undefined) return known;
    const index = this.modelIndex.size;
    if (index === MAX_MODELS) {
      throw new UserError('too many models', place, { allowed: `${MAX_MODELS} a workload` });
    }
    this.modelIndex.set(name, index);
    return index;
  }

  private scopeOf(draft: SessionDraft): IdScope {
    if (draft.scope === 'workload') return this.workloadScope;
    return draft.scope === 'file' ? this.fileScope : new IdScope(this.uniqueBlocks);
  }

  private givenHead(turn: TurnDraft, firstTurn: number): SharedHead {
    if (turn.prefixBlocks === 0) return NOTHING_SHARED;
    const source = firstTurn + turn.prefixTurn;
    const known = source >= 0 && source < this.turnAgent.length;
    if (!known || turn.prefixBlocks > Math.min(turn.blocks, this.blocks.data[source])) {
      throw new RangeError('a prefix must lie within an earlier turn');
    }
    return { turn: source, blocks: turn.prefixBlocks };
  }

  /** The leading run of known ids, and a turn that holds it: the agent's previous one if it can. */
  private seenHead(scope: IdScope, agent: number, ids: BlockIds): SharedHead {
    const previous = scope.lastPrompt(agent);
    const common = previous === undefined ? 0 : commonHead(previous.ids, ids);
    const chains = this.chains();
    let parent = common === 0 ? -1 : chainBlock(chains, previous!.turn, common - 1);
    let length = common;
    while (length < ids.length) {
      const dense = scope.find(parent, ids[length]);
      if (dense < 0) break;
      parent = dense;
      length++;
    }
    if (length === 0) return NOTHING_SHARED;
    const turn = length === common ? previous!.turn : this.ownerOf(parent);
    return { turn, blocks: length };
  }

  private nameBlocks(
    scope: IdScope,
    row: number,
    agent: number,
    ids: BlockIds,
    head: SharedHead,
  ): void {
    let dense = this.firstBlock.data[row];
    let parent = head.blocks === 0 ? -1 : chainBlock(this.chains(), head.turn, head.blocks - 1);
    for (let q = head.blocks; q < ids.length; q++) {
      scope.add(parent, ids[q], dense);
      parent = dense++;
    }
    scope.rememberPrompt(agent, row, ids);
  }

  /** The turn that brought a block: the last one whose first new id is not above it. */
  private ownerOf(dense: number): number {
    let low = 0;
    let high = this.firstBlock.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.firstBlock.data[middle] <= dense) low = middle;
      else high = middle;
    }
    return low;
  }

  private chains(): ChainColumns {
    return {
      prefixTurn: this.prefixTurn.data,
      prefixBlocks: this.prefixBlocks.data,
      firstBlock: this.firstBlock.data,
    };
  }
}
