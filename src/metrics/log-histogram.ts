// SPDX-License-Identifier: Apache-2.0
/**
 * Counts of integers in logarithmic buckets: 128 to an octave, cut where the bits are cut.
 *
 * ```
 *   f64      s eeeeeeeeeee mmmmmmm mmmmm ... m
 *            |------ bucket -----| |- lost -|      exponent and 7 mantissa bits = upper word >> 13
 *   256 .. 257 -> bucket 8*128 + 0      258 .. 259 -> 8*128 + 1      512 .. 515 -> 9*128 + 0
 * ```
 *
 * No logarithm is taken, so that every engine picks the same bucket. A bucket of the octave 2^e
 * holds the 2^(e-7) integers from its lower edge on and stands for their middle: values below 256
 * are exact, any other percentile is off by at most 1/256 (0.390625 %) of itself.
 */
import { IntegerSum } from './integer-sum.js';
import { nearestRank, PERCENTS, type Percentiles } from './percentiles.js';

/** Bound on |reported - true| / true of a percentile. Count, mean and maximum are exact. */
export const HISTOGRAM_RELATIVE_ERROR = 1 / 256;

/** Mantissa bits below the seven that name a bucket, in the upper word of an f64. */
const SHIFT = 13;
/** Upper word of 1.0, shifted: the number of bucket 0, which holds the value 1. */
const FIRST = (1023 << 20) >>> SHIFT;
/** 53 octaves: 1 .. 2^53 - 1. */
const BUCKETS = 53 * 128;

const bits = new DataView(new ArrayBuffer(8));

function bucketOf(value: number): number {
  bits.setFloat64(0, value);
  return (bits.getUint32(0) >>> SHIFT) - FIRST;
}

function lowerEdge(bucket: number): number {
  bits.setUint32(0, (bucket + FIRST) << SHIFT);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Histogram of integers 0 .. 2^53 - 1 (ns); merging gives what one histogram would have. */
export class LogHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #sum = new IntegerSum();
  #zeros = 0;
  #max = 0;

  get count(): number {
    return this.#sum.count;
  }

  /** @throws RangeError for anything but an integer 0 .. 2^53 - 1. */
  add(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`must be an integer >= 0, got ${value}`);
    }
    if (value === 0) this.#zeros++;
    else this.#counts[bucketOf(value)]++;
    this.#sum.add(value);
    if (value > this.#max) this.#max = value;
  }

  merge(other: LogHistogram): void {
    for (let b = 0; b < BUCKETS; b++) this.#counts[b] += other.#counts[b];
    this.#zeros += other.#zeros;
    this.#sum.merge(other.#sum);
    if (other.#max > this.#max) this.#max = other.#max;
  }

  /** Null when nothing was counted. */
  percentiles(): Percentiles | null {
    const { count } = this;
    if (count === 0) return null;
    const at = (percent: number): number => this.#valueAt(nearestRank(count, percent));
    return {
      count,
      mean: this.#sum.value / count,
      p50: at(PERCENTS.p50),
      p90: at(PERCENTS.p90),
      p95: at(PERCENTS.p95),
      p99: at(PERCENTS.p99),
      max: this.#max,
    };
  }

  #valueAt(rank: number): number {
    let passed = this.#zeros;
    if (rank <= passed) return 0;
    let bucket = 0;
    while (bucket < BUCKETS - 1 && passed + this.#counts[bucket] < rank) {
      passed += this.#counts[bucket++];
    }
    const low = lowerEdge(bucket);
    const width = Math.max(1, lowerEdge(bucket + 1) - low);
    // The largest value may stand below the middle of its bucket.
    return Math.min(low + (width - 1) / 2, this.#max);
  }
}
