// SPDX-License-Identifier: Apache-2.0
/** What callers tell a tree about the future: hints, and the time at which they end. */
import { BAD_ARGUMENT, BAD_HANDLE, FULL, OK, STALE } from "../../status";
import { PINNED, RETENTION, SESSION, TTL, isLive, isNull, open, side } from "./layout";
import { leafChanged } from "./leaves";
import { expire, isHeld, newlyHeld, setHold } from "./holds";
import { setDue } from "./timers";

/**
 * Says how long a node will be wanted.
 * - session: level 1 waits on a tool and returns at `time` ns, level 0 is finished.
 * - ttl: level is the retention 0 to 100, 101 pins; it ends `time` ns from now (Infinity: never),
 *   a hit begins it anew, 35 ends it at once. FULL when more would be held than may be.
 */
export function radix_hint(handle: usize, node: u32, gen: u32, level: u32, time: f64): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!isLive(t, node, gen)) return STALE;
  if (t.policy < SESSION || level > (t.policy == TTL ? PINNED : 1)) return BAD_ARGUMENT;
  if (!(t.policy == TTL ? time > 0 : time >= 0)) return BAD_ARGUMENT;
  if (node == 0) return OK;
  if (level > RETENTION && !isHeld(t, node)) {
    if (<f64>t.held + <f64>newlyHeld(t, node) > t.param) return FULL;
  }
  setHold(t, node, level);
  side(t, node).time = time;
  const end = time + (t.policy == TTL ? t.now : t.param);
  setDue(t, node, level == t.baseHold ? Infinity : end);
  leafChanged(t, node);
  return OK;
}

/** Simulated time is `now` ns and never goes back: ends what is due. Returns the hints ended. */
export function radix_tick(handle: usize, now: f64): i32 {
  const t = open(handle);
  if (isNull(t)) return BAD_HANDLE;
  if (!(now >= t.now) || now == Infinity) return BAD_ARGUMENT;
  t.now = now;
  return expire(t);
}

/** Tokens that hints hold: those of held nodes and of their ancestors. */
export function radix_held(handle: usize): i32 {
  const t = open(handle);
  return isNull(t) ? BAD_HANDLE : <i32>t.held;
}
