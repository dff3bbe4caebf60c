// SPDX-License-Identifier: Apache-2.0

interface Run {
  readonly name: string;
  count: number;
  /** When the count became what it is. */
  reached: number;
  readonly token: number;
}

export interface ReferenceDraft {
  readonly tokens: number[];
  readonly probabilities: number[];
}

/**
 * Slow, obvious twin of assembly/spec/suffix.ts: all runs seen, by their text, with their counts.
 */
export class ReferenceSuffixDrafter {
  readonly #runs = new Map<string, Run>();
  /** Runs one token longer than a run, by its text. */
  readonly #children = new Map<string, Run[]>();
  #stream: number[] = [];
  #total = 0;
  #clock = 0;
  dropped = 0;

  constructor(
    readonly depth: number,
    /** With the root, which is no run. */
    readonly capacity: number,
  ) {}

  get nodes(): number {
    return this.#runs.size;
  }

  learn(tokens: ArrayLike<number>, fresh = false): void {
    if (fresh) this.#stream = [];
    for (const token of Array.from(tokens)) {
      this.#stream.push(token >>> 0);
      this.#total++;
      const longest = Math.min(this.#stream.length, this.depth);
      // Longest first: the order in which nodes are used up.
      for (let n = longest; n > 0; n--) this.#count(this.#stream.slice(-n));
    }
  }

  #count(run: readonly number[]): void {
    const name = run.join(' ');
    const parent = run.slice(0, -1).join(' ');
    if (parent !== '' && !this.#runs.has(parent)) return;
    let known = this.#runs.get(name);
    if (known === undefined) {
      if (this.#runs.size + 1 >= this.capacity) {
        this.dropped++;
        return;
      }
      known = { name, count: 0, reached: 0, token: run.at(-1)! };
      this.#runs.set(name, known);
      this.#children.set(parent, [...(this.#children.get(parent) ?? []), known]);
    }
    known.count++;
    known.reached = this.#clock++;
  }

  /** The child with the largest count, among equals the one that reached it first. */
  #best(parent: string): Run | undefined {
    const children = [...(this.#children.get(parent) ?? [])];
    return children.sort((a, b) => b.count - a.count || a.reached - b.reached)[0];
  }

  #follow(from: string, most: number, least: number): ReferenceDraft & { score: number } {
    const tokens: number[] = [];
    const probabilities: number[] = [];
    let [at, p, score] = [from, 1, 0];
    while (tokens.length < most) {
      const best = this.#best(at);
      if (best === undefined) break;
      p *= best.count / this.#runs.get(at)!.count;
      if (p < least) break;
      tokens.push(best.token);
      probabilities.push(Math.fround(p));
      score += p;
      at = best.name;
    }
    return { tokens, probabilities, score };
  }

  draft(
    context: ArrayLike<number>,
    most: number,
    factor: number,
    least: number,
  ): ReferenceDraft {
    const text = Array.from(context, (token) => token >>> 0);
    let found: ReferenceDraft & { score: number } = { tokens: [], probabilities: [], score: 0 };
    for (let size = Math.min(text.length, this.depth - 1); size > 0; size--) {
      const ending = text.slice(-size).join(' ');
      if (!this.#runs.has(ending)) continue;
      const limit = Math.floor(Math.min(most, factor * size));
      const path = this.#follow(ending, limit, least);
      if (path.score > found.score) found = path;
    }
    return { tokens: found.tokens, probabilities: found.probabilities };
  }

  /** Tokens learnt: the count of the root. */
  get learnt(): number {
    return this.#total;
  }
}
