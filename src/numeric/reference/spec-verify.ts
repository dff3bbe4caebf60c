// SPDX-License-Identifier: Apache-2.0
/**
 * Slow, obvious twin of assembly/spec/verify.ts: one request at a time, a plain array a row. Every
 * f32 operation of the rules is rounded by Math.fround.
 */
const f32 = Math.fround;

export type Row = ArrayLike<number>;
export type Log = (x: number) => number;

/** One request: row i of the probabilities belongs to draft i. */
export interface ReferenceRequest {
  readonly drafts: readonly number[];
  readonly bonus: number;
  readonly target: readonly Row[];
  /** Null: the drafts are certain. */
  readonly draft: readonly Row[] | null;
  readonly uniform: Row;
  /** 1 / Exp(1) a token. */
  readonly noise: Row;
  /** Synthetic acceptance: a rate a position instead of the test. */
  readonly rates?: Row | null;
  readonly form?: 'division' | 'log';
}

export interface ReferenceVerdict {
  readonly tokens: number[];
  /** What a rejection at each position would be replaced by. */
  readonly recovered: number[];
}

/** Index of the largest weight above 0, the lowest on ties; 0 when there is none. */
export function referenceArgmax(weights: readonly number[]): number {
  const best = weights.reduce((most, w) => (w > most ? w : most), 0);
  return best > 0 ? weights.indexOf(best) : 0;
}

/** Keeps drafts while they equal the target's argmax; that is written, also where they part. */
export function referenceGreedy(
  drafts: readonly number[],
  argmax: readonly number[],
  bonus: number,
): number[] {
  const parting = drafts.findIndex((token, i) => token !== argmax[i]);
  return parting < 0 ? [...argmax, bonus] : argmax.slice(0, parting + 1);
}

function recoveredAt(request: ReferenceRequest, i: number): number {
  const { drafts, target, draft, noise } = request;
  const weights = Array.from(target[i], (p, v) => {
    const w = draft === null ? (v === drafts[i] ? 0 : p) : f32(p - draft[i][v]);
    const kept = draft !== null && !(w > 0) ? 0 : w;
    return f32(kept * noise[v]);
  });
  return referenceArgmax(weights);
}

function isKept(request: ReferenceRequest, i: number, log: Log): boolean {
  const { drafts, target, draft, uniform, rates, form } = request;
  const token = drafts[i];
  if (token < 0) return false;
  if (rates) return uniform[i] < f32(rates[i]);
  const p = target[i][token];
  const q = draft === null ? 1 : draft[i][token];
  if (!(q > 0)) return false;
  if (form === 'log') return log(p) > log(uniform[i]) + log(q);
  return f32(p / q) >= uniform[i];
}

/** Rejection sampling, or synthetic acceptance. */
export function referenceRejection(
  request: ReferenceRequest,
  log: Log = (x) => Math.log(x),
): ReferenceVerdict {
  const { drafts, bonus } = request;
  const recovered = drafts.map((_, i) => recoveredAt(request, i));
  const rejected = drafts.findIndex((_, i) => !isKept(request, i, log));
  if (rejected < 0) return { tokens: [...drafts, bonus], recovered };
  return { tokens: [...drafts.slice(0, rejected), recovered[rejected]], recovered };
}

/** Typical acceptance: p above min(epsilon, delta e^-H). */
export function referenceTypical(
  request: Omit<ReferenceRequest, 'draft' | 'uniform'>,
  epsilon: number,
  delta: number,
  log: Log = (x) => Math.log(x),
): number[] {
  const { drafts, bonus, target, noise } = request;
  const rejected = drafts.findIndex((token, i) => {
    if (token < 0) return true;
    const p = target[i][token];
    if (p > epsilon) return false;
    let entropy = 0;
    for (const x of Array.from(target[i])) if (x > 0) entropy -= x * log(x);
    return !(p > 0 && log(p) > log(delta) - entropy);
  });
  if (rejected < 0) return [...drafts, bonus];
  const weights = Array.from(target[rejected], (p, v) => f32(p * noise[v]));
  return [...drafts.slice(0, rejected), referenceArgmax(weights)];
}

/** Number of the first row that is no distribution, counted from 0; -1 when all are. */
export function referenceBadRow(rows: readonly Row[], tolerance: number): number {
  return rows.findIndex((row) => {
    const values = Array.from(row);
    const sum = (odd: number): number =>
      values.reduce((total, x, v) => (v % 2 === odd ? total + x : total), 0);
    const bad = values.some((x) => !(x >= 0));
    return bad || !(Math.abs(sum(0) + sum(1) - 1) <= tolerance);
  });
}
