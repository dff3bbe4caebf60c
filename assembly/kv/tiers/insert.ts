// SPDX-License-Identifier: Apache-2.0
/** Blocks that the engine has computed: new ones, and those that only lower tiers held. */
import { NIL, Store, at, has, tier } from "./layout";
import {
  find,
  hold,
  make,
  release,
  setResident,
  settle,
  stay,
  stayPath,
  touch,
} from "./blocks";
import { STORED, log } from "./events";
import { backup, room } from "./moves";

/** Makes room and places blocks; `known` of them exist, and down to `device` they are there. */
export function place(
  s: Store,
  from: u32,
  device: u32,
  keys: usize,
  known: u32,
  last: u32,
  need: u32,
  out: usize,
): i32 {
  hold(s, device);
  stayPath(s, from);
  for (let i: u32 = 0; i < known; i++) read(s, keys, i, 1);
  const fits = room(s, 0, need);
  for (let i: u32 = 0; i < known; i++) read(s, keys, i, -1);
  if (!fits) {
    release(s, device);
    return 0;
  }
  s.clock++;
  let prefix: u32 = 0;
  let index = from;
  for (let i: u32 = 0; i < last; i++) {
    const key = load<u64>(keys + (<usize>i << 3));
    const held = find(s, key);
    if (held == NIL) {
      index = make(s, key, index);
      tier(s, 0).used++;
      log(s, STORED, at(s, index), 8, 0);
    } else if (i >= known) {
      // The same hash twice in one path: it ends here.
      last = i;
      break;
    } else {
      index = held;
      if (has(at(s, index).resident, 0)) prefix += <u32>(prefix == i);
      else attach(s, index);
    }
    at(s, index).hits++;
  }
  touch(s, index);
  release(s, device);
  for (let t: u32 = 0; t + 1 < s.tiers; t++) backup(s, t, index, last);
  store<u32>(out, index);
  store<u32>(out, at(s, index).gen, 4);
  store<u32>(out, prefix, 8);
  return <i32>last;
}

/** Makes a block of a path nobody's victim (by = 1) or a possible one again (-1). */
function read(s: Store, keys: usize, i: u32, by: u32): void {
  const index = find(s, load<u64>(keys + (<usize>i << 3)));
  at(s, index).busy += by;
  stay(s, at(s, index));
  settle(s, index);
}

/** The engine has computed a block that was not on the device. */
function attach(s: Store, index: u32): void {
  const b = at(s, index);
  if (has(b.incoming, 0)) b.incoming &= 0xfe;
  else tier(s, 0).used++;
  setResident(s, index, b.resident | 1);
}
