// SPDX-License-Identifier: Apache-2.0
import type { ArenaExports } from './instance.js';

/**
 * Raw exports of the wasm core: what assembly/index.ts exports. Handles and pointers are byte
 * offsets; u32 results arrive as signed and need `>>> 0`.
 */
export interface CoreExports extends ArenaExports {
  check_integrity(): number;
  check_integrity_handle(): number;

  // Block pool (assembly/kv/pool.ts)
  pool_bytes(blocks: number, caching: number, events: number): number;
  pool_create(blocks: number, caching: number, events: number): number;
  pool_destroy(pool: number): number;
  pool_alloc(pool: number, n: number, ids: number): number;
  pool_free(pool: number, ids: number, n: number): number;
  pool_free_table(pool: number, ids: number, n: number): number;
  pool_touch(pool: number, ids: number, n: number): number;
  pool_cache(
    pool: number,
    ids: number,
    keys: number,
    n: number,
    group: number,
    parentLo: number,
    parentHi: number,
    hasParent: number,
  ): number;
  pool_lookup(pool: number, keyLo: number, keyHi: number, group: number): number;
  pool_lookup_run(pool: number, keys: number, n: number, group: number, ids: number): number;
  pool_evict(pool: number, ids: number, n: number): number;
  pool_reset(pool: number): number;
  pool_free_count(pool: number): number;
  pool_hashed_count(pool: number): number;
  pool_ref(pool: number, id: number): number;
  pool_queue(pool: number, ids: number, max: number): number;
  pool_events(pool: number): number;
  pool_events_take(pool: number): number;
  pool_check(pool: number): number;

  // Tier store (assembly/kv/tiers.ts)
  tier_bytes(blocks: number, transfers: number, events: number): number;
  tier_create(
    tiers: number,
    settings: number,
    blockBytes: number,
    transfers: number,
    events: number,
  ): number;
  tier_destroy(store: number): number;
  tier_insert(
    store: number,
    from: number,
    generation: number,
    keys: number,
    n: number,
    out: number,
  ): number;
  tier_match(
    store: number,
    from: number,
    generation: number,
    keys: number,
    n: number,
    out: number,
  ): number;
  tier_lock(store: number, index: number, generation: number): number;
  tier_unlock(store: number, index: number, generation: number): number;
  tier_evict(store: number, tier: number, n: number): number;
  tier_load(store: number, index: number, generation: number, quota: number): number;
  tier_commands(store: number, out: number, max: number): number;
  tier_done(store: number, id: number, success: number): number;
  tier_retain(
    store: number,
    index: number,
    generation: number,
    n: number,
    priority: number,
    due: number,
  ): number;
  tier_refresh(store: number, now: number): number;
  tier_clear(store: number): number;
  tier_lookup(store: number, keyLo: number, keyHi: number): number;
  tier_events(store: number): number;
  tier_events_take(store: number): number;
  tier_check(store: number): number;

  // Router index (assembly/kv/router.ts)
  router_bytes(form: number, workers: number, blocks: number): number;
  router_create(
    form: number,
    workers: number,
    blocks: number,
    maxBlocks: number,
    ttlNs: number,
  ): number;
  router_destroy(router: number): number;
  router_stored(
    router: number,
    worker: number,
    id: number,
    hasParent: number,
    parentLo: number,
    parentHi: number,
    locals: number,
    hashes: number,
    n: number,
  ): number;
  router_removed(router: number, worker: number, id: number, hashes: number, n: number): number;
  router_cleared(router: number, worker: number, id: number): number;
  router_resync(
    router: number,
    worker: number,
    next: number,
    locals: number,
    hashes: number,
    parents: number,
    copies: number,
    n: number,
  ): number;
  router_forget(router: number, worker: number): number;
  router_query(
    router: number,
    locals: number,
    hashes: number,
    n: number,
    scores: number,
  ): number;
  router_route(
    router: number,
    worker: number,
    locals: number,
    hashes: number,
    n: number,
    now: number,
  ): number;
  router_expire(router: number, now: number): number;
  router_blocks(router: number): number;
  router_worker(router: number, worker: number): number;
  router_dump(
    router: number,
    worker: number,
    hashes: number,
    copies: number,
    max: number,
  ): number;
  router_check(router: number): number;

  // Radix tree (assembly/kv/radix.ts)
  radix_create(page: number, valued: number, capacity: number): number;
  radix_create_policy(
    page: number,
    valued: number,
    capacity: number,
    policy: number,
    param: number,
    events: number,
  ): number;
  radix_bytes(
    page: number,
    valued: number,
    capacity: number,
    policy: number,
    events: number,
  ): number;
  radix_destroy(tree: number): number;
  radix_match(tree: number, keys: number, n: number, space: number, use: number): number;
  radix_match_from(
    tree: number,
    node: number,
    gen: number,
    depth: number,
    keys: number,
    n: number,
    use: number,
  ): number;
  radix_insert(
    tree: number,
    keys: number,
    values: number,
    n: number,
    space: number,
    priority: number,
    chunked: number,
  ): number;
  radix_extend(
    tree: number,
    node: number,
    gen: number,
    depth: number,
    keys: number,
    values: number,
    n: number,
  ): number;
  radix_lock(tree: number, node: number, gen: number): number;
  radix_unlock(tree: number, node: number, gen: number): number;
  radix_evict(tree: number, n: number, out: number, max: number): number;
  radix_trim(tree: number, n: number, out: number): number;
  radix_resume(tree: number, node: number, gen: number, depth: number): number;
  radix_hint(tree: number, node: number, gen: number, level: number, time: number): number;
  radix_tick(tree: number, now: number): number;
  radix_held(tree: number): number;
  radix_events(tree: number): number;
  radix_events_take(tree: number): number;
  radix_reset(tree: number): number;
  radix_values(tree: number, node: number, gen: number, out: number, max: number): number;
  radix_evictable(tree: number): number;
  radix_protected(tree: number): number;
  radix_nodes(tree: number): number;
  radix_leaves(tree: number): number;
  radix_node_base(tree: number): number;
  radix_node_high(tree: number): number;
  radix_check(tree: number): number;

  // Event heap (assembly/event/heap.ts)
  heap_create(capacity: number): number;
  heap_destroy(heap: number): number;
  heap_reserve(heap: number, capacity: number): number;
  heap_push(
    heap: number,
    time: number,
    priority: number,
    seq: number,
    a: number,
    b: number,
  ): number;
  heap_pop(heap: number): number;
  heap_size(heap: number): number;
  heap_peek_time(heap: number): number;
  heap_clear(heap: number): number;
  heap_check(heap: number): number;

  // Random numbers (assembly/rng/philox.ts, assembly/rng/samplers.ts)
  rng_u32(...address: RngAddress): number;
  rng_f64(...address: RngAddress): number;
  rng_block(...addressOut: [...RngAddress, out: number]): number;
  rng_exponential(...draw: [...RngDraw, mean: number]): number;
  rng_normal(...draw: [...RngDraw, mean: number, sd: number]): number;
  rng_lognormal(...draw: [...RngDraw, mu: number, sigma: number]): number;
  rng_gamma(...draw: [...RngDraw, shape: number, scale: number]): number;
  rng_categorical(...draw: [...RngDraw, weights: number, n: number]): number;

  // Elementary functions (assembly/math.ts)
  math_exp(x: number): number;
  math_log(x: number): number;
  math_pow(x: number, y: number): number;

  // Hashes (assembly/hash/xxh3.ts)
  xxh3_64(data: number, len: number, seedLo: number, seedHi: number, out: number): number;
  block_hash_chain(
    tokens: number,
    blocks: number,
    blockSize: number,
    seedLo: number,
    seedHi: number,
    hasParent: number,
    parentLo: number,
    parentHi: number,
    localOut: number,
    seqOut: number,
  ): number;

  // KV manager (assembly/kv/manager.ts)
  mgr_create(
    pool: number,
    size: number,
    per: number,
    windows: number,
    groups: number,
    maxLength: number,
    eagle: number,
    watermark: number,
    inFlight: number,
  ): number;
  mgr_destroy(mgr: number): number;
  mgr_request(mgr: number): number;
  mgr_append(
    mgr: number,
    request: number,
    generation: number,
    tokens: number,
    keys: number,
    n: number,
  ): number;
  mgr_lookup(mgr: number, request: number, generation: number): number;
  mgr_hits(mgr: number, group: number): number;
  mgr_boundary(mgr: number): number;
  mgr_alloc(
    mgr: number,
    request: number,
    generation: number,
    tokens: number,
    hit: number,
    lookahead: number,
    flags: number,
    reserved: number,
  ): number;
  mgr_computed(mgr: number, request: number, generation: number, n: number): number;
  mgr_preempt(mgr: number, request: number, generation: number): number;
  mgr_free(mgr: number, request: number, generation: number): number;
  mgr_fork(mgr: number, request: number, generation: number): number;
  mgr_copies(mgr: number): number;
  mgr_copy_count(mgr: number): number;
  mgr_copied(mgr: number, n: number): number;
  mgr_evict(mgr: number, ids: number, n: number): number;
  mgr_reset(mgr: number): number;
  mgr_common(mgr: number, request: number, generation: number, group: number): number;
  mgr_blocks(mgr: number, request: number, generation: number, group: number): number;
  mgr_check(mgr: number): number;
}

/** Where a draw of the samplers is addressed. */
export type RngDraw = [
  seedLo: number,
  seedHi: number,
  purpose: number,
  entity: number,
  index: number,
];

/** An address with its last counter word. */
export type RngAddress = [...RngDraw, lane: number];
