// SPDX-License-Identifier: Apache-2.0
/** The functions that the samplers need. */
export interface ElementaryFunctions {
  exp(x: number): number;
  log(x: number): number;
}

/**
 * Twin of assembly/math.ts up to the last bits: the functions of this engine. For tests alone;
 * nothing simulated may call them.
 */
export const referenceMath = {
  exp: (x: number): number => Math.exp(x),
  log: (x: number): number => Math.log(x),
  pow: (x: number, y: number): number => Math.pow(x, y),
};
