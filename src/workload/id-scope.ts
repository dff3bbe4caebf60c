// SPDX-License-Identifier: Apache-2.0
import type { BlockIds } from './draft.js';
import { Column, int32 } from './columns.js';

/** Recorded ids of the turn that an agent sent last. */
interface LastPrompt {
  readonly turn: number;
  readonly ids: BlockIds;
}

/**
 * The block ids of one trace file or session, renamed to dense ids that name whole prefixes.
 *
 * A recorded id counts as the same block only below the same parent block. Weka and Mooncake ids
 * are chained already, so one map from id to dense id serves them; sets that hash each block by
 * itself (Bailian) reuse an id under several parents, and those go to `others`.
 */
export class IdScope {
  private readonly first = new Map<number, number>();
  private readonly others = new Map<number, Map<number, number>>();
  private readonly parents = new Column(int32);
  private readonly base: number;
  private readonly last = new Map<number, LastPrompt>();

  /** `base`: the smallest dense id that this scope can hand out. */
  constructor(base: number) {
    this.base = base;
  }

  /** Dense id of recorded id `id` below dense block `parent` (-1 for the head), or -1. */
  find(parent: number, id: number): number {
    const dense = this.first.get(id);
    if (dense === undefined) return -1;
    if (this.parents.data[dense - this.base] === parent) return dense;
    return this.others.get(id)?.get(parent) ?? -1;
  }

  /** Names a block that `find` does not know. */
  add(parent: number, id: number, dense: number): void {
    this.parents.set(dense - this.base, parent);
    if (!this.first.has(id)) {
      this.first.set(id, dense);
      return;
    }
    const byParent = this.others.get(id) ?? new Map<number, number>();
    byParent.set(parent, dense);
    this.others.set(id, byParent);
  }

  lastPrompt(agent: number): LastPrompt | undefined {
    return this.last.get(agent);
  }

  rememberPrompt(agent: number, turn: number, ids: BlockIds): void {
    this.last.set(agent, { turn, ids });
  }

  /** Agents do not outlive their session, but a file-wide scope does. */
  forgetPrompts(): void {
    this.last.clear();
  }
}

/** Length of the common head of two prompts. */
export function commonHead(a: BlockIds, b: BlockIds): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}
