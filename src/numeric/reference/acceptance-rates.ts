// SPDX-License-Identifier: Apache-2.0
/** Slow, obvious twin of assembly/spec/rates.ts. */

/** Rates of n drafts for a mean length: unconditional, then conditional. */
export function referenceRates(length: number, n: number): [number[], number[]] {
  const total = length - 1;
  const unconditional = Array.from({ length: n }, (_, i) => {
    if (i < Math.trunc(total)) return 1;
    return i === Math.trunc(total) ? total - Math.trunc(total) : 0;
  });
  const conditional = unconditional.map((rate, i) => {
    const before = i === 0 ? 1 : unconditional[i - 1];
    return before === 0 ? 0 : rate / before;
  });
  return [unconditional, conditional];
}

/** 1 + alpha + ... + alpha^drafts. */
export function referenceExpectedLength(alpha: number, drafts: number): number {
  if (!(alpha >= 0 && alpha <= 1)) return NaN;
  let sum = 1;
  for (let i = 1, power = alpha; i <= drafts; i++, power *= alpha) sum += power;
  return sum;
}
