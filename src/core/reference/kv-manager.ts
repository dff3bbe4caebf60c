// SPDX-License-Identifier: Apache-2.0
import type { AllocOptions, KvGroup, KvHit, KvManagerOptions } from '../kv-manager.js';
import { KernelError, Status } from '../status.js';
import type { ReferenceBlockPool } from './block-pool.js';
import { blocksOf, classesOf, findHit } from './kv-lookup.js';
import type { GroupClass } from './kv-lookup.js';

/** A request as the twin sees it: all that it knows, in plain arrays. */
export interface ReferenceRequest {
  tokens: number;
  prompt: number;
  keys: bigint[];
  computed: number;
  running: boolean;
  live: boolean;
  /** Per group the block table; 0 stands for no block. */
  tables: number[][];
  /** Per group how many blocks were considered for registration. */
  cached: number[];
}

/**
 * The KV manager as its rules read: tables are arrays, every count is made anew. Same methods,
 * results and refusals as `KvManager`.
 */
export class ReferenceKvManager {
  readonly groups: readonly KvGroup[];
  readonly classes: readonly GroupClass[];
  readonly size: number;
  /** Keys of a block. */
  readonly per: number;
  readonly eagle: boolean;
  readonly #watermark: number;
  readonly #maxLength: number;
  readonly #inFlight: number;
  readonly #requests = new Set<ReferenceRequest>();
  #copies: [number, number][] = [];
  #found: { request: ReferenceRequest; hit: number; blocks: number[][] } | null = null;

  constructor(
    readonly pool: ReferenceBlockPool,
    readonly caching: boolean,
    options: KvManagerOptions,
  ) {
    this.groups = options.groups;
    this.classes = classesOf(options.groups);
    this.size = options.blockSize;
    this.per = options.blockSize / (options.hashBlockSize ?? options.blockSize);
    this.eagle = options.eagle ?? false;
    this.#watermark = Math.floor((options.watermark ?? 0) * pool.blocks);
    this.#maxLength = options.maxModelLength;
    this.#inFlight = options.maxInFlight ?? 0;
  }

  request(tokens: number, keys: readonly bigint[]): ReferenceRequest {
    const request: ReferenceRequest = {
      tokens: 0,
      prompt: 0,
      keys: [],
      computed: 0,
      running: false,
      live: true,
      tables: this.groups.map(() => []),
      cached: this.groups.map(() => 0),
    };
    this.append(request, tokens, keys);
    this.#requests.add(request);
    return request;
  }

  append(request: ReferenceRequest, tokens: number, keys: readonly bigint[]): void {
    this.#expectLive('mgr_append', request);
    const whole = Math.floor((request.tokens + tokens) * this.per / this.size);
    if (request.keys.length + keys.length > whole) {
      throw new KernelError('mgr_append', Status.badArgument);
    }
    if (request.tokens === 0) request.prompt = tokens;
    request.tokens += tokens;
    request.keys.push(...keys);
    this.#found = null;
  }

  lookup(request: ReferenceRequest): KvHit {
    this.#expectLive('mgr_lookup', request);
    const found = findHit(this, request);
    this.#found = { request, hit: found.hit, blocks: found.blocks };
    return found;
  }

  alloc(request: ReferenceRequest, tokens: number, options: AllocOptions = {}): number[][] | null {
    const { hit = 0, lookahead = 0, reserved = 0 } = options;
    this.#expectLive('mgr_alloc', request);
    const first = !request.running;
    if (hit > 0 && !first) throw new KernelError('mgr_alloc', Status.badArgument);
    const found = this.#found;
    if (hit > 0 && (found?.request !== request || found.hit !== hit)) {
      throw new KernelError('mgr_alloc', Status.stale);
    }
    const hits = hit > 0 ? found!.blocks : this.groups.map(() => []);
    const kept = options.scheduled === true && first ? this.#watermark : 0;
    const start = first ? hit : request.computed;
    const step = start + tokens;
    const free = (): number => this.pool.freeBlocks;
    if (options.mustFit === true) {
      const whole = Math.min(request.tokens, this.#maxLength);
      if (this.#need(request, start, hits, whole, whole, true) + kept > free()) return null;
    }
    this.#slide(request, start);
    const total = Math.min(step + lookahead, this.#maxLength);
    const real = Math.min(step, this.#maxLength);
    const need = this.#need(request, start, hits, total, real, false);
    if (need + kept > free() - reserved) return null;
    this.#found = null;
    hits.forEach((blocks, g) => {
      this.pool.touch(blocks.filter((id) => id !== 0));
      if (hit === 0) return;
      request.tables[g] = [...blocks];
      request.cached[g] = Math.floor(hit / this.size);
    });
    const fresh = this.groups.map((group, g) => this.#fill(request, group, g, start, total, real));
    if (this.caching) this.#register(request, start, step);
    if (first) {
      request.running = true;
      request.computed = step;
    }
    return fresh;
  }

  computed(request: ReferenceRequest, n: number): void {
    this.#expectLive('mgr_computed', request);
    if (!request.running || n > request.tokens) {
      throw new KernelError('mgr_computed', Status.badArgument);
    }
    request.computed = n;
  }

  preempt(request: ReferenceRequest): void {
    this.#expectLive('mgr_preempt', request);
    if (!request.running) throw new KernelError('mgr_preempt', Status.badArgument);
    this.#release(request);
    request.running = false;
    request.computed = 0;
  }

  free(request: ReferenceRequest): void {
    this.#expectLive('mgr_free', request);
    this.#release(request);
    request.live = false;
    this.#requests.delete(request);
  }

  fork(request: ReferenceRequest): ReferenceRequest {
    this.#expectLive('mgr_fork', request);
    if (!request.running) throw new KernelError('mgr_fork', Status.badArgument);
    const begun = Math.ceil(request.computed / this.size);
    const child: ReferenceRequest = {
      ...request,
      keys: [...request.keys],
      tables: request.tables.map((table) => table.slice(0, begun)),
      cached: request.cached.map((n) => Math.min(n, begun)),
    };
    for (const table of child.tables) this.pool.touch(table.filter((id) => id !== 0));
    this.#requests.add(child);
    this.#found = null;
    return child;
  }

  copies(): [number, number][] {
    return this.#copies.map(([from, to]) => [from, to]);
  }

  copied(n: number): void {
    if (n > this.#copies.length) throw new KernelError('mgr_copied', Status.full);
    if (n > 0) this.pool.free(this.#copies.splice(0, n).flat());
    this.#found = n > 0 ? null : this.#found;
  }

  evict(ids: ArrayLike<number>): void {
    const before = this.pool.hashedBlocks;
    this.pool.evict(ids);
    if (this.pool.hashedBlocks !== before) this.#found = null;
  }

  reset(): boolean {
    const before = this.pool.hashedBlocks;
    const done = this.pool.reset();
    if (this.pool.hashedBlocks !== before) this.#found = null;
    return done;
  }

  common(request: ReferenceRequest): number[] {
    this.#expectLive('mgr_common', request);
    const holders = [...this.#requests].filter(({ running }) => running).length;
    return this.groups.map((group, g) => {
      if (group !== 'full' || !this.caching) return 0;
      const table = request.tables[g];
      const other = table.findIndex((id) => this.pool.references(id) !== holders);
      return other < 0 ? table.length : other;
    });
  }

  blocks(request: ReferenceRequest): number[][] {
    this.#expectLive('mgr_blocks', request);
    return request.tables.map((table) => [...table]);
  }

  #expectLive(operation: string, request: ReferenceRequest): void {
    if (!request.live) throw new KernelError(operation, Status.stale);
  }

  /** The block that this step would write into while somebody else holds it too. */
  #shared(request: ReferenceRequest, g: number, start: number, partialHit: boolean): boolean {
    if (start % this.size === 0) return false;
    if (partialHit) return true;
    const index = Math.floor(start / this.size);
    const id = request.tables[g][index] ?? 0;
    return id !== 0 && index >= request.cached[g] && this.pool.references(id) > 1;
  }

  #need(
    request: ReferenceRequest,
    start: number,
    hits: number[][],
    total: number,
    real: number,
    capped: boolean,
  ): number {
    let sum = 0;
    this.groups.forEach((group, g) => {
      const held = request.tables[g].length + hits[g].length;
      let want = blocksOf(group === 'state' ? real : total, this.size);
      if (capped && typeof group === 'number') {
        const most = Math.min(group - 1 + this.#inFlight, this.#maxLength);
        want = Math.min(want, blocksOf(most, this.size) + 1);
      }
      const added = Math.max(0, want - held);
      sum += group === 'state' ? Math.min(added, 1) : added;
      if (this.#shared(request, g, start, hits[g].length > 0)) sum++;
      sum += hits[g].filter((id) => id !== 0 && this.pool.references(id) === 0).length;
    });
    return sum;
  }

  /** Frees what no future token can see, right to left. */
  #slide(request: ReferenceRequest, start: number): void {
    this.groups.forEach((group, g) => {
      if (group === 'full') return;
      const table = request.tables[g];
      const back = group === 'state' ? 1 : group - 1;
      const gone = Math.min(Math.floor(Math.max(0, start - back) / this.size), table.length);
      const freed = table.slice(0, gone).filter((id) => id !== 0).reverse();
      table.fill(0, 0, gone);
      if (freed.length > 0) this.#found = null;
      this.pool.free(freed);
    });
  }

  #fill(
    request: ReferenceRequest,
    group: KvGroup,
    g: number,
    start: number,
    total: number,
    real: number,
  ): number[] {
    const table = request.tables[g];
    if (this.#shared(request, g, start, !request.running && start > 0)) {
      const index = Math.floor(start / this.size);
      const [copy] = this.pool.alloc(1)!;
      this.#copies.push([table[index], copy]);
      this.pool.touch([copy]);
      table[index] = copy;
    }
    const want = blocksOf(group === 'state' ? real : total, this.size);
    const added = Math.max(0, want - table.length);
    const nulls = group === 'state' && added > 0 ? added - 1 : 0;
    const ids = [...Array<number>(nulls).fill(0), ...this.pool.alloc(added - nulls)!];
    table.push(...ids);
    return ids;
  }

  #register(request: ReferenceRequest, start: number, step: number): void {
    const { size, per } = this;
    const known = Math.min(step, request.tokens);
    const full = Math.min(Math.floor(known / size), Math.floor(request.keys.length / per));
    this.groups.forEach((group, g) => {
      const from = request.cached[g];
      request.cached[g] = Math.max(from, full);
      const only = group === 'state' ? full - 1 : from;
      if (group === 'state' && (full <= from || step !== full * size)) return;
      for (let i = only; i < full; i++) {
        const id = request.tables[g][i] ?? 0;
        // A key of a part of the block gives way to that of the whole.
        if (id !== 0 && per > 1) this.pool.evict([id]);
        this.#cache(request, id, (i + 1) * per - 1, g);
      }
    });
    const tail = Math.floor(request.prompt * per / size);
    if (start >= request.prompt || step < request.prompt || tail % per === 0) return;
    if (tail > request.keys.length) return;
    this.groups.forEach((group, g) => {
      const index = Math.floor(tail / per);
      if (group !== 'full' || index < request.cached[g]) return;
      this.#cache(request, request.tables[g][index] ?? 0, tail - 1, g);
    });
  }

  #cache(request: ReferenceRequest, id: number, key: number, g: number): void {
    if (id === 0 || this.pool.isHashed(id)) return;
    this.pool.cache([id], [request.keys[key]], g);
  }

  #release(request: ReferenceRequest): void {
    request.tables.forEach((table, g) => {
      this.pool.free(table.filter((id) => id !== 0).reverse());
      request.tables[g] = [];
      request.cached[g] = 0;
    });
    this.#found = null;
  }
}
