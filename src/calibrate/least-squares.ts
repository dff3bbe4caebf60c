// SPDX-License-Identifier: Apache-2.0
/** Box, centre and pull of the unknowns of a fit. */
export interface FitProblem {
  /** Unknowns that may move, as indices into the vectors below. */
  readonly free: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Unit of each unknown in the ridge. */
  readonly scale: readonly number[];
  /** What the ridge pulls to. */
  readonly centre: readonly number[];
  /** Weight of the ridge on ((x - centre) / scale)^2. */
  readonly ridge: number;
  readonly residuals: number;
  /** Fills `out` with the residuals at x. */
  readonly evaluate: (x: Float64Array, out: Float64Array) => void;
}

/** Residuals beyond this count by their size instead of its square (soft L1). */
const SCALE = 0.1;
const ITERATIONS = 60;
const STEP = 1e-5;

/** Sum of soft-L1 losses: r^2 for small residuals, 2*SCALE*|r| for large ones. */
function robustLoss(residuals: Float64Array): number {
  let sum = 0;
  for (const r of residuals) {
    const z = r / SCALE;
    sum += 2 * SCALE * SCALE * (Math.sqrt(1 + z * z) - 1);
  }
  return sum;
}

/** Solves the symmetric positive system H d = g in place; false when it is singular. */
export function solveSymmetric(h: Float64Array[], g: Float64Array): boolean {
  const n = g.length;
  for (let i = 0; i < n; i++) {
    if (!(h[i][i] > 1e-18)) return false;
    for (let j = i + 1; j < n; j++) {
      const factor = h[j][i] / h[i][i];
      for (let k = i; k < n; k++) h[j][k] -= factor * h[i][k];
      g[j] -= factor * g[i];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) g[i] -= h[i][k] * g[k];
    g[i] /= h[i][i];
  }
  return true;
}

/**
 * Minimises the robust loss plus the ridge inside the box from `start`, by Levenberg-Marquardt on
 * reweighted residuals with bounds by projection. Deterministic. Returns the vector and its loss.
 */
export function fitBounded(
  problem: FitProblem,
  start: readonly number[],
): { readonly x: Float64Array; readonly loss: number } {
  const search = new Search(problem, start);
  for (let i = 0; i < ITERATIONS && search.improve(); i++);
  return { x: search.x, loss: search.loss };
}

/** State of one descent, in units of the box. */
class Search {
  readonly x: Float64Array;
  loss: number;
  private damping = 1e-3;
  private readonly span: number[];
  private readonly at: Float64Array;
  private readonly residuals: Float64Array;
  private readonly shifted: Float64Array;
  private readonly slopes: Float64Array[];

  constructor(
    private readonly problem: FitProblem,
    start: readonly number[],
  ) {
    const { low, high, free, residuals } = problem;
    this.span = low.map((l, i) => Math.max(1e-12, high[i] - l));
    this.x = Float64Array.from(start, (s, i) => Math.min(high[i], Math.max(low[i], s)));
    this.at = Float64Array.from(this.x);
    this.residuals = new Float64Array(residuals);
    this.shifted = new Float64Array(residuals);
    this.slopes = free.map(() => new Float64Array(residuals));
    this.loss = this.lossAt(this.x, this.residuals);
  }

  private lossAt(x: Float64Array, residuals: Float64Array): number {
    const { problem } = this;
    problem.evaluate(x, residuals);
    let pull = 0;
    for (const i of problem.free) {
      const d = (x[i] - problem.centre[i]) / problem.scale[i];
      pull += d * d;
    }
    return robustLoss(residuals) + problem.ridge * pull;
  }

  /** One accepted step; false when no step improves the loss any more. */
  improve(): boolean {
    const { problem, span } = this;
    const { free } = problem;
    this.lossAt(this.x, this.residuals);
    free.forEach((i, a) => this.slope(i, this.slopes[a]));
    for (let tries = 0; tries < 12; tries++) {
      const step = this.step();
      this.at.set(this.x);
      if (step !== null) {
        free.forEach((i, a) => {
          const to = this.x[i] - step[a] * span[i];
          this.at[i] = Math.min(problem.high[i], Math.max(problem.low[i], to));
        });
        const loss = this.lossAt(this.at, this.shifted);
        if (loss < this.loss) {
          const gain = this.loss - loss;
          this.x.set(this.at);
          this.loss = loss;
          this.damping = Math.max(1e-9, this.damping / 4);
          return gain > 1e-10;
        }
      }
      this.damping *= 5;
    }
    return false;
  }

  private slope(i: number, out: Float64Array): void {
    const { problem, span, shifted } = this;
    this.at.set(this.x);
    const forward = this.x[i] + STEP * span[i] <= problem.high[i] ? 1 : -1;
    this.at[i] += forward * STEP * span[i];
    problem.evaluate(this.at, shifted);
    for (let r = 0; r < out.length; r++) {
      out[r] = (shifted[r] - this.residuals[r]) / (forward * STEP);
    }
  }

  private step(): Float64Array | null {
    const { problem, span, residuals, slopes } = this;
    const n = problem.free.length;
    const h = Array.from({ length: n }, () => new Float64Array(n));
    const g = new Float64Array(n);
    for (let r = 0; r < residuals.length; r++) {
      const z = residuals[r] / SCALE;
      const weight = 1 / Math.sqrt(1 + z * z);
      for (let a = 0; a < n; a++) {
        const s = weight * slopes[a][r];
        g[a] += s * residuals[r];
        for (let b = 0; b <= a; b++) h[a][b] += s * slopes[b][r];
      }
    }
    problem.free.forEach((i, a) => {
      const pull = span[i] / problem.scale[i];
      g[a] += (problem.ridge * pull * (this.x[i] - problem.centre[i])) / problem.scale[i];
      h[a][a] += problem.ridge * pull * pull;
      for (let b = 0; b < a; b++) h[b][a] = h[a][b];
    });
    // A bound that the step would cross holds its unknown.
    problem.free.forEach((i, a) => {
      const stuck = g[a] > 0 ? this.x[i] <= problem.low[i] : this.x[i] >= problem.high[i];
      if (stuck) {
        for (let b = 0; b < n; b++) h[a][b] = h[b][a] = 0;
        h[a][a] = 1;
        g[a] = 0;
      }
      h[a][a] += this.damping * (h[a][a] + 1e-6);
    });
    return solveSymmetric(h, g) ? g : null;
  }
}
