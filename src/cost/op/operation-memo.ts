// SPDX-License-Identifier: Apache-2.0
import type { Operation } from './operation.js';

const SLOTS = 4096;
const FIELDS = 19;

/**
 * Remembers one number for each of the last few thousand sizes of operations of one kind:
 * direct-mapped, so that a lookup is one hash and one comparison.
 */
export class OperationMemo {
  readonly values = new Float64Array(SLOTS);
  /** Whether the last `find` met the operation; if not, the caller fills `values[slot]`. */
  hit = false;
  private readonly keys = new Float64Array(SLOTS * FIELDS).fill(-1);
  private readonly words = new Array<string>(SLOTS).fill('');
  private readonly key = new Float64Array(FIELDS);

  /** Slot of the operation, now its own. */
  find(o: Operation): number {
    const { key, keys, words } = this;
    key[0] = o.m;
    key[1] = o.n;
    key[2] = o.k;
    key[3] = o.batch;
    key[4] = o.isl;
    key[5] = o.pastKv;
    key[6] = o.heads;
    key[7] = o.kvHeads;
    key[8] = o.headDim;
    key[9] = o.window;
    key[10] = o.tokens;
    key[11] = o.hidden;
    key[12] = o.inter;
    key[13] = o.topk;
    key[14] = o.experts;
    key[15] = o.moeTp;
    key[16] = o.moeEp;
    key[17] = o.gpus;
    key[18] = o.elements;
    let hash = 0;
    for (let i = 0; i < FIELDS; i++) hash = Math.imul(hash ^ key[i], 0x9e3779b1) ^ (hash >>> 15);
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const at = slot * FIELDS;
    let same = words[slot] === o.distribution;
    for (let i = 0; same && i < FIELDS; i++) same = keys[at + i] === key[i];
    this.hit = same;
    if (!same) {
      keys.set(key, at);
      words[slot] = o.distribution;
    }
    return slot;
  }
}
