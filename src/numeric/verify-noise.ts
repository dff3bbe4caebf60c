// SPDX-License-Identifier: Apache-2.0
import { CoreMath, Rng } from '../core/index.js';
import type { Core } from '../core/index.js';
import { whole } from './spec-arguments.js';

/** Where the draws of a request come from: the same address gives the same draws. */
export interface NoiseRequest {
  readonly entity: number;
  readonly step: number;
  readonly drafts: number;
}

/** Lanes below are uniforms of positions, lanes above are tokens. */
const TOKENS = 0x10000;

/**
 * Draws for verification, addressed by (seed, purpose, entity, step): uniforms of [0, 1) that f32
 * holds exactly, and 1 / Exp(1) a token. Two core calls a token: for vocabularies of thousands give
 * draws of your own.
 */
export class VerifyNoise {
  readonly #rng: Rng;
  readonly #math: CoreMath;

  constructor(
    core: Core,
    seed: number,
    private readonly purpose = 0,
  ) {
    this.#rng = new Rng(core, seed);
    this.#math = new CoreMath(core);
    whole('purpose', purpose, 0, 0xffffffff);
  }

  /** Draws of a batch in the order of its requests, as the verifiers take them. */
  draw(
    requests: readonly NoiseRequest[],
    vocab: number,
  ): { readonly uniform: Float32Array; readonly noise: Float32Array } {
    const counts = requests.map(({ drafts }) => whole('drafts', drafts, 0, TOKENS - 1));
    const uniform = new Float32Array(counts.reduce((a, b) => a + b, 0));
    const noise = new Float32Array(requests.length * whole('vocab', vocab, 1, 0x7ffffff));
    let at = 0;
    requests.forEach(({ entity, step, drafts }, r) => {
      for (let i = 0; i < drafts; i++) {
        uniform[at++] = (this.#rng.u32(this.purpose, entity, step, i) >>> 8) / 2 ** 24;
      }
      for (let v = 0; v < vocab; v++) {
        const u = this.#rng.uniform(this.purpose, entity, step, TOKENS + v);
        noise[r * vocab + v] = 1 / -this.#math.log(1 - u);
      }
    });
    return { uniform, noise };
  }

  dispose(): void {
    this.#rng.dispose();
  }
}
