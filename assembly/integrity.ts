// SPDX-License-Identifier: Apache-2.0
/**
 * Integrity: every kernel object of an instance against its invariants, without knowing handles.
 *
 * Meant for state from elsewhere: after a snapshot was copied back, whatever its bytes, the answer
 * comes in bounded time and without a trap. The arena comes first, since everything else is found
 * through it; then the objects, the one made last first. Nothing in the arena is written: checks
 * that need room take it above the top.
 *
 * A new kernel is one line in `objectCheck` and one name in src/core/integrity.ts. Its check must
 * bound every walk and every offset by something checked before.
 */
import { arenaCheck, newest, olderThan } from "./arena";
import { HEAP_MAGIC, heap_check } from "./event/heap";
import { MAGIC as POOL_MAGIC } from "./kv/pool/layout";
import { MAGIC as MANAGER_MAGIC } from "./kv/manager/layout";
import { mgr_check } from "./kv/manager/verify";
import { MAGIC as ROUTER_MAGIC } from "./kv/router/layout";
import { router_check } from "./kv/router/verify";
import { pool_check } from "./kv/pool/verify";
import { MAGIC as RADIX_MAGIC } from "./kv/radix/layout";
import { MAGIC as TIERS_MAGIC } from "./kv/tiers/layout";
import { tier_check } from "./kv/tiers/verify";
import { treeCheck } from "./integrity/tree";

/** Kernels by number: what the answer names. 0 is the arena. */
const POOL: i32 = 1;
const RADIX: i32 = 2;
const HEAP: i32 = 3;
const MGR: i32 = 4;
const ROUTER: i32 = 5;
const TIER: i32 = 6;

function objectCheck(handle: usize): i32 {
  const magic = load<u32>(handle);
  if (magic == POOL_MAGIC) return named(POOL, pool_check(handle));
  if (magic == RADIX_MAGIC) return named(RADIX, treeCheck(handle));
  if (magic == HEAP_MAGIC) return named(HEAP, heap_check(handle));
  if (magic == MANAGER_MAGIC) return named(MGR, mgr_check(handle));
  if (magic == ROUTER_MAGIC) return named(ROUTER, router_check(handle));
  if (magic == TIERS_MAGIC) return named(TIER, tier_check(handle));
  return 3;
}

function named(kernel: i32, broken: i32): i32 {
  return broken > 0 ? (kernel << 8) | broken : broken;
}

/** Code of the first broken invariant, or the handle of the object that breaks it. */
function scan(name: bool): i32 {
  let broken = arenaCheck();
  let object: u32 = 0;
  if (!broken) {
    for (object = newest(); object; object = olderThan(object)) {
      broken = objectCheck(object);
      if (broken) break;
    }
  }
  return name ? object : broken;
}

/**
 * 0 when all invariants hold, else kernel << 8 | number of the invariant, of the first object that
 * breaks one. NO_MEMORY: reserve and call again.
 */
export function check_integrity(): i32 {
  return scan(false);
}

/** The object that `check_integrity` complains about; 0: none, or the arena itself. */
export function check_integrity_handle(): usize {
  return scan(true);
}
