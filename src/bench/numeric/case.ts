// SPDX-License-Identifier: Apache-2.0
import type { NumericCore } from '../../numeric/index.js';
import type { BenchTask } from '../case.js';

/** Who does the work beside the SIMD build: the scalar build, plain JavaScript, our C++. */
export type Side = 'scalar' | 'js' | 'native' | 'sse41' | 'avx2';

/** Instructions that the C++ is compiled for: no lanes of its own, 128 and 256 bits. */
export type NativeSide = 'native' | 'sse41' | 'avx2';
export const NATIVE_SIDES: readonly NativeSide[] = ['native', 'sse41', 'avx2'];

/** What a release must keep: so many times the speed of a side. */
export interface SpeedBar {
  readonly against: Side;
  readonly least: number;
}

export interface NumericCase {
  readonly id: string;
  /** Host file of the kernel under test; null: of none. */
  readonly kernel: string | null;
  readonly title: string;
  readonly unit: 'element' | 'row' | 'token' | 'layer' | 'draft' | 'position' | 'call';
  /** Bytes read and written a unit, where speed is told in GB/s. */
  readonly bytes: number | null;
  /** Case of bench/native/numeric/main.cpp with lanes of its own or without. */
  readonly native?: { readonly name: string; readonly sides: readonly NativeSide[] };
  readonly parameters: Readonly<Record<string, number>>;
  readonly prepare: (core: NumericCore) => BenchTask;
  /** The same work in plain JavaScript. */
  readonly plain?: () => BenchTask;
  readonly bars: readonly SpeedBar[];
  /** Cases of a group run round by round beside each other: the time of a unit should not grow. */
  readonly group?: string;
  /** What numpy and torch reach, quoted (docs/benchmarks-numeric.md). */
  readonly quoted?: string;
}

/** The time of a unit of the last case of a group may be so much that of the first. */
export const GROWTH_BAR = 1.3;
