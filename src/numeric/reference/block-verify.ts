// SPDX-License-Identifier: Apache-2.0
/** Slow, obvious twin of assembly/spec/block.ts: the formulas of its head, in f64. */
import { referenceArgmax } from './spec-verify.js';
import type { Row } from './spec-verify.js';

export interface ReferenceBlock {
  readonly drafts: readonly number[];
  readonly target: readonly Row[];
  /** Null: the drafts are certain. */
  readonly draft: readonly Row[] | null;
  readonly uniform: Row;
}

export interface ReferenceBlockVerdict {
  readonly kept: number;
  readonly thresholds: number[];
  readonly joint: number[];
}

/** Even entries, then odd ones: the order that the kernel promises. */
function sum(values: readonly number[]): number {
  const of = (odd: number): number =>
    values.reduce((total, x, v) => (v % 2 === odd && x > 0 ? total + x : total), 0);
  return of(0) + of(1);
}

const residual = (scale: number, p: Row, q: Row): number[] =>
  Array.from(p, (x, v) => Math.max(scale * x - q[v], 0));

export function referenceBlock(block: ReferenceBlock): ReferenceBlockVerdict {
  const { drafts, target, draft, uniform } = block;
  const joint = [1];
  drafts.forEach((token, i) => {
    const q = draft === null ? 1 : draft[i][token];
    const p = Math.min((joint[i] * target[i][token]) / q, 1);
    joint.push(Number.isNaN(p) ? 0 : p);
  });
  const thresholds = drafts.map((_, at) => {
    const i = at + 1;
    const p = joint[i];
    if (i === drafts.length) return p;
    const mass = draft === null
      ? p * (1 - target[i][drafts[i]])
      : sum(residual(p, target[i], draft[i]));
    const whole = mass + 1 - p;
    return whole === 0 ? 1 : mass / whole;
  });
  let kept = 0;
  thresholds.forEach((h, i) => {
    if (uniform[i] <= h) kept = i + 1;
  });
  return { kept, thresholds, joint };
}

/** The token behind `kept` drafts, `kept` less than all. */
export function referenceBlockToken(
  block: ReferenceBlock,
  kept: number,
  scale: number,
  noise: Row,
): number {
  const { drafts, target, draft } = block;
  const weights = draft === null
    ? Array.from(target[kept], (p, v) => (v === drafts[kept] ? 0 : p))
    : residual(scale, target[kept], draft[kept]);
  return referenceArgmax(weights.map((w, v) => w * noise[v]));
}
