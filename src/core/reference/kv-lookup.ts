// SPDX-License-Identifier: Apache-2.0
/** Longest cached prefix over groups of several specs, as the rules read. */
import type { KvGroup, KvHit } from '../kv-manager.js';
import type { ReferenceBlockPool } from './block-pool.js';

interface Cache {
  readonly pool: ReferenceBlockPool;
  readonly caching: boolean;
  readonly groups: readonly KvGroup[];
  readonly classes: readonly GroupClass[];
  readonly size: number;
  readonly per: number;
  readonly eagle: boolean;
}

interface Content {
  readonly tokens: number;
  readonly keys: readonly bigint[];
}

/** Groups of one spec. */
export interface GroupClass {
  readonly group: KvGroup;
  readonly members: readonly number[];
}

/** The same with the blocks found for each group. */
interface Class extends GroupClass {
  lists: number[][];
  verified: boolean;
  result: number;
}

export const blocksOf = (tokens: number, size: number): number => Math.ceil(tokens / size);

export function findHit(cache: Cache, request: Content): KvHit {
  if (!cache.caching || request.tokens === 0) {
    return { hit: 0, blocks: cache.groups.map(() => []), boundary: 0 };
  }
  const classes = cache.classes.map(({ group, members }): Class =>
    ({ group, members, lists: [], verified: false, result: 0 }));
  const most = request.tokens - 1;
  const once = classes.length === 1 || (classes.length === 2 && classes[0].group === 'full');
  let length = most;
  let best = 0;
  for (let pass = 0; ; pass++) {
    let c = length;
    for (const one of classes) {
      if (pass > 0 && one.group === 'full') {
        c = Math.min(c, one.result);
        continue;
      }
      const drop = cache.eagle && !one.verified;
      const limit = drop ? Math.min(c + cache.size, most) : c;
      one.lists = search(cache, request, one, Math.floor(limit / cache.size), drop);
      one.result = one.lists[0].length * cache.size;
      if (drop) one.verified = true;
      else if (one.result < c) for (const each of classes) each.verified = false;
      best = Math.max(best, one.result);
      c = one.result;
    }
    const over = c >= length;
    length = c;
    if (over || once) break;
  }
  const blocks = cache.groups.map((_, g) => listOf(classes, g).slice(0, length / cache.size));
  const boundary = classes.length > 1 && best > length ? best : 0;
  return inside(cache, request, classes, { hit: length, blocks, boundary });
}

/** Groups by spec, full attention first. */
export function classesOf(groups: readonly KvGroup[]): GroupClass[] {
  const kinds = [...new Set(groups)];
  const ordered = [
    ...kinds.filter((kind) => kind === 'full'),
    ...kinds.filter((kind) => kind !== 'full'),
  ];
  return ordered.map((group) => {
    const members = groups.flatMap((kind, g) => (kind === group ? [g] : []));
    return { group, members };
  });
}

function listOf(classes: readonly Class[], g: number): number[] {
  const one = classes.find(({ members }) => members.includes(g))!;
  return one.lists[one.members.indexOf(g)];
}

/** The blocks of a class under a key, or null unless all its groups have one. */
function at(cache: Cache, { keys }: Content, one: Class, key: number): number[] | null {
  if (key >= keys.length) return null;
  const ids = one.members.map((g) => cache.pool.lookup(keys[key], g));
  return ids.includes(null) ? null : (ids as number[]);
}

function search(
  cache: Cache,
  request: Content,
  one: Class,
  limit: number,
  drop: boolean,
): number[][] {
  const whole = Math.min(limit, Math.floor(request.keys.length / cache.per));
  const found: (number[] | null)[] = [];
  for (let i = 0; i < whole; i++) {
    found.push(at(cache, request, one, (i + 1) * cache.per - 1));
    // Full attention needs all that stands before: behind a miss there is nothing to find.
    if (one.group === 'full' && found[i] === null) break;
  }
  const { from, to } = chosen(cache, one.group, found, drop);
  return one.members.map((_, k) =>
    found.slice(0, to).map((ids, i) => (i < from ? 0 : ids![k])));
}

/** Which of the found blocks are the hit: [from, to), null entries left of it. */
function chosen(
  cache: Cache,
  group: KvGroup,
  found: readonly (number[] | null)[],
  drop: boolean,
): { from: number; to: number } {
  const miss = found.indexOf(null);
  const prefix = miss < 0 ? found.length : miss;
  const cut = (n: number): number => (drop && n > 0 ? n - 1 : n);
  if (group === 'full') return { from: 0, to: cut(prefix) };
  if (group === 'state') {
    for (let end = cut(found.length); end > 0; end--) {
      if (found[end - 1] !== null) return { from: end - 1, to: end };
    }
    return { from: 0, to: 0 };
  }
  const run = Math.max(1, Math.ceil((group - 1) / cache.size) + (drop ? 1 : 0));
  for (let end = found.length; end >= run; end--) {
    if (found.slice(end - run, end).includes(null)) continue;
    return { from: Math.min(end - run, cut(end)), to: cut(end) };
  }
  return { from: 0, to: cut(prefix) };
}

/** Boundaries inside the next block, long to short: full attention alone, no eagle. */
function inside(cache: Cache, request: Content, classes: Class[], hit: KvHit): KvHit {
  const { per, size } = cache;
  if (cache.eagle || classes.length > 1 || classes[0].group !== 'full') return hit;
  for (let j = per - 1; j > 0; j--) {
    const tokens = hit.hit + (j * size) / per;
    const ids = at(cache, request, classes[0], (hit.hit / size) * per + j - 1);
    if (ids === null || tokens > request.tokens - 1) continue;
    return { ...hit, hit: tokens, blocks: hit.blocks.map((list, g) => [...list, ids[g]]) };
  }
  return hit;
}
