// SPDX-License-Identifier: Apache-2.0
/**
 * Events of workers, each applied once and in the order of its id. One that comes before its turn
 * waits; when the one missing is too far back, it is given up, the worker counts as diverged, and a
 * resync makes it exact again.
 */
import { give, hasRoom, pieceSize, take } from "../../arena";
import { NO_MEMORY } from "../../status";
import { NIL, Router, WINDOW, Worker, at, worker } from "./layout";
import { clearWorker, hold, named, place, prune, release } from "./blocks";
import { roomForBlocks, roomForSide } from "./memory";
import { find } from "./tables";

/** Answers. */
export const APPLIED: i32 = 0;
export const DUPLICATE: i32 = 1;
export const WAITS: i32 = 2;
export const APPLIED_AFTER_LOSS: i32 = 3;

/** Kinds. */
export const STORED: u32 = 0;
export const REMOVED: u32 = 1;
export const CLEARED: u32 = 2;

/** An event, as it waits; hashes and local hashes stand behind. */
@unmanaged
export class Event {
  next: u32;
  id: u32;
  kind: u32;
  n: u32;
  parent: u64;
  hasParent: u32;
  spare: u32;
}
const EVENT_BYTES: u32 = offsetof<Event>();

// @ts-ignore: decorator
@inline
function eventBytes(n: u32): u32 {
  return EVENT_BYTES + (n << 4);
}

// @ts-ignore: decorator
@inline
function u64At(base: usize, index: u32): u64 {
  return load<u64>(base + (<usize>index << 3));
}

/** The worker holds blocks hashes[0..n), each behind the one before it. */
function store_(t: Router, w: u32, e: Event, hashes: usize, locals: usize): void {
  let parent: u32 = NIL;
  if (e.hasParent) {
    parent = find(t, e.parent);
    if (parent == NIL) {
      parent = named(t, e.parent);
      worker(t, w).unknown++;
    }
  }
  const first = parent;
  for (let i: u32 = 0; i < e.n; i++) {
    const index = named(t, u64At(hashes, i));
    if (!at(t, index).placed) place(t, index, parent, u64At(locals, i));
    hold(t, w, index);
    parent = index;
  }
  if (first != NIL && e.n == 0) prune(t, first);
}

function remove_(t: Router, w: u32, e: Event, hashes: usize): void {
  for (let i: u32 = 0; i < e.n; i++) {
    const index = find(t, u64At(hashes, i));
    if (index == NIL || !release(t, w, index)) worker(t, w).absent++;
  }
}

function apply(t: Router, w: u32, e: Event, hashes: usize, locals: usize): void {
  if (e.kind == STORED) store_(t, w, e, hashes, locals);
  else if (e.kind == REMOVED) remove_(t, w, e, hashes);
  else clearWorker(t, w);
  t.events++;
}

/** Blocks that all events waiting for a worker may make. */
function pendingBlocks(v: Worker): u32 {
  let blocks: u32 = 0;
  let next = v.pending;
  while (next) {
    const e = changetype<Event>(<usize>next);
    blocks += e.n + 1;
    next = e.next;
  }
  return blocks;
}

/** Applies what waits, as long as it is next in turn. */
function drain(t: Router, w: u32): void {
  const v = worker(t, w);
  while (v.pending) {
    const e = changetype<Event>(<usize>v.pending);
    if (e.id != v.next) return;
    takeTurn(t, w, e);
  }
}

/** Applies the first event that waits and forgets it. */
function takeTurn(t: Router, w: u32, e: Event): void {
  const v = worker(t, w);
  const hashes = changetype<usize>(e) + <usize>EVENT_BYTES;
  apply(t, w, e, hashes, hashes + (<usize>e.n << 3));
  v.next = e.id + 1;
  v.pending = e.next;
  v.pendingCount--;
  give(changetype<usize>(e), eventBytes(e.n));
}

/** Forgets what waits. */
export function dropPending(t: Router, w: u32): void {
  const v = worker(t, w);
  while (v.pending) {
    const e = changetype<Event>(<usize>v.pending);
    v.pending = e.next;
    give(changetype<usize>(e), eventBytes(e.n));
  }
  v.pendingCount = 0;
}

/** Takes an event in; see the answers. NO_MEMORY leaves everything as it was. */
export function receive(t: Router, w: u32, e: Event, hashes: usize, locals: usize): i32 {
  const v = worker(t, w);
  if (!v.started) {
    v.started = 1;
    v.next = e.id;
  }
  const ahead = <i32>(e.id - v.next);
  if (ahead < 0) {
    v.duplicates++;
    return DUPLICATE;
  }
  const blocks = e.n + 1 + pendingBlocks(v);
  if (!roomForBlocks(t, blocks) || !roomForSide(t, blocks)) return NO_MEMORY;
  if (ahead > 0) {
    const known = wait(v, e, hashes, locals);
    if (known != WAITS) return known;
    // The window is from the event awaited to the last that came.
    if (ahead < <i32>WINDOW) return WAITS;
    return giveUp(t, w, e.id);
  }
  apply(t, w, e, hashes, locals);
  v.next = e.id + 1;
  drain(t, w);
  return v.diverged ? APPLIED_AFTER_LOSS : APPLIED;
}

/** Puts an event among those that wait, by id. */
function wait(v: Worker, e: Event, hashes: usize, locals: usize): i32 {
  let before: usize = 0;
  let next = v.pending;
  while (next && <i32>(changetype<Event>(<usize>next).id - e.id) < 0) {
    before = <usize>next;
    next = changetype<Event>(<usize>next).next;
  }
  if (next && changetype<Event>(<usize>next).id == e.id) {
    v.duplicates++;
    return DUPLICATE;
  }
  const bytes = eventBytes(e.n);
  if (!hasRoom(pieceSize(bytes))) return NO_MEMORY;
  const piece = take(bytes);
  memory.copy(piece, changetype<usize>(e), EVENT_BYTES);
  const data = piece + <usize>EVENT_BYTES;
  memory.copy(data, hashes, <usize>e.n << 3);
  memory.copy(data + (<usize>e.n << 3), locals, <usize>e.n << 3);
  changetype<Event>(piece).next = next;
  if (before) changetype<Event>(before).next = <u32>piece;
  else v.pending = <u32>piece;
  v.pendingCount++;
  return WAITS;
}

/** Gives up the events that never came before those within the window of `last`. */
function giveUp(t: Router, w: u32, last: u32): i32 {
  const v = worker(t, w);
  while (v.pending && <i32>(last - v.next) >= <i32>WINDOW) {
    const e = changetype<Event>(<usize>v.pending);
    v.lost += e.id - v.next;
    v.diverged = 1;
    v.next = e.id;
    drain(t, w);
  }
  return APPLIED_AFTER_LOSS;
}
