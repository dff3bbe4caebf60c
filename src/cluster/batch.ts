// SPDX-License-Identifier: Apache-2.0
import type { KeySpace } from './key-space.js';
import type { KvCache } from './kv-cache.js';
import type { PoolPlan } from './options.js';
import type { ReplicaState } from './replica-state.js';
import type { RequestMemory } from './request-memory.js';
import type { StepWork } from './step-work.js';
import { Phase, type TurnState } from './turn-state.js';

/** A replica's fixed surroundings. */
export interface ReplicaSite {
  readonly index: number;
  readonly plan: PoolPlan;
  readonly kv: KvCache;
  readonly keys: KeySpace;
}

/** Why a request is not admitted: blocks are short, or the step's prompts leave it no tokens. */
const NO_ROOM = 0;
const NEXT_STEP = -1;

const blocksFor = (tokens: number, blockSize: number): number => Math.ceil(tokens / blockSize);

/**
 * Continuous batching with chunked prefill, as vLLM v1 schedules it: running requests first, in
 * order of admission, each with one decode token or the next prompt chunk; then waiting requests,
 * first come first served, as long as token budget, sequence slots and KV blocks last. Pools may
 * ask for the steps of another engine (`SchedulerKind`). When a
 * running request cannot get a block, the request admitted last is preempted: its full blocks stay
 * cached, it goes to the head of the queue and recomputes what is gone by then.
 *
 * A refused head of the queue is not tried again before a request leaves the batch or a prompt adds
 * blocks that the head may share: nothing else can change the answer.
 */
export class Batch {
  /** Requests that the step being completed finishes; empty between calls. */
  readonly #left: number[] = [];

  constructor(
    private readonly replicas: ReplicaState,
    private readonly turns: TurnState,
    private readonly memory: RequestMemory,
    private readonly inputTokens: Uint32Array,
    private readonly outputTokens: Uint32Array,
  ) {}

  /** Decides what the next step of a replica computes; sums it up in `load`. */
  form(site: ReplicaSite, now: number, load: StepWork): void {
    load.decodeSequences = 0;
    load.decodeContext = 0;
    load.prefillTokens = 0;
    load.prefillSequences = 0;
    load.prefillPairs = 0;
    load.prefillContext = 0;
    load.foundPairs = 0;
    load.foundContext = 0;
    load.sampledSequences = 0;
    const { maxBatchedTokens, scheduler = 'mixed' } = site.plan;
    if (scheduler === 'prefill-first') {
      const left = this.#resume(site, now, load, true);
      if (left > 0) this.#admit(site, now, left, load);
      if (load.prefillTokens === 0) this.#resume(site, now, load, false);
      return;
    }
    const left = this.#resume(site, now, load, false);
    if (left > 0) {
      this.#admit(site, now, scheduler === 'mixed' ? left : maxBatchedTokens, load);
    }
  }

  /**
   * Gives running requests their decode token or next prompt chunk, or prompts alone theirs.
   * Returns the tokens left, 0 when a request was preempted: nobody is let in then.
   */
  #resume(site: ReplicaSite, now: number, load: StepWork, promptsAlone: boolean): number {
    const { replicas } = this;
    const r = site.index;
    let budget = site.plan.maxBatchedTokens;
    let preempted = false;
    for (let i = 0; i < replicas.runningCount[r]; i++) {
      const turn = replicas.running[r * replicas.stride + i];
      const rest = this.turns.target[turn] - this.turns.computed[turn];
      const stalled = promptsAlone && rest <= 0;
      const tokens = stalled ? 0 : Math.min(rest > 0 ? rest : 1, budget);
      const need = this.#missing(turn, site, tokens);
      if (need > 0) {
        const count = replicas.runningCount[r];
        if (!this.#makeRoom(site, i, need, now)) {
          preempted = true;
          break;
        }
        preempted ||= replicas.runningCount[r] < count;
        this.memory.grow(turn, site.kv, need);
      }
      if (rest > 0) this.#share(site, turn, tokens);
      replicas.chunk[r * replicas.stride + i] = tokens;
      budget -= tokens;
      if (!stalled) this.#add(load, turn, tokens);
    }
    return preempted ? 0 : budget;
  }

  /** True when a step formed now could let the head of the queue in. */
  mayAdmit(site: ReplicaSite): boolean {
    const { queueHead, blocked, runningCount } = this.replicas;
    const r = site.index;
    const { maxSequences, maxBatchedTokens, scheduler } = site.plan;
    // Decodes that stall leave the whole budget to prompts.
    const budget = scheduler === 'prefill-first' ? Infinity : maxBatchedTokens;
    const slots = Math.min(maxSequences, budget);
    return queueHead[r] >= 0 && blocked[r] === 0 && runningCount[r] < slots;
  }

  /**
   * Prompt blocks are findable from the step that computes them on, as in vLLM, so that requests
   * admitted together compute a common prefix once. A refused head of the queue may fit now.
   */
  #share(site: ReplicaSite, turn: number, tokens: number): void {
    if (!site.plan.prefixCaching) return;
    const full = Math.floor((this.turns.computed[turn] + tokens) / site.plan.blockSize);
    const known = Math.min(full, site.keys.known[turn]);
    if (this.memory.share(turn, site.kv, site.keys, known)) this.replicas.blocked[site.index] = 0;
  }

  /** Blocks that `turn` lacks for `tokens` more tokens. */
  #missing(turn: number, site: ReplicaSite, tokens: number): number {
    const wanted = this.turns.computed[turn] + tokens;
    return blocksFor(wanted, site.plan.blockSize) - this.memory.held(turn);
  }

  /** Makes room for running request number `i`, preempting later ones. False: it went itself. */
  #makeRoom(site: ReplicaSite, i: number, need: number, now: number): boolean {
    while (!this.room(site, need)) {
      const last = this.replicas.runningCount[site.index] - 1;
      this.#preempt(site, last, now);
      if (last === i) return false;
    }
    return true;
  }

  /** As `KvCache.makeRoom`, counting the blocks that had to be evicted. */
  room(site: ReplicaSite, n: number): boolean {
    const missing = n - site.kv.free;
    if (missing <= 0) return true;
    if (!site.kv.makeRoom(n)) return false;
    this.replicas.evictedBlocks[site.index] += missing;
    return true;
  }

  #add(load: StepWork, turn: number, tokens: number): void {
    const past = this.turns.computed[turn];
    const rest = this.turns.target[turn] - past;
    if (rest <= 0) {
      load.decodeSequences += tokens;
      load.decodeContext += past + 1;
      load.sampledSequences += tokens;
      return;
    }
    if (tokens === 0) return;
    load.prefillTokens += tokens;
    load.prefillSequences++;
    load.prefillPairs += tokens * (tokens + 2 * past);
    load.prefillContext += past + tokens;
    const found = this.turns.foundTokens[turn];
    load.foundPairs += 2 * tokens * found;
    load.foundContext += found;
    if (tokens === rest) load.sampledSequences++;
  }

  #admit(site: ReplicaSite, now: number, budget: number, load: StepWork): void {
    const { replicas, turns } = this;
    const r = site.index;
    let left = budget;
    while (replicas.queueHead[r] >= 0 && left > 0 && !replicas.blocked[r]) {
      if (replicas.runningCount[r] >= site.plan.maxSequences) return;
      const turn = replicas.queueHead[r];
      const tokens = this.#tryAdmit(site, turn, left, load.prefillTokens === 0);
      if (tokens <= 0) {
        if (tokens === NO_ROOM) replicas.blocked[r] = 1;
        return;
      }
      this.#dequeue(r, turn, now);
      const slot = r * replicas.stride + replicas.runningCount[r]++;
      replicas.running[slot] = turn;
      replicas.chunk[slot] = tokens;
      left -= tokens;
      turns.phase[turn] = Phase.running;
      turns.queueNs[turn] += now - turns.sinceNs[turn];
      turns.sinceNs[turn] = now;
      replicas.batchMonitor.set(r, replicas.runningCount[r], now);
      if (turns.admittedNs[turn] < 0) {
        turns.admittedNs[turn] = now;
        turns.cachedTokens[turn] = turns.computed[turn];
      }
      this.#add(load, turn, tokens);
    }
  }

  /**
   * Gives the request its cached prefix and blocks for a first chunk. Returns the tokens of the
   * chunk, or why there is none. `first`: no prompt is in the step yet.
   */
  #tryAdmit(site: ReplicaSite, turn: number, budget: number, first: boolean): number {
    const { turns, memory } = this;
    const { kv, keys, plan } = site;
    const tokens = this.inputTokens[turn] + turns.generated[turn];
    // The last token is computed anyway: its logits are what the request is after.
    const limit = Math.floor((tokens - 1) / plan.blockSize);
    const hit = plan.prefixCaching ? memory.cachedBlocks(turn, site.index, kv, keys, limit) : 0;
    if (!plan.prefixCaching) kv.endNode = kv.endGen = 0;
    memory.attach(turn, kv, hit);
    const computed = hit * plan.blockSize;
    const rest = tokens - computed;
    const chunk = plan.scheduler === 'whole-prompts' ? rest : Math.min(rest, budget);
    const need = blocksFor(computed + chunk, plan.blockSize) - hit;
    const gate = plan.reserveFullPrompt ? blocksFor(tokens, plan.blockSize) - hit : need;
    const late = chunk > budget && !first;
    if (late || Math.max(gate, this.#reserved(site, turn, hit)) > kv.free + kv.evictable) {
      memory.detach(turn, kv);
      return late ? NEXT_STEP : NO_ROOM;
    }
    this.room(site, need);
    const all = this.inputTokens[turn] + Math.max(1, this.outputTokens[turn]);
    memory.open(turn, blocksFor(all, plan.blockSize) - hit);
    memory.grow(turn, kv, need);
    this.replicas.pendingPrefill[site.index] -= computed;
    this.replicas.lookupTokens[site.index] += tokens;
    this.replicas.hitTokens[site.index] += computed;
    turns.foundTokens[turn] = computed;
    turns.computed[turn] = computed;
    turns.target[turn] = tokens;
    this.#share(site, turn, chunk);
    return chunk;
  }

  /**
   * Blocks that `turn`, with `hit` cached ones, and running requests want before they are done,
   * of outputs the reserved share; 0 where nothing is reserved. Only a request that leaves makes
   * these fit: a refusal stands as long as without a reserve.
   */
  #reserved(site: ReplicaSite, turn: number, hit: number): number {
    const { reservedOutput = 0 } = site.plan;
    if (reservedOutput === 0) return 0;
    const { replicas } = this;
    const r = site.index;
    let sum = this.#expected(site, turn) - hit;
    for (let i = 0; i < replicas.runningCount[r]; i++) {
      const other = replicas.running[r * replicas.stride + i];
      sum += this.#expected(site, other) - this.memory.held(other);
    }
    return sum;
  }

  /** Blocks of a request when the reserved share of its remaining output is there. */
  #expected(site: ReplicaSite, turn: number): number {
    const { reservedOutput = 0, blockSize } = site.plan;
    const generated = this.turns.generated[turn];
    const left = Math.max(1, this.outputTokens[turn]) - generated;
    const tokens = this.inputTokens[turn] + generated + Math.ceil(left * reservedOutput);
    return blocksFor(tokens, blockSize);
  }

  #dequeue(r: number, turn: number, now: number): void {
    const { replicas } = this;
    replicas.queueHead[r] = this.turns.queueNext[turn];
    if (replicas.queueHead[r] < 0) replicas.queueTail[r] = -1;
    replicas.queueMonitor.set(r, --replicas.queueLength[r], now);
  }

  /** Puts a request at the end of the queue, or at its head after a preemption. */
  enqueue(site: ReplicaSite, turn: number, now: number, atHead = false): void {
    const { replicas, turns } = this;
    const r = site.index;
    const empty = replicas.queueHead[r] < 0;
    turns.phase[turn] = Phase.waiting;
    turns.sinceNs[turn] = now;
    turns.queueNext[turn] = atHead ? replicas.queueHead[r] : -1;
    if (atHead || empty) {
      replicas.queueHead[r] = turn;
      replicas.blocked[r] = 0;
    } else {
      turns.queueNext[replicas.queueTail[r]] = turn;
    }
    if (!atHead || empty) replicas.queueTail[r] = turn;
    replicas.queueMonitor.set(r, ++replicas.queueLength[r], now);
    replicas.pendingPrefill[r] += this.inputTokens[turn] + turns.generated[turn];
  }

  #preempt(site: ReplicaSite, position: number, now: number): void {
    const { replicas, turns } = this;
    const r = site.index;
    const turn = replicas.running[r * replicas.stride + position];
    const prefilling = turns.target[turn] > turns.computed[turn];
    if (prefilling) {
      turns.prefillNs[turn] += now - turns.sinceNs[turn];
      replicas.pendingPrefill[r] -= turns.target[turn] - turns.computed[turn];
    }
    this.#release(site, turn, true);
    turns.computed[turn] = 0;
    turns.preemptions[turn]++;
    replicas.runningCount[r]--;
    this.enqueue(site, turn, now, true);
    replicas.batchMonitor.set(r, replicas.runningCount[r], now);
  }

  #release(site: ReplicaSite, turn: number, preempted: boolean): void {
    if (site.plan.prefixCaching) {
      this.memory.close(turn, site.index, site.kv, site.keys, preempted);
    } else {
      this.memory.drop(turn, site.kv);
    }
  }

  /**
   * Books the results of a completed step: KV computed, tokens sampled. Requests that are done
   * leave the batch and are passed to `finished`, in order of admission.
   */
  complete(site: ReplicaSite, now: number, finished: (turn: number) => void): void {
    const { replicas, turns } = this;
    const r = site.index;
    const row = r * replicas.stride;
    const count = replicas.runningCount[r];
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const turn = replicas.running[row + i];
      const tokens = replicas.chunk[row + i];
      if (tokens > 0) this.#advance(site, turn, tokens, now);
      if (turns.generated[turn] < Math.max(1, this.outputTokens[turn])) {
        replicas.running[row + kept++] = turn;
      } else {
        this.#release(site, turn, false);
        turns.phase[turn] = Phase.done;
        turns.finishNs[turn] = now;
        this.#left.push(turn);
      }
    }
    if (kept < count) this.#leave(site, kept, now, finished);
  }

  #leave(site: ReplicaSite, kept: number, now: number, finished: (turn: number) => void): void {
    const r = site.index;
    this.replicas.runningCount[r] = kept;
    this.replicas.blocked[r] = 0;
    this.replicas.batchMonitor.set(r, kept, now);
    this.replicas.kvMonitor.set(r, site.kv.active, now);
    for (const turn of this.#left) finished(turn);
    this.#left.length = 0;
  }

  #advance(site: ReplicaSite, turn: number, tokens: number, now: number): void {
    const { turns } = this;
    const rest = turns.target[turn] - turns.computed[turn];
    turns.computed[turn] += tokens;
    if (rest <= 0) {
      turns.generated[turn]++;
      return;
    }
    this.replicas.pendingPrefill[site.index] -= tokens;
    if (tokens < rest) return;
    turns.generated[turn]++;
    turns.prefillNs[turn] += now - turns.sinceNs[turn];
    if (turns.firstTokenNs[turn] < 0) turns.firstTokenNs[turn] = now;
  }
}
