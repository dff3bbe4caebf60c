// SPDX-License-Identifier: Apache-2.0
/** Records of the router index (see ../router.ts for the drawing) and how to get at them. */
import { isObject } from "../../arena";

export const MAGIC: u32 = 0x6b76_0501;
export const NIL: u32 = 0xffffffff;
/** Forms: how queries find blocks. */
export const RADIX: u32 = 0;
export const POSITIONAL: u32 = 1;
/** Blocks that a positional query skips at once. */
export const JUMP: u32 = 32;
/** Events of a worker that may arrive before one that is missing. */
export const WINDOW: u32 = 64;
/** Beyond so many children a worker's holes are not counted: its queries walk. */
export const MANY_CHILDREN: u32 = 64;

@unmanaged
export class Router {
  magic: u32;
  older: u32;
  form: u32;
  workers: u32;
  /** Words of a set of workers. */
  words: u32;
  stride: u32;
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
  /** (parent, local hash) -> block; radix form only. */
  childTable: u32;
  /** (worker, block) -> what one bit cannot say. */
  side: u32;
  sideMask: u32;
  sideUsed: u32;
  workerBase: u32;
  /** Set of workers that a query still follows. */
  active: u32;
  /** Approximate mode: nanoseconds that an entry lives; 0 = events. */
  queue: u32;
  queueMask: u32;
  ttlNs: f64;
  queueHead: u32;
  queueTail: u32;
  serial: u32;
  events: u32;
}

/** A block that some worker holds, or that leads to one. `stride` bytes, its set behind. */
@unmanaged
export class Block {
  hash: u64;
  local: u64;
  parent: u32;
  firstChild: u32;
  nextSibling: u32;
  prevSibling: u32;
  children: u32;
  /** Workers that hold it. */
  holders: u32;
  /** 1 when its place is known: the parent is a block, or it starts a sequence. */
  placed: u32;
  gen: u32;
}

@unmanaged
export class Worker {
  /** Event awaited. */
  next: u32;
  /** 1 once an event has come. */
  started: u32;
  /** Blocks held. */
  blocks: u32;
  /** Blocks held whose parent is not: 0 means that what it holds is closed under prefixes. */
  holes: u32;
  duplicates: u32;
  /** Events that never came. */
  lost: u32;
  /** Blocks stored behind a parent that nobody named. */
  unknown: u32;
  /** Blocks removed that were not there. */
  absent: u32;
  /** Events that wait for an earlier one, by id. */
  pending: u32;
  pendingCount: u32;
  /** 1 after a loss, until the next resync or clear. */
  diverged: u32;
  spare: u32;
}
export const WORKER_BYTES: u32 = offsetof<Worker>();

/** Bytes of a record whose set has so many words. */
export function strideOf(words: u32): u32 {
  return (<u32>offsetof<Block>() + (words << 2) + 7) & ~7;
}

export function isRouter(handle: usize): bool {
  return isObject(handle, offsetof<Router>(), MAGIC);
}

// @ts-ignore: decorator
@inline
export function at(t: Router, index: u32): Block {
  return changetype<Block>(<usize>t.blocks + <usize>index * <usize>t.stride);
}

/** Set of the workers that hold a block. */
// @ts-ignore: decorator
@inline
export function setOf(b: Block): usize {
  return changetype<usize>(b) + offsetof<Block>();
}

// @ts-ignore: decorator
@inline
export function worker(t: Router, index: u32): Worker {
  return changetype<Worker>(<usize>t.workerBase + <usize>(index * WORKER_BYTES));
}

// @ts-ignore: decorator
@inline
export function isHeld(b: Block, w: u32): bool {
  return ((load<u32>(setOf(b) + (<usize>(w >> 5) << 2)) >> (w & 31)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
export function flip(b: Block, w: u32): void {
  const word = setOf(b) + (<usize>(w >> 5) << 2);
  store<u32>(word, load<u32>(word) ^ ((<u32>1) << (w & 31)));
}

// @ts-ignore: decorator
@inline
export function home(mask: u32, key: u64): u32 {
  return <u32>((key * 0x9e3779b97f4a7c15) >> 32) & mask;
}
