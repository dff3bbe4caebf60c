// SPDX-License-Identifier: Apache-2.0
/**
 * Repairs a placement step by step: the busiest GPU swaps an expert with another GPU, or another
 * GPU takes a copy of one of its experts in the place of a spare copy. Of all such steps the one
 * that takes most load off per expert fetched; the first on ties.
 */
import { bindingNodes } from './expert-placement.js';
import type { Placement } from './expert-placement.js';

type Shape = Placement['shape'];

interface Step {
  /** Slot that is written, and the one that gets its expert; -1: none does. */
  readonly slot: number;
  readonly other: number;
  readonly expert: number;
  readonly worth: number;
}

class Patch {
  readonly row: Int32Array;
  readonly #copies: Int32Array;
  #loads = new Float64Array(0);
  #busiest = 0;

  constructor(
    private readonly shape: Shape,
    row: Int32Array,
    private readonly weights: ArrayLike<number>,
  ) {
    this.row = row.slice();
    this.#copies = new Int32Array(shape.experts);
    for (const expert of row) this.#copies[expert]++;
    this.#add();
  }

  /** Load of the busiest GPU. */
  get peak(): number {
    return this.#loads[this.#busiest];
  }

  /** Takes the best step; false when none takes load off the busiest GPU. */
  improve(): boolean {
    const best = this.#best();
    if (best === null) return false;
    const { slot, other, expert } = best;
    const old = this.row[slot];
    this.row[slot] = expert;
    if (other >= 0) this.row[other] = old;
    else {
      this.#copies[expert]++;
      this.#copies[old]--;
    }
    this.#add();
    return true;
  }

  #gpuOf(slot: number): number {
    return Math.floor((slot * this.shape.gpus) / this.shape.slots);
  }

  #share(expert: number): number {
    return this.weights[expert] / this.#copies[expert];
  }

  /** Loads anew, in order of the slots: nothing drifts. */
  #add(): void {
    this.#loads = new Float64Array(this.shape.gpus);
    this.row.forEach((expert, slot) => (this.#loads[this.#gpuOf(slot)] += this.#share(expert)));
    this.#busiest = this.#loads.indexOf(this.#loads.reduce((most, x) => Math.max(most, x), 0));
  }

  #best(): Step | null {
    const { slots, gpus } = this.shape;
    const size = slots / gpus;
    const bound = bindingNodes(this.shape);
    const node = Math.floor((this.#busiest * bound) / gpus);
    let best: Step | null = null;
    const offer = (step: Step): void => {
      if (step.worth > 0 && (best === null || step.worth > best.worth)) best = step;
    };
    for (let own = this.#busiest * size; own < (this.#busiest + 1) * size; own++) {
      const expert = this.row[own];
      for (let slot = (node * slots) / bound; slot < ((node + 1) * slots) / bound; slot++) {
        if (this.#gpuOf(slot) === this.#busiest || this.row[slot] === expert) continue;
        offer({ slot, other: own, expert, worth: this.#swapWorth(own, slot) / 2 });
        if (this.#copies[this.row[slot]] < 2) continue;
        offer({ slot, other: -1, expert, worth: this.#copyWorth(expert, slot) });
      }
    }
    return best;
  }

  /** How far below the peak both GPUs are after the swap. */
  #swapWorth(own: number, slot: number): number {
    const change = this.#share(this.row[slot]) - this.#share(this.row[own]);
    const there = this.#loads[this.#gpuOf(slot)] - change;
    return this.peak - Math.max(this.peak + change, there);
  }

  /** How far below the peak all GPUs with a copy of either expert are after the change. */
  #copyWorth(expert: number, slot: number): number {
    const old = this.row[slot];
    const [more, less] = [this.#copies[expert] + 1, this.#copies[old] - 1];
    const gain = this.weights[old] / less - this.#share(old);
    const loss = this.#share(expert) - this.weights[expert] / more;
    const changes = new Map([
      [this.#gpuOf(slot), this.weights[expert] / more - this.weights[old] / less],
    ]);
    this.row.forEach((held, at) => {
      if (held !== expert && held !== old) return;
      const gpu = this.#gpuOf(at);
      changes.set(gpu, (changes.get(gpu) ?? 0) + (held === old ? gain : -loss));
    });
    let most = 0;
    for (const [gpu, change] of changes) most = Math.max(most, this.#loads[gpu] + change);
    return this.peak - most;
  }
}

/** A layer changed until no GPU carries more than `target`; null: that was not reached. */
export function patchRow(
  shape: Shape,
  row: Int32Array,
  weights: ArrayLike<number>,
  target: number,
): Int32Array | null {
  const patch = new Patch(shape, row, weights);
  for (let steps = 0; patch.peak > target; steps++) {
    if (steps === shape.slots || !patch.improve()) return null;
  }
  return patch.row;
}
