// SPDX-License-Identifier: Apache-2.0
/**
 * Soft maxima and the few elementary functions that the operation forms and their fit need. Built
 * from + - * / and square roots only, so that constants fitted on one engine are those of another.
 */

/** Cube root for 1 <= x <= 4 by Newton's rule, within 1e-15. */
function cubeRoot(x: number): number {
  let y = 0.8 + 0.2 * x;
  for (let i = 0; i < 4; i++) y -= (y - x / (y * y)) / 3;
  return y;
}

/** (a^2 + b^2)^(1/2). */
export function norm2(a: number, b: number): number {
  return Math.sqrt(a * a + b * b);
}

/** (a^4 + b^4)^(1/4). */
export function norm4(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === 0) return 0;
  const ratio = Math.min(a, b) / high;
  const square = ratio * ratio;
  return high * Math.sqrt(Math.sqrt(1 + square * square));
}

/** (a^1.5 + b^1.5)^(2/3). */
export function norm15(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === 0) return 0;
  const ratio = Math.min(a, b) / high;
  const sum = 1 + ratio * Math.sqrt(ratio);
  return high * cubeRoot(sum * sum);
}

/** (a^-4 + b^-4)^(-1/4), a soft minimum; 0 when either is 0. */
export function softMinimum(a: number, b: number): number {
  const low = Math.min(a, b);
  if (low === 0) return 0;
  const ratio = low / Math.max(a, b);
  const square = ratio * ratio;
  return low / Math.sqrt(Math.sqrt(1 + square * square));
}

const LN2 = 0.6931471805599453;

/** ln x for x > 0, within 1e-14; exact multiples of ln 2 for powers of two. */
export function naturalLog(x: number): number {
  let twos = 0;
  let rest = x;
  for (; rest >= 65536; twos += 16) rest /= 65536;
  for (; rest > 1.4142135623730951; twos++) rest /= 2;
  for (; rest < 1 / 65536; twos -= 16) rest *= 65536;
  for (; rest < 0.7071067811865476; twos--) rest *= 2;
  const z = (rest - 1) / (rest + 1);
  const square = z * z;
  let sum = 0;
  for (let power = 19; power >= 1; power -= 2) sum = sum * square + 1 / power;
  return twos * LN2 + 2 * z * sum;
}

/** log2 x for x > 0, exact for powers of two. */
export function log2(x: number): number {
  const whole = x | 0;
  if (whole === x && whole > 0 && (whole & (whole - 1)) === 0) return 31 - Math.clz32(whole);
  return naturalLog(x) / LN2;
}

/** e^x for |x| < 700, within 1e-14 relative. */
export function exponential(x: number): number {
  const twos = Math.round(x / LN2);
  const rest = x - twos * LN2;
  let sum = 1;
  for (let i = 14; i >= 1; i--) sum = 1 + (rest * sum) / i;
  let factor = twos < 0 ? 0.5 : 2;
  for (let left = Math.abs(twos); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) sum *= factor;
    factor *= factor;
  }
  return sum;
}

/** x^y for x > 0. */
export function power(x: number, y: number): number {
  return exponential(y * naturalLog(x));
}
