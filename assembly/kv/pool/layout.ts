// SPDX-License-Identifier: Apache-2.0
/** Records of the block pool (see ../pool.ts for the drawing) and how to get at them. */
import { arena_top } from "../../arena";

export const MAGIC: u32 = 0x6b76_0102;
/** Of a block: carries no hash. */
export const NONE_AT: u32 = 0xffffffff;
/** Of a block: carries a hash that an older block carries too. */
export const FOLLOWER: u32 = 0xfffffffe;
/** Of no block. */
export const NOWHERE: u32 = 0xfffffffd;
/** Flag on the slot of a block: younger blocks carry the same hash. */
export const SHARED: u32 = 0x80000000;
/** Of a slot: empty. */
export const EMPTY: u32 = 0xffffffff;
export const SLOT_BYTES: u32 = 12;
/** An entry names the oldest block and the group in one word, so groups are few. */
export const GROUP_SHIFT: u32 = 26;
export const ID_MASK: u32 = 0x3ffffff;
export const GROUPS: u32 = 63;

@unmanaged
export class Pool {
  magic: u32;
  /** See enlist. */
  older: u32;
  blocks: u32;
  free: u32;
  hashed: u32;
  /** Freed blocks whose `slot` is this go to the head of the queue. */
  headSlot: u32;
  tableMask: u32;
  records: usize;
  rings: usize;
  table: usize;
  eventBase: u32;
  eventCapacity: u32;
  eventCount: u32;
  eventLost: u32;
  evicted: u32;
  /** Group of all hashes; GROUPS where there may be several. */
  group: u32;
}

@unmanaged
export class Block {
  prev: u32;
  next: u32;
  ref: u32;
  slot: u32;
}

/** Neighbours among the blocks of one hash; of a block that has its hash alone, the key. */
@unmanaged
export class Ring {
  next: u32;
  prev: u32;
}

@unmanaged
export class Slot {
  key: u64;
  /** EMPTY, or group << GROUP_SHIFT | id of the oldest block. */
  entry: u32;
}

/** True for a live pool: whatever lies below the top may be read, only pools begin with MAGIC. */
// @ts-ignore: decorator
@inline
export function isPool(handle: usize): bool {
  return (
    handle <= <usize>arena_top() - offsetof<Pool>() &&
    ((load<u32>(handle) ^ MAGIC) | (<u32>handle & 7)) == 0
  );
}

/** The same as a call, where bytes count more than time. */
export function isLivePool(handle: usize): bool {
  return isPool(handle);
}

/** True when [at, at+bytes) lies inside the arena: one comparison, below the base wraps around. */
// @ts-ignore: decorator
@inline
export function owns(at: usize, bytes: u64): bool {
  return <u64>(at - __heap_base) + bytes <= <u64>(<usize>arena_top() - __heap_base);
}

// @ts-ignore: decorator
@inline
export function block(records: usize, id: u32): Block {
  return changetype<Block>(records + (<usize>id << 4));
}

// @ts-ignore: decorator
@inline
export function ring(rings: usize, id: u32): Ring {
  return changetype<Ring>(rings + (<usize>id << 3));
}

// @ts-ignore: decorator
@inline
export function loneKey(rings: usize, id: u32): u64 {
  return load<u64>(changetype<usize>(ring(rings, id)));
}

// @ts-ignore: decorator
@inline
export function setLoneKey(rings: usize, id: u32, key: u64): void {
  store<u64>(changetype<usize>(ring(rings, id)), key);
}

// @ts-ignore: decorator
@inline
export function slot(table: usize, index: u32): Slot {
  return changetype<Slot>(table + <usize>(index * SLOT_BYTES));
}

/** What keys of a group are multiplied with, so that one key falls elsewhere in each group. */
// @ts-ignore: decorator
@inline
export function factorOf(group: u32): u64 {
  return 0x9e3779b97f4a7c15 + (<u64>group << 50);
}

/** Top bits of the product, by multiplication: a shift by a variable needs more instructions. */
// @ts-ignore: decorator
@inline
export function home(slots: u64, factor: u64, key: u64): u32 {
  return <u32>((((key * factor) >> 32) * slots) >> 32);
}

// @ts-ignore: decorator
@inline
export function idAt(ids: usize, index: u32): u32 {
  return load<u32>(ids + (<usize>index << 2));
}
