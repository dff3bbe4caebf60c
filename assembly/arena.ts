// SPDX-License-Identifier: Apache-2.0
/**
 * The arena: all kernel state of one instance, in one contiguous run of linear memory.
 *
 * Problem: allocate, free and grow kernel objects without a garbage collector, such that the whole
 * state can be saved, restored and compared as plain bytes.
 *
 * ```
 *  0        heap base (64-aligned)                              top          limit
 *  ┌────────┬──────────────────────────────────────────────────┬────────────┬─ ─ ─
 *  │ static │ magic version top limit │ free list heads │ objects │  reserved  │
 *  └────────┴──────────────────────────────────────────────────┴────────────┴─ ─ ─
 * ```
 *
 * - Sizes are rounded up to a class: 2^k, 1.25*2^k, 1.5*2^k, 1.75*2^k bytes from 32 on, so at most
 *   a quarter of a piece is slack. A freed piece joins the list of its class; its first word links
 *   to the next one. Allocation is O(1).
 * - No call here grows the memory except `arena_reserve`, which the host calls at a safe point. An
 *   operation that lacks room answers NO_MEMORY before it changes anything.
 * - Nothing lives in wasm globals: [base, top) is the complete state. A snapshot is a copy of it.
 *
 * - Kernel objects form a list, the one made last first, so that all of them can be checked without
 *   knowing their handles.
 *
 * Invariants
 * - ARENA-1  base < top <= limit <= memory size, in the layout of this ABI.
 * - ARENA-2  free pieces lie in [base, top), each list ends, and together they fit in there.
 * - ARENA-3  the list of objects ends, and each is a live object of a known kind.
 *
 * The arena begins at the same offset in every build, so that all of them take each other's
 * snapshots: a faulty state from a release build goes on in the debug build.
 */
import { OK, NO_MEMORY, BAD_ARGUMENT, UNBALANCED, BUSY } from "./status";

/** First word of the arena and of every snapshot: "kvl" and the layout version. */
export const ARENA_MAGIC: u32 = 0x6b766c01;
const CLASSES: u32 = 128;
/** Classes of pieces below 4 GiB. */
const REAL_CLASSES: u32 = 108;
/** Free pieces that a buffer given back is compared with: a whole list may be long. */
const GIVEN_LAST: u32 = 16;
/** Where the arena begins: above the static data of any build of its module. */
const BASE: usize = 0x4000;
/** The same where a module has more static data than fits below BASE. */
const HIGH_BASE: usize = 0x10000;
const PAGE_SHIFT: u32 = 16;

@unmanaged
class Arena {
  magic: u32;
  abi: u32;
  top: u32;
  limit: u32;
  /** Kernel object made last; 0 = none. */
  objects: u32;
  spare: u32;
}

/** How every kernel object begins. */
@unmanaged
class KernelObject {
  /** Kind of the object; 0 once it is destroyed. */
  magic: u32;
  /** Object made before it. */
  older: u32;
}

const HEADER: usize = offsetof<Arena>() + (<usize>CLASSES << 2);

// @ts-ignore: decorator
@inline
function base(): usize {
  return __heap_base > BASE ? HIGH_BASE : BASE;
}

// @ts-ignore: decorator
@inline
function arena(): Arena {
  return changetype<Arena>(base());
}

// @ts-ignore: decorator
@inline
function freeHead(index: u32): usize {
  return changetype<usize>(arena()) + offsetof<Arena>() + (<usize>index << 2);
}

/** Smallest class whose pieces hold `size` bytes. */
// @ts-ignore: decorator
@inline
function classOf(size: u32): u32 {
  if (size <= 32) return 0;
  const last = size - 1;
  // k - 2: a class takes so many bits. The two bits below the first one of `last` name it.
  const shift: u32 = 29 - clz<u32>(last);
  return (shift << 2) + (last >> shift) - 15;
}

function classSize(index: u32): u32 {
  const k: u32 = 5 + (index >> 2);
  return (1 << k) + (index & 3) * (1 << (k - 2));
}

/** Bytes that `take(size)` really uses. */
export function pieceSize(size: u32): u32 {
  return classSize(classOf(size));
}

/** True when `bytes` can be taken in pieces of any size without reserving more. */
// @ts-ignore: decorator
@inline
export function hasRoom(bytes: u32): bool {
  const a = arena();
  return <u64>a.top + <u64>bytes <= <u64>a.limit;
}

/** An uninitialised piece of at least `size` bytes, 8-aligned; 0 when there is no room. */
export function take(size: u32): usize {
  const index = classOf(size);
  const head = freeHead(index);
  const piece = load<u32>(head);
  if (piece) {
    store<u32>(head, load<u32>(piece));
    return piece;
  }
  const a = arena();
  const bytes = classSize(index);
  if (<u64>a.top + <u64>bytes > <u64>a.limit) return 0;
  const at = a.top;
  a.top = at + bytes;
  return at;
}

/** Returns a piece taken with the same `size`. */
export function give(piece: usize, size: u32): void {
  const head = freeHead(classOf(size));
  store<u32>(piece, load<u32>(head));
  store<u32>(head, <u32>piece);
}

/** Makes a piece a kernel object of kind `magic`, on the list of all. */
export function enlist(handle: usize, magic: u32): void {
  const a = arena();
  changetype<KernelObject>(handle).magic = magic;
  changetype<KernelObject>(handle).older = a.objects;
  a.objects = <u32>handle;
}

/** Ends a kernel object and takes it off the list: O(objects made after it). */
export function delist(handle: usize): void {
  const a = arena();
  changetype<KernelObject>(handle).magic = 0;
  const older = changetype<KernelObject>(handle).older;
  if (a.objects == <u32>handle) {
    a.objects = older;
    return;
  }
  let at = a.objects;
  while (at) {
    const o = changetype<KernelObject>(<usize>at);
    if (o.older == <u32>handle) {
      o.older = older;
      return;
    }
    at = o.older;
  }
}

/** True when [handle, handle+bytes) lies inside the arena and is 8-aligned. */
// @ts-ignore: decorator
@inline
export function inArena(handle: usize, bytes: usize): bool {
  const a = arena();
  return (
    (handle & 7) == 0 &&
    handle >= changetype<usize>(a) + HEADER &&
    <u64>handle + <u64>bytes <= <u64>a.top
  );
}

/** True for a live kernel object. Not inlined: checks of handles would be a tenth of the module. */
export function isObject(handle: usize, bytes: usize, magic: u32): bool {
  return inArena(handle, bytes) && changetype<KernelObject>(handle).magic == magic;
}

/** True when [at, at+bytes) lies inside linear memory above the static data. */
// @ts-ignore: decorator
@inline
export function inMemory(at: usize, bytes: u64): bool {
  return at >= __heap_base && <u64>at + bytes <= <u64>memory.size() << PAGE_SHIFT;
}

/** A legal buffer of `n` words. */
export function areWords(at: usize, n: u64): bool {
  return (at & 3) == 0 && inMemory(at, n << 2);
}

/** A legal buffer of `n` 64-bit values. */
export function areLongs(at: usize, n: u64): bool {
  return (at & 7) == 0 && inMemory(at, n << 3);
}

/** Empties the arena and reserves room for `bytes`. */
export function arena_init(bytes: u32): i32 {
  const a = arena();
  const first = <u64>changetype<usize>(a) + <u64>HEADER;
  if (__heap_base > base() || !growTo(first + <u64>bytes)) return NO_MEMORY;
  memory.fill(changetype<usize>(a), 0, HEADER);
  a.magic = ARENA_MAGIC;
  a.abi = 2;
  a.top = <u32>((first + 63) & ~63);
  a.limit = <u32>(<u64>memory.size() << PAGE_SHIFT) - 64;
  return OK;
}

function growTo(end: u64): bool {
  const want = (end + 64 + 0xffff) >> PAGE_SHIFT;
  if (want > 65535) return false;
  const have = <u64>memory.size();
  return want <= have || memory.grow(<i32>(want - have)) >= 0;
}

/** Makes room for `bytes` more. May grow the memory: the host re-derives its views afterwards. */
export function arena_reserve(bytes: u32): i32 {
  const a = arena();
  if (<u64>a.top + <u64>bytes <= <u64>a.limit) return OK;
  if (!growTo(<u64>a.top + <u64>bytes)) return NO_MEMORY;
  a.limit = <u32>(<u64>memory.size() << PAGE_SHIFT) - 64;
  return OK;
}

/** Offset of the arena: a snapshot is the bytes [arena_base, arena_top). */
export function arena_base(): usize {
  return changetype<usize>(arena());
}

export function arena_top(): u32 {
  return arena().top;
}

/** A buffer for the caller, zero-filled; 0 when there is no room. */
export function arena_take(bytes: u32): usize {
  if (bytes == 0 || bytes > 0x40000000) return 0;
  const piece = take(bytes);
  if (piece) memory.fill(piece, 0, bytes);
  return piece;
}

/**
 * Returns a buffer taken with `arena_take` of the same size. UNBALANCED when it is one of those of
 * its class that were given back last, BUSY for a kernel object: O(objects).
 */
export function arena_give(piece: usize, bytes: u32): i32 {
  if (bytes == 0 || bytes > 0x40000000 || !inArena(piece, bytes)) return BAD_ARGUMENT;
  let left = GIVEN_LAST;
  for (let free = load<u32>(freeHead(classOf(bytes))); free && left; free = load<u32>(free)) {
    if (free == <u32>piece) return UNBALANCED;
    left--;
  }
  for (let object = arena().objects; object; object = olderThan(object)) {
    if (object == <u32>piece) return BUSY;
  }
  give(piece, bytes);
  return OK;
}

/** After the host copied a snapshot back: refits the limit. Refuses bytes that are no snapshot. */
export function arena_adopt(): i32 {
  const a = arena();
  if (a.magic != ARENA_MAGIC || a.abi != 2) return BAD_ARGUMENT;
  a.limit = <u32>(<u64>memory.size() << PAGE_SHIFT) - 64;
  return a.top <= a.limit ? OK : BAD_ARGUMENT;
}

/** Kernel object made last; 0: none. */
export function newest(): u32 {
  return arena().objects;
}

/** Kernel object made before `object`; 0: none. */
export function olderThan(object: u32): u32 {
  return changetype<KernelObject>(<usize>object).older;
}

/**
 * 0, or the number of the first ARENA invariant that does not hold, whatever the bytes of the
 * arena: no walk is longer than the arena has pieces. The kinds of objects are left to the caller.
 */
export function arenaCheck(): i32 {
  const a = arena();
  const first = (base() + HEADER + 63) & ~63;
  if (a.magic != ARENA_MAGIC || a.abi != 2 || <usize>a.top < first || a.top & 7) return 1;
  if (a.top > a.limit || <u64>a.limit > <u64>memory.size() << PAGE_SHIFT) return 1;
  const bytes = <u64>(<usize>a.top - first);
  let free: u64 = 0;
  for (let i: u32 = 0; i < CLASSES; i++) {
    const size = i < REAL_CLASSES ? classSize(i) : 0xffffffff;
    for (let piece = load<u32>(freeHead(i)); piece; piece = load<u32>(piece)) {
      free += <u64>size;
      if (free > bytes || !inArena(piece, size)) return 2;
    }
  }
  let left = bytes >> 5;
  for (let object = a.objects; object; object = olderThan(object)) {
    if (left == 0 || !inArena(object, 32)) return 3;
    left--;
  }
  return 0;
}
