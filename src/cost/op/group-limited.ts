// SPDX-License-Identifier: Apache-2.0
/** Tokens that picked the same experts. */
export interface Picks {
  /** Distinct experts, as many as a token has. */
  readonly experts: ArrayLike<number>;
  readonly tokens: number;
}

/** Groups of DeepSeek's router, and how many of them a token may use. */
const GROUPS = 8;
const KEPT = 4;

/** Whether experts divide into the router's groups, and those kept have room for the picks. */
export function canLimit(experts: number, topk: number): boolean {
  return experts % GROUPS === 0 && (KEPT * experts) / GROUPS >= topk;
}

/**
 * Picks of a benchmark that deals its experts as columns: counts, largest first, laid out one
 * after the other and cut into `topk` columns of `tokens`. Few distinct rows come out of it.
 */
export function columnPicks(
  counts: ArrayLike<number>,
  tokens: number,
  topk: number,
): Picks[] {
  const order = Array.from(counts, (_, e) => e).sort((a, b) => counts[b] - counts[a] || a - b);
  const ends: number[] = [];
  const cuts = new Set([0]);
  let end = 0;
  for (const e of order) {
    end += counts[e];
    ends.push(end);
    cuts.add(end % tokens);
  }
  const starts = [...cuts].sort((a, b) => a - b);
  const at = new Int32Array(topk);
  return starts.map((start, i) => {
    const experts = at.map((place, column) => {
      let next = place;
      while (next < ends.length - 1 && ends[next] <= column * tokens + start) next++;
      return next;
    });
    at.set(experts);
    const until = i + 1 < starts.length ? starts[i + 1] : tokens;
    return { experts: experts.map((place) => order[place]), tokens: until - start };
  });
}

/**
 * Tokens of every expert when DeepSeek's router sees scores that are equal for the picked experts
 * and equal for all others: a group scores by its two best, the four best groups are kept, ties go
 * to the lower index. A pick outside of them is lost to the lowest experts that are kept, which so
 * get nearly every token.
 */
export function groupLimitedCounts(picks: readonly Picks[], experts: number): Float64Array {
  const counts = new Float64Array(experts);
  const size = experts / GROUPS;
  const picked = new Uint8Array(experts);
  for (const pick of picks) {
    const inGroup = new Uint32Array(GROUPS);
    for (let i = 0; i < pick.experts.length; i++) {
      picked[pick.experts[i]] = 1;
      inGroup[Math.floor(pick.experts[i] / size)]++;
    }
    const kept = [...inGroup.keys()]
      .sort((a, b) => Math.min(2, inGroup[b]) - Math.min(2, inGroup[a]) || a - b)
      .slice(0, KEPT)
      .sort((a, b) => a - b);
    let room = pick.experts.length;
    for (const wanted of [1, 0]) {
      for (let e = 0; e < KEPT * size && room > 0; e++) {
        const expert = kept[Math.floor(e / size)] * size + (e % size);
        if (picked[expert] !== wanted) continue;
        counts[expert] += pick.tokens;
        room--;
      }
    }
    for (let i = 0; i < pick.experts.length; i++) picked[pick.experts[i]] = 0;
  }
  return counts;
}
