// SPDX-License-Identifier: Apache-2.0
/** Slow, obvious twin of assembly/moe/popularity.ts, with the engine's logarithm. */
import { referencePhilox } from '../../core/reference/rng.js';

/** A logit: the log share of an expert and its Gumbel noise at the address of the draw. */
export function referenceLogit(
  seed: number,
  address: { readonly purpose: number; readonly entity: number; readonly token: number },
  expert: number,
  logShare: number,
  noise: number,
): number {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const { purpose, entity, token } = address;
  const words = referencePhilox(key, [purpose, entity, token, Math.floor(expert / 4)]);
  const u = (words[expert % 4] + 0.5) / 2 ** 32;
  const gumbel = -Math.log(-Math.log(u));
  return Math.fround(Math.fround(logShare) + Math.fround(noise) * gumbel);
}
