// SPDX-License-Identifier: Apache-2.0
/** Records of the KV manager (see ../manager.ts for the drawing) and how to get at them. */
import { arena_top, give, hasRoom, pieceSize, take } from "../../arena";
import { NOWHERE, Pool, block, isPool } from "../pool/layout";

export const MAGIC: u32 = 0x6b76_0a01;
/** First word of a live request. */
export const LIVE: u32 = 0x6b76_0a11;
/** Tokens of a request, of a step and of a model are at most this: sums of three fit 32 bits. */
export const MOST: u32 = 0x40000000;
export const MOST_GROUPS: u32 = 32;

/** Kinds of groups in `Spec.window`; others are sliding windows of so many tokens. */
export const FULL_ATTENTION: u32 = 0;
export const STATE: u32 = 0xffffffff;

export const WAITING: u32 = 0;
export const RUNNING: u32 = 1;
export const PREEMPTED: u32 = 2;

@unmanaged
export class Manager {
  magic: u32;
  /** See enlist. */
  older: u32;
  pool: usize;
  /** Tokens of a block, and keys of a block. */
  size: u32;
  per: u32;
  groups: u32;
  /** Groups of different spec; their leaders stand in Spec.order, full attention first. */
  classes: u32;
  maxLength: u32;
  eagle: u32;
  watermark: u32;
  inFlight: u32;
  /** Requests that hold blocks. */
  holders: u32;
  /** All request records, and those that wait for reuse. */
  records: u32;
  spare: u32;
  generation: u32;
  /** Result of the last lookup: a row of `stride` ids a group. */
  hits: usize;
  stride: u32;
  hitOf: u32;
  hit: u32;
  boundary: u32;
  /** What the pool counted then: a later change of the pool makes the result stale. */
  seenFree: u32;
  seenHashed: u32;
  seenEvicted: u32;
  /** Scratch for lists of blocks to free. */
  list: usize;
  listCapacity: u32;
  /** Copies the host has not reported done: pairs of (from, to). */
  copies: usize;
  copyCount: u32;
  copyCapacity: u32;
  /** 1 once an allocation took another number of blocks than it predicted. */
  mispredicted: u32;
  spareWord: u32;
}

@unmanaged
export class Spec {
  window: u32;
  /** Group whose spec this one shares; itself if it is the first of its kind. */
  leader: u32;
  /** Of index i: leader of the class that is looked up as number i. */
  order: u32;
}

@unmanaged
export class Request {
  magic: u32;
  owner: u32;
  generation: u32;
  /** Record made before, and next record to be reused. */
  older: u32;
  spare: u32;
  status: u32;
  computed: u32;
  tokens: u32;
  prompt: u32;
  keyCount: u32;
  keyCapacity: u32;
  keys: usize;
}

@unmanaged
export class Table {
  ids: usize;
  capacity: u32;
  length: u32;
  /** Blocks that were considered for registration. */
  cached: u32;
  /** Entries left of this one are null. */
  low: u32;
  /** Blocks that the last allocation appended. */
  took: u32;
}

/** True for a live manager on a live pool. */
export function isManager(handle: usize): bool {
  return (
    handle <= <usize>arena_top() - offsetof<Manager>() &&
    ((load<u32>(handle) ^ MAGIC) | (<u32>handle & 7)) == 0 &&
    isPool(changetype<Manager>(handle).pool)
  );
}

/** The live request of this manager, or null. */
export function requestOf(m: Manager, at: usize, generation: u32): Request {
  const r = changetype<Request>(at);
  const found =
    at >= __heap_base &&
    at <= <usize>arena_top() - offsetof<Request>() &&
    (<u32>at & 7) == 0 &&
    r.magic == LIVE &&
    r.owner == <u32>changetype<usize>(m) &&
    r.generation == generation;
  return changetype<Request>(found ? at : 0);
}

// @ts-ignore: decorator
@inline
export function poolOf(m: Manager): Pool {
  return changetype<Pool>(m.pool);
}

// @ts-ignore: decorator
@inline
export function caches(m: Manager): bool {
  return poolOf(m).headSlot != NOWHERE;
}

// @ts-ignore: decorator
@inline
export function spec(m: Manager, group: u32): Spec {
  return changetype<Spec>(changetype<usize>(m) + offsetof<Manager>() + <usize>(group * 12));
}

// @ts-ignore: decorator
@inline
export function tableOf(r: Request, group: u32): Table {
  return changetype<Table>(changetype<usize>(r) + offsetof<Request>() + <usize>(group * 24));
}

export function managerBytes(groups: u32): u32 {
  return <u32>offsetof<Manager>() + groups * 12;
}

export function requestBytes(m: Manager): u32 {
  return <u32>offsetof<Request>() + m.groups * 24;
}

/** Row of the last lookup for a group. */
// @ts-ignore: decorator
@inline
export function hitRow(m: Manager, group: u32): usize {
  return m.hits + (<usize>(group * m.stride) << 2);
}

// @ts-ignore: decorator
@inline
export function refOf(m: Manager, id: u32): u32 {
  return block(poolOf(m).records, id).ref;
}

// @ts-ignore: decorator
@inline
export function ceilDiv(a: u32, b: u32): u32 {
  return (a + b - 1) / b;
}

/** A larger capacity that holds `need`, in pieces that grow by half. */
export function roomier(capacity: u32, need: u32): u32 {
  const more = capacity + (capacity >> 1) + 8;
  return more > need ? more : need;
}

/** True when a piece for `n` items of 1 << shift bytes can be taken now. */
export function fits(n: u32, shift: u32): bool {
  const bytes = <u64>n << shift;
  return bytes < 0x40000000 && hasRoom(pieceSize(<u32>bytes));
}

/** Moves `used` items into a piece for `n` items; the old one goes back. */
export function regrow(at: usize, used: u32, old: u32, n: u32, shift: u32): usize {
  const piece = take(n << shift);
  if (at) {
    memory.copy(piece, at, <usize>used << shift);
    give(at, old << shift);
  }
  return piece;
}
