// SPDX-License-Identifier: Apache-2.0
export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;
export const NS_PER_MIN = 60e9;

/** a / b, or null where nothing stands below the line. */
export function ratio(a: number, b: number): number | null {
  return b > 0 ? a / b : null;
}
