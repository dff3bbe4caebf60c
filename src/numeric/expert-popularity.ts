// SPDX-License-Identifier: Apache-2.0
import { check, CoreMath, Rng } from '../core/index.js';
import type { Core } from '../core/index.js';
import { int32s, positive, whole } from './expert-arguments.js';
import type { NumericCore } from './numeric-core.js';

/** How unevenly experts are liked. */
export type PopularityModel =
  /** Every expert as often. */
  | { readonly kind: 'uniform' }
  /** The r-th most popular expert has a share in proportion to r^-alpha. */
  | { readonly kind: 'powerLaw'; readonly alpha: number }
  /** Shares in proportion to e^(sigma z), z normal. */
  | { readonly kind: 'logNormal'; readonly sigma: number };

export interface ExpertPopularityOptions {
  readonly experts: number;
  readonly model: PopularityModel;
  readonly seed: number;
  /**
   * How far the experts of one domain (a sub-agent, a language, a task) are from those of another:
   * 0 all like the same, 1 nothing in common. Shares are distributed alike in every domain.
   */
  readonly shift?: number;
  /** 1: an expert is the best of a token as often as its share says; 0: no token differs. */
  readonly noise?: number;
  /** Purposes of the draws: of the shares; of the logits. */
  readonly purposes?: readonly [shares: number, logits: number];
}

export interface TokenRun {
  readonly tokens: number;
  /** Number of the first token: with the layer the address of its draws. */
  readonly first?: number;
  /** Domain of all tokens, or of each. Default 0. */
  readonly domain?: number | ArrayLike<number>;
}

const U32 = 0xffffffff;
const PURPOSES = [0x6d6f6501, 0x6d6f6502] as const;

/**
 * Draws router logits as popular experts would get them: sent through an ExpertRouter they give the
 * imbalance of each step and rank. A draw is addressed by (seed, purpose, layer, token, expert).
 * See assembly/moe/popularity.ts.
 *
 * @example
 * const popularity = new ExpertPopularity(core, numeric, {
 *   experts: 256, seed: 1, model: { kind: 'logNormal', sigma: 1 }, shift: 0.5,
 * });
 * const { ids } = router.route(popularity.logits(layer, { tokens: 512, domain: agent }));
 */
export class ExpertPopularity {
  readonly experts: number;
  readonly #options: ExpertPopularityOptions;
  readonly #shift: number;
  readonly #noise: number;
  readonly #purposes: readonly [number, number];
  readonly #rng: Rng;
  readonly #math: CoreMath;
  readonly #rows = new Map<string, Float64Array>();

  constructor(
    core: Core,
    private readonly numeric: NumericCore,
    options: ExpertPopularityOptions,
  ) {
    this.experts = whole('experts', options.experts, 1, 4096);
    const { model, shift = 0, noise = 1, purposes = PURPOSES } = options;
    if (model.kind === 'powerLaw') notNegative('model.alpha', model.alpha);
    else if (model.kind === 'logNormal') notNegative('model.sigma', model.sigma);
    else if (model.kind !== 'uniform') {
      const { kind } = model as { kind: unknown };
      throw new RangeError(
        `model.kind: must be one of uniform, powerLaw, logNormal, got ${String(kind)}`,
      );
    }
    if (!(shift >= 0 && shift <= 1)) {
      throw new RangeError(`shift: must be a number from 0 to 1, got ${shift}`);
    }
    this.#options = options;
    this.#shift = shift;
    this.#noise = notNegative('noise', noise);
    this.#purposes = [
      whole('purposes[0]', purposes[0], 0, U32), whole('purposes[1]', purposes[1], 0, U32),
    ];
    this.#rng = new Rng(core, options.seed);
    this.#math = new CoreMath(core);
  }

  /** Log shares of the experts in a layer, as tokens of a domain like them. */
  logShares(layer: number, domain = 0): Float64Array {
    whole('layer', layer, 0, U32);
    whole('domain', domain, 0, Math.floor(U32 / this.experts) - 2);
    const key = `${layer}/${this.#shift === 0 ? 0 : domain}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#draw(layer, domain);
    this.#rows.set(key, row);
    return row;
  }

  /** Shares of the experts in a layer; they sum to 1. */
  shares(layer: number, domain = 0): Float64Array {
    return this.logShares(layer, domain).map((x) => this.#math.exp(x));
  }

  /** Router logits of tokens: rows of `experts`. */
  logits(layer: number, run: TokenRun): Float32Array {
    const tokens = whole('tokens', run.tokens, 0, 0xffffff);
    const first = whole('first', run.first ?? 0, 0, U32 - tokens);
    const given = run.domain ?? 0;
    const domains = typeof given === 'number' ? [given] : [...new Set(int32s('domain', given))];
    if (typeof given !== 'number' && given.length !== tokens) {
      throw new RangeError(`domain: length must be ${tokens}, got ${given.length}`);
    }
    const rows = new Float32Array(domains.length * this.experts);
    domains.forEach((domain, i) => rows.set(this.logShares(layer, domain), i * this.experts));
    const row = new Map(domains.map((domain, i) => [domain, i]));
    const places =
      typeof given === 'number' ? null : Int32Array.from(given, (domain) => row.get(domain)!);
    const cells = tokens * this.experts;
    const { exports, scratch } = this.numeric;
    const [shares, place, out] = scratch.place([rows, places ?? 0, cells * 4]);
    const { seed } = this.#options;
    const status = exports.moe_logits(
      seed >>> 0, Math.floor(seed / 0x100000000), this.#purposes[1], layer, first, tokens,
      this.experts, shares, Math.max(1, domains.length), places === null ? 0 : place, this.#noise,
      out,
    );
    check('moe_logits', status);
    return scratch.f32(out, cells);
  }

  /** Normals of the experts: what all domains share, and what a domain has of its own. */
  #normals(layer: number, domain: number): Float64Array {
    const [purpose] = this.#purposes;
    const draw = (from: number) => (e: number): number =>
      this.#rng.normal(purpose, layer, from * this.experts + e, 0, 1);
    const common = draw(0);
    const own = draw(domain + 1);
    const [a, b] = [Math.sqrt(1 - this.#shift), Math.sqrt(this.#shift)];
    return Float64Array.from({ length: this.experts }, (_, e) =>
      b === 0 ? common(e) : a * common(e) + b * own(e));
  }

  #draw(layer: number, domain: number): Float64Array {
    const { model } = this.#options;
    const row = new Float64Array(this.experts);
    if (model.kind !== 'uniform') {
      const normals = this.#normals(layer, domain);
      if (model.kind === 'logNormal') row.set(normals.map((z) => model.sigma * z));
      else {
        const ranked = [...normals.keys()].sort((a, b) => normals[b] - normals[a] || a - b);
        ranked.forEach((e, rank) => (row[e] = -model.alpha * this.#math.log(rank + 1)));
      }
    }
    const most = row.reduce((best, x) => Math.max(best, x), -Infinity);
    // Summed in order of size: domains that like other experts have the same shares to the bit.
    const sum = row.toSorted().reduce((total, x) => total + this.#math.exp(x - most), 0);
    const norm = most + this.#math.log(sum);
    return row.map((x) => x - norm);
  }
}

function notNegative(name: string, value: number): number {
  return value === 0 ? 0 : positive(name, value);
}
