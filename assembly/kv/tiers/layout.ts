// SPDX-License-Identifier: Apache-2.0
/** Records of the tier store (see ../tiers.ts for the drawing) and how to get at them. */
import { isObject } from "../../arena";

export const MAGIC: u32 = 0x6b76_0601;
export const NIL: u32 = 0xffffffff;
export const MAX_TIERS: u32 = 4;
/** Heap of a block that stands in none. */
export const NO_HEAP: u8 = 0xff;
/** Heap of blocks by the time at which their priority ends; the others are those of the tiers. */
export const DUE: u32 = MAX_TIERS;
/** Priority of blocks that nobody gave one, and of those whose priority has ended. */
export const DEFAULT_PRIORITY: u64 = 35;
export const STAMP_BITS: u64 = 56;
export const STAMP_MASK: u64 = 0x00ff_ffff_ffff_ffff;

/** How blocks of a tier get into the one below. */
export const THROUGH: u32 = 1;
export const BACK: u32 = 2;

@unmanaged
export class Store {
  magic: u32;
  older: u32;
  tiers: u32;
  /** Bytes of a block, as commands tell. */
  blockBytes: u32;
  /** Blocks: records, how many may be, are in use, were ever used; free list. */
  blocks: u32;
  capacity: u32;
  maxBlocks: u32;
  used: u32;
  high: u32;
  freeBlock: u32;
  /** Hash -> block. */
  table: u32;
  tableMask: u32;
  /** Heaps, `capacity` words each. */
  heaps: u32;
  /** Transfers: records, how many may be, are open, were ever used, free list. */
  transfers: u32;
  maxTransfers: u32;
  open: u32;
  highTransfer: u32;
  freeTransfer: u32;
  /** Transfers that the host has not fetched yet. */
  firstNew: u32;
  lastNew: u32;
  serial: u32;
  /** Blocks on the device that something keeps there. */
  pinned: u32;
  /** Event log. */
  events: u32;
  eventCapacity: u32;
  eventCount: u32;
  eventLost: u32;
  clock: u64;
}

/** Settings and counters of a tier; they stand behind the header. */
@unmanaged
export class Tier {
  capacity: u32;
  /** 0: evicted blocks are gone, THROUGH or BACK: they get into the tier below. */
  mode: u32;
  /** THROUGH: inserts until a block is copied. */
  hits: u32;
  /** BACK: lowest priority that is worth a copy. */
  least: u32;
  /** Fewest consecutive blocks that are loaded from here. */
  shortest: u32;
  /** Slots taken: blocks here and on their way. */
  used: u32;
  /** Blocks whose best tier this is. */
  best: u32;
  /** Blocks here that go as soon as their copy has landed. */
  leaving: u32;
  /** Length of the heap of its victims; DUE: the fifth record. */
  queued: u32;
  /** Victims that could not leave, NIL outside of calls. */
  passed: u32;
}
export const TIER_BYTES: u32 = offsetof<Tier>();
export const STORE_BYTES: u32 = offsetof<Store>() + (MAX_TIERS + 1) * TIER_BYTES;
/** Words of the settings of a tier. */
export const SETTINGS: u32 = 5;

@unmanaged
export class Block {
  hash: u64;
  /** Order of eviction: priority, then time of the last use. */
  key: u64;
  /** Time at which the priority ends, 0 = never. Positive: orders as its bits do. */
  due: f64;
  parent: u32;
  /** Children by their best tier. */
  children0: u32;
  children1: u32;
  children2: u32;
  children3: u32;
  /** Locks of users, and of transfers from or to the device. */
  locks: u32;
  holds: u32;
  /** Children that are locked, held or lead to such: pinned is who has any of the three. */
  pinnedChildren: u32;
  /** Inserts that passed. */
  hits: u32;
  gen: u32;
  heapPlace: u32;
  duePlace: u32;
  /** Transfers that read or write it. */
  busy: u32;
  /** Sets of tiers: where it is, where it is on its way to. */
  resident: u8;
  incoming: u8;
  /** Heap in which it stands. */
  heap: u8;
  /** 1: its slot is given back as soon as the copy under way has landed. */
  leaving: u8;
  /** The next of the victims that could not leave, while room is made. */
  passed: u32;
  spare: u32;
}
export const BLOCK_BYTES: u32 = offsetof<Block>();

/** A copy of the `count` blocks of a path that end with `end`. */
@unmanaged
export class Transfer {
  /** 0 when free. */
  serial: u32;
  /** The next one to fetch, NIL; FETCHED once the host has it; of a free one the next free. */
  next: u32;
  source: u32;
  target: u32;
  end: u32;
  count: u32;
}
export const FETCHED: u32 = 0xfffffffe;
export const TRANSFER_BYTES: u32 = offsetof<Transfer>();

export function isStore(handle: usize): bool {
  return isObject(handle, STORE_BYTES, MAGIC);
}

// @ts-ignore: decorator
@inline
export function tier(s: Store, index: u32): Tier {
  return changetype<Tier>(changetype<usize>(s) + offsetof<Store>() + <usize>(index * TIER_BYTES));
}

// @ts-ignore: decorator
@inline
export function at(s: Store, index: u32): Block {
  return changetype<Block>(<usize>s.blocks + <usize>index * BLOCK_BYTES);
}

// @ts-ignore: decorator
@inline
export function transfer(s: Store, index: u32): Transfer {
  return changetype<Transfer>(<usize>s.transfers + <usize>(index * TRANSFER_BYTES));
}

/** Where the count of children whose best tier is `t` stands. */
// @ts-ignore: decorator
@inline
export function childrenAt(b: Block, t: u32): usize {
  return changetype<usize>(b) + offsetof<Block>("children0") + (<usize>t << 2);
}

/** The highest tier that a block is in; 8 or more: none. Tiers count downwards from the device. */
// @ts-ignore: decorator
@inline
export function bestOf(b: Block): u32 {
  return <u32>ctz<u32>(<u32>b.resident | 0x100);
}

// @ts-ignore: decorator
@inline
export function isPinned(b: Block): bool {
  return (b.locks | b.holds | b.pinnedChildren) != 0;
}

// @ts-ignore: decorator
@inline
export function has(set: u8, t: u32): bool {
  return (<u32>set >> t) & 1 ? true : false;
}

// @ts-ignore: decorator
@inline
export function freeSlots(s: Store, t: u32): u32 {
  return tier(s, t).capacity - tier(s, t).used;
}
