// SPDX-License-Identifier: Apache-2.0
/** The tier store as plain objects: every question is answered by looking at all blocks. */

export interface ReferenceTier {
  readonly capacity: number;
  readonly mode: 'none' | 'through' | 'back';
  readonly hits: number;
  readonly minPriority: number;
  readonly shortestLoad: number;
}

export interface ReferenceBlock {
  readonly hash: bigint;
  readonly parent: ReferenceBlock | null;
  readonly children: Set<ReferenceBlock>;
  readonly resident: Set<number>;
  readonly incoming: Set<number>;
  leaving: boolean;
  hits: number;
  priority: number;
  stamp: number;
  due: number;
  locks: number;
}

export interface ReferenceTransfer {
  readonly serial: number;
  readonly source: number;
  readonly target: number;
  /** From the end of the path upwards. */
  readonly blocks: readonly ReferenceBlock[];
}

const NOWHERE = 8;
export const bestOf = (b: ReferenceBlock): number => Math.min(NOWHERE, ...b.resident);
const isCopied = (b: ReferenceBlock, t: number): boolean => b.resident.has(t) || b.incoming.has(t);

function pathOf(end: ReferenceBlock | null): ReferenceBlock[] {
  const path: ReferenceBlock[] = [];
  for (let b = end; b !== null; b = b.parent) path.push(b);
  return path;
}

/** A block does not leave, and what leads to it does not either: something hangs from it. */
function stay(end: ReferenceBlock | null): void {
  for (let b = end; b?.leaving === true; b = b.parent) b.leaving = false;
}

export class ReferenceTierStore {
  readonly blocks = new Map<bigint, ReferenceBlock>();
  readonly open: ReferenceTransfer[] = [];
  #clock = 0;
  #serial = 0;

  constructor(
    readonly tiers: readonly ReferenceTier[],
    readonly maxTransfers: number,
  ) {}

  /** Blocks in a tier and on their way to it. */
  used(t: number): number {
    return [...this.blocks.values()].filter((b) => isCopied(b, t)).length;
  }

  withBest(t: number): ReferenceBlock[] {
    return [...this.blocks.values()].filter((b) => bestOf(b) === t);
  }

  leaving(t: number): number {
    return this.withBest(t).filter((b) => b.leaving).length;
  }

  isPinned(b: ReferenceBlock): boolean {
    const holds = this.open.some(
      ({ source, target, blocks }) => (source === 0 || target === 0) && blocks[0] === b,
    );
    return b.locks > 0 || holds || [...b.children].some((child) => this.isPinned(child));
  }

  /** 'full', or how many were placed and how many of them the device held at the start. */
  insert(
    from: ReferenceBlock | null,
    keys: readonly bigint[],
  ): 'none' | 'bad' | 'full' | { placed: number; prefix: number; end: ReferenceBlock | null } {
    if (from !== null && !from.resident.has(0)) return 'none';
    const path: ReferenceBlock[] = [];
    for (const key of keys) {
      const b = this.blocks.get(key);
      if (b === undefined || b.parent !== (path.at(-1) ?? from)) break;
      path.push(b);
    }
    let last = path.length;
    while (last < keys.length && !this.blocks.has(keys[last])) last++;
    if (last === 0) return 'bad';
    const device = path.findLast((b) => isCopied(b, 0)) ?? from;
    const need = path.filter((b) => !isCopied(b, 0)).length + last - path.length;
    if (this.#free(0) + this.leaving(0) + this.#evictable(device) < need) return 'full';
    const fits = this.#protecting([...pathOf(device), ...path], () => {
      stay(from);
      for (const b of path) b.leaving = false;
      return this.#room(0, need);
    });
    if (!fits) return { placed: 0, prefix: 0, end: null };
    const held = path.findIndex((b) => !b.resident.has(0));
    const prefix = held < 0 ? path.length : held;
    for (const b of path) {
      b.incoming.delete(0);
      b.resident.add(0);
    }
    for (const key of keys.slice(path.length, last)) {
      if (this.blocks.has(key)) break;
      path.push(this.#make(key, path.at(-1) ?? from));
    }
    for (const b of path) b.hits++;
    const end = path.at(-1)!;
    this.#use(end);
    for (let t = 0; t + 1 < this.tiers.length; t++) this.#backup(t, path);
    return { placed: path.length, prefix, end };
  }

  /** What is found of keys behind `from`; it counts as used. */
  match(from: ReferenceBlock | null, keys: readonly bigint[]): ReferenceBlock[] {
    const path: ReferenceBlock[] = [];
    for (const key of keys) {
      const b = this.blocks.get(key);
      if (b === undefined || b.parent !== (path.at(-1) ?? from)) break;
      path.push(b);
    }
    this.#clock++;
    if (path.length > 0) for (const b of pathOf(path.at(-1)!)) b.stamp = this.#clock;
    return path;
  }

  lock(block: ReferenceBlock): boolean {
    if (!block.resident.has(0)) return false;
    stay(block);
    block.locks++;
    return true;
  }

  unlock(block: ReferenceBlock): boolean {
    if (block.locks === 0) return false;
    block.locks--;
    return true;
  }

  evict(t: number, n: number): number {
    let done = 0;
    const passed = new Set<ReferenceBlock>();
    while (done < n) {
      const left = this.#expelNext(t, n - done, passed);
      if (left === null) break;
      done += left;
    }
    return done;
  }

  load(end: ReferenceBlock, quota: number): 'none' | 'full' | 'busy' | number {
    const all = pathOf(end);
    const held = all.findIndex((b) => isCopied(b, 0));
    const lacking = held < 0 ? all : all.slice(0, held);
    let parts: ReferenceBlock[][] = [];
    for (let t = 1; t < this.tiers.length; t++) {
      const part = lacking.filter((b) => bestOf(b) === t);
      if (part.length > 0 && part.length < this.tiers[t].shortestLoad) break;
      parts.push(part);
    }
    parts = parts.filter((part) => part.length > 0);
    const total = parts.flat().length;
    if (total === 0) return 'none';
    const values = [...this.blocks.values()];
    const loading = values.filter((b) => b.incoming.has(0) && !b.resident.has(0)).length;
    if (loading + total > quota) return 'full';
    if (!this.#canStart(parts.length)) return 'busy';
    const above = held < 0 ? null : all[held];
    if (this.#free(0) + this.leaving(0) + this.#evictable(above) < total) return 'full';
    this.#use(end);
    stay(above);
    const fits = this.#protecting([...pathOf(above), ...parts.flat()], () => this.#room(0, total));
    if (!fits || !this.#canStart(parts.length)) return 0;
    for (const part of parts) {
      for (const b of part) {
        b.leaving = false;
        b.incoming.add(0);
      }
      this.#start(bestOf(part[0]), 0, part);
    }
    return total;
  }

  /** A copy has ended. 'busy': what it hangs from is still on its way, asked for earlier. */
  done(transfer: ReferenceTransfer, success: boolean): 'landed' | 'dropped' | 'busy' {
    const { source, target, blocks, serial } = transfer;
    const { parent } = blocks.at(-1)!;
    const drained = target > source && this.tiers[source].mode === 'back';
    let lands = success;
    if (lands && parent !== null && !drained && !parent.resident.has(target)) {
      const earlier = this.open.some(
        (other) =>
          other.target === target && other.serial < serial && other.blocks.includes(parent),
      );
      if (parent.incoming.has(target) && earlier) return 'busy';
      lands = false;
    }
    this.open.splice(this.open.indexOf(transfer), 1);
    for (const b of blocks) {
      const leaves = b.leaving && target === source + 1;
      if (b.incoming.delete(target) && lands) b.resident.add(target);
      if (leaves) b.leaving = false;
      if (leaves && lands) b.resident.delete(source);
    }
    if (lands && target > 0) this.#backup(target, [...blocks].reverse());
    return lands ? 'landed' : 'dropped';
  }

  retain(block: ReferenceBlock, n: number, priority: number, due: number): void {
    for (const b of pathOf(block).slice(0, n)) Object.assign(b, { priority, due });
  }

  refresh(now: number): number {
    const ended = [...this.blocks.values()].filter((b) => b.due !== 0 && b.due <= now);
    if (ended.length > 0) this.#clock++;
    for (const b of ended) {
      Object.assign(b, { priority: 35, due: 0 });
      for (const above of pathOf(b)) above.stamp = this.#clock;
    }
    return ended.length;
  }

  clear(): boolean {
    const locked = [...this.blocks.values()].some((b) => b.locks > 0);
    if (this.open.length > 0 || locked) return false;
    this.blocks.clear();
    return true;
  }

  /** Copies being put together, which count as open. */
  #forming = 0;

  #canStart(n = 1): boolean {
    return this.open.length + this.#forming + n <= this.maxTransfers;
  }

  #free(t: number): number {
    return this.tiers[t].capacity - this.used(t);
  }

  /** Device blocks that could go if `kept` and all above it stayed. */
  #evictable(kept: ReferenceBlock | null): number {
    const above = new Set(pathOf(kept));
    return this.withBest(0).filter((b) => !above.has(b) && !this.isPinned(b)).length;
  }

  readonly #protected = new Set<ReferenceBlock>();

  #protecting(blocks: readonly ReferenceBlock[], act: () => boolean): boolean {
    for (const b of blocks) this.#protected.add(b);
    const result = act();
    this.#protected.clear();
    return result;
  }

  #isBusy(b: ReferenceBlock): boolean {
    return this.open.some(({ blocks }) => blocks.includes(b));
  }

  /** True when a block that lost its best tier would leave children above it. */
  #leads(b: ReferenceBlock): boolean {
    const next = Math.min(NOWHERE, ...[...b.resident].filter((t) => t > bestOf(b)));
    return [...b.children].some((child) => bestOf(child) < next);
  }

  /** True when a block is to be copied down before it leaves its best tier. */
  #isWorthy(b: ReferenceBlock): boolean {
    const { mode, minPriority } = this.tiers[bestOf(b)];
    return mode === 'back' && b.resident.size === 1 && b.priority >= minPriority;
  }

  /** The block of a tier that goes first, of those that are not passed over. */
  #victim(t: number, passed: ReadonlySet<ReferenceBlock>): ReferenceBlock | null {
    const victims = this.withBest(t).filter((b) => {
      if ([...b.children].some((child) => bestOf(child) === t)) return false;
      if (this.#leads(b) && !this.#isWorthy(b)) return false;
      if (this.#protected.has(b) || (t > 0 && this.#isBusy(b))) return false;
      return !passed.has(b) && (t > 0 || !this.isPinned(b));
    });
    const order = (a: ReferenceBlock, b: ReferenceBlock): number =>
      a.priority - b.priority || a.stamp - b.stamp || (a.hash < b.hash ? -1 : 1);
    return victims.sort(order)[0] ?? null;
  }

  #room(t: number, n: number): boolean {
    const lacks = (): number => n - this.#free(t) - this.leaving(t);
    const passed = new Set<ReferenceBlock>();
    while (lacks() > 0 && this.#expelNext(t, lacks(), passed) !== null);
    return this.#free(t) >= n;
  }

  #expelNext(t: number, most: number, passed: Set<ReferenceBlock>): number | null {
    const victim = this.#victim(t, passed);
    if (victim === null) return null;
    if (this.#isWorthy(victim) && this.#canStart() && this.#room(t + 1, 1)) {
      if (this.#canStart()) return this.#drain(t, victim, most);
    }
    if (this.#leads(victim)) {
      passed.add(victim);
      return 0;
    }
    victim.leaving = false;
    victim.resident.delete(t);
    if (victim.resident.size === 0) {
      this.blocks.delete(victim.hash);
      victim.parent?.children.delete(victim);
    }
    return 1;
  }

  /** The victim, and what leads to it as long as that would be the next victim. */
  #drain(t: number, victim: ReferenceBlock, most: number): number {
    const run: ReferenceBlock[] = [];
    let b: ReferenceBlock | null = victim;
    this.#forming++;
    do {
      b.leaving = true;
      b.incoming.add(t + 1);
      run.push(b);
      b = b.parent;
    } while (
      run.length < most && b !== null && this.#follows(t, b, run) && this.#room(t + 1, 1)
    );
    this.#forming--;
    this.#start(t, t + 1, run);
    return run.length;
  }

  #follows(t: number, b: ReferenceBlock, run: readonly ReferenceBlock[]): boolean {
    const [victim] = run;
    if (bestOf(b) !== t || b.resident.size > 1 || b.incoming.size > 0) return false;
    if ([...b.children].filter((child) => bestOf(child) === t).length !== 1) return false;
    if (this.#protected.has(b) || this.#isBusy(b)) return false;
    if (t === 0 && this.isPinned(b)) return false;
    return b.priority === victim.priority && b.stamp <= victim.stamp;
  }

  /** Copies runs of a path that were used often enough, parents before children. */
  #backup(t: number, path: readonly ReferenceBlock[]): void {
    const { mode, hits } = this.tiers[t];
    if (mode !== 'through') return;
    const wants = (b: ReferenceBlock): boolean =>
      b.resident.has(t) && !isCopied(b, t + 1) && b.hits >= hits && !b.leaving;
    const runs: ReferenceBlock[][] = [];
    let run: ReferenceBlock[] | null = null;
    for (const b of path) {
      if (!wants(b)) run = null;
      else if (run !== null) run.push(b);
      else if (b.parent === null || isCopied(b.parent, t + 1)) runs.push((run = [b]));
    }
    for (const blocks of runs.reverse()) this.#copyDown(t, blocks);
  }

  #copyDown(t: number, run: readonly ReferenceBlock[]): void {
    if (!this.#canStart()) return;
    this.#room(t + 1, run.length);
    const fits = run.slice(0, this.#free(t + 1));
    if (fits.length === 0 || !this.#canStart()) return;
    for (const b of fits) b.incoming.add(t + 1);
    this.#start(t, t + 1, fits.reverse());
  }

  #start(source: number, target: number, blocks: readonly ReferenceBlock[]): void {
    this.open.push({ serial: ++this.#serial, source, target, blocks });
  }

  #make(hash: bigint, parent: ReferenceBlock | null): ReferenceBlock {
    const b: ReferenceBlock = {
      hash, parent, children: new Set(), resident: new Set([0]), incoming: new Set(),
      leaving: false, hits: 0, priority: 35, stamp: 0, due: 0, locks: 0,
    };
    this.blocks.set(hash, b);
    parent?.children.add(b);
    return b;
  }

  #use(end: ReferenceBlock): void {
    this.#clock++;
    for (const b of pathOf(end)) b.stamp = this.#clock;
  }
}
