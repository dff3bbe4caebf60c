// SPDX-License-Identifier: Apache-2.0
// Everything the module exports. Names are flat, snake_case, noun first; arguments and results are
// i32 / u32 / usize / f32 / f64 only. Adding an export keeps the ABI; changing one bumps it.

/** Raised whenever a signature, a struct layout or a status code changes. */
export function abi_version(): u32 {
  return 2;
}

/** 1 when this build uses 128-bit SIMD, 0 for the scalar build. */
export function build_simd(): u32 {
  return ASC_FEATURE_SIMD ? 1 : 0;
}

export {
  arena_init,
  arena_reserve,
  arena_base,
  arena_top,
  arena_take,
  arena_give,
  arena_adopt,
} from "./arena";

// Integrity of all objects (assembly/integrity.ts)
export { check_integrity, check_integrity_handle } from "./integrity";

// Block pool (assembly/kv/pool.ts)
export {
  pool_bytes,
  pool_create,
  pool_destroy,
  pool_alloc,
  pool_free,
  pool_free_table,
  pool_touch,
  pool_cache,
  pool_lookup,
  pool_lookup_run,
  pool_evict,
  pool_reset,
  pool_free_count,
  pool_hashed_count,
  pool_ref,
  pool_queue,
} from "./kv/pool";
export { pool_events, pool_events_take } from "./kv/pool/events";
export { pool_check } from "./kv/pool/verify";

// Radix tree (assembly/kv/radix.ts)
export {
  radix_create,
  radix_create_policy,
  radix_bytes,
  radix_destroy,
  radix_match,
  radix_match_from,
  radix_insert,
  radix_extend,
  radix_lock,
  radix_unlock,
  radix_reset,
  radix_values,
  radix_evictable,
  radix_protected,
  radix_nodes,
  radix_leaves,
  radix_node_base,
  radix_node_high,
} from "./kv/radix";
export { treeCheck as radix_check } from "./integrity/tree";
export { radix_evict, radix_trim, radix_resume } from "./kv/radix/evict";
export { radix_events, radix_events_take } from "./kv/radix/events";
export { radix_hint, radix_tick, radix_held } from "./kv/radix/hints";

// Event heap (assembly/event/heap.ts)
export {
  heap_create,
  heap_destroy,
  heap_reserve,
  heap_push,
  heap_pop,
  heap_size,
  heap_peek_time,
  heap_clear,
  heap_check,
} from "./event/heap";

// Random numbers (assembly/rng/philox.ts, assembly/rng/samplers.ts)
export { rng_u32, rng_f64, rng_block } from "./rng/philox";
export {
  rng_exponential,
  rng_normal,
  rng_lognormal,
  rng_gamma,
  rng_categorical,
} from "./rng/samplers";

// Elementary functions (assembly/math.ts)
export { math_exp, math_log, math_pow } from "./math";

// Hashes (assembly/hash/xxh3.ts)
export { xxh3_64, block_hash_chain } from "./hash/xxh3";

// Tier store (assembly/kv/tiers.ts)
export {
  tier_bytes,
  tier_create,
  tier_destroy,
  tier_insert,
  tier_match,
  tier_lock,
  tier_unlock,
  tier_evict,
  tier_load,
  tier_commands,
  tier_done,
  tier_retain,
  tier_refresh,
  tier_clear,
  tier_lookup,
  tier_events,
  tier_events_take,
} from "./kv/tiers";
export { tier_check } from "./kv/tiers/verify";

// Router index (assembly/kv/router.ts)
export {
  router_bytes,
  router_create,
  router_destroy,
  router_stored,
  router_removed,
  router_cleared,
  router_resync,
  router_forget,
  router_query,
  router_route,
  router_expire,
  router_blocks,
  router_worker,
  router_dump,
} from "./kv/router";
export { router_check } from "./kv/router/verify";

// KV manager (assembly/kv/manager.ts)
export {
  mgr_create,
  mgr_destroy,
  mgr_alloc,
  mgr_evict,
  mgr_reset,
  mgr_common,
  mgr_blocks,
} from "./kv/manager";
export { mgr_lookup, mgr_hits, mgr_boundary } from "./kv/manager/lookup";
export {
  mgr_request,
  mgr_append,
  mgr_computed,
  mgr_preempt,
  mgr_free,
  mgr_fork,
  mgr_copied,
  mgr_copies,
  mgr_copy_count,
} from "./kv/manager/request";
export { mgr_check } from "./kv/manager/verify";
