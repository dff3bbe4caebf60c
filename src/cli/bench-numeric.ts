// SPDX-License-Identifier: Apache-2.0
/** `kvloom bench numeric`: the cases of the numeric kernels beside JavaScript and our C++. */
import type { BenchReport, NumericCase, NumericOptions, NumericResult } from '../bench/index.js';
import { breathe, interrupted } from './context.js';
import type { GlobalOptions } from './context.js';
import { startProgress } from './progress.js';

/** Timed ms of a side in a round, and rounds. */
const EFFORT = { quick: { ms: 10, rounds: 3 }, full: { ms: 20, rounds: 9 } } as const;

export interface NumericBench {
  readonly rows: readonly NumericResult[];
  readonly native: BenchReport['native'];
}

/** Null without cases. */
export async function benchNumeric(
  cases: readonly NumericCase[],
  options: { readonly quick?: boolean; readonly native: boolean },
  globals: GlobalOptions,
): Promise<NumericBench | null> {
  if (cases.length === 0) return null;
  const { runNumeric } = await import('../bench/index.js');
  const { openNumericLane } = await import('../node/bench-lane.js');
  const { openNumericNative } = await import('../node/native-bench.js');
  const sides = options.native ? await openNumericNative() : { skipped: '--no-native' };
  const effort = options.quick === true ? EFFORT.quick : EFFORT.full;
  const progress = startProgress('measuring', globals);
  let done = 0;
  const numeric: NumericOptions = {
    ...effort,
    native: 'native' in sides ? sides.native : () => null,
    openLane: openNumericLane,
    async onRound({ id }) {
      progress.update(++done, cases.length * effort.rounds, id);
      await breathe();
      interrupted.throwIfAborted();
    },
  };
  try {
    const rows = await runNumeric(cases, numeric);
    return { rows, native: 'native' in sides ? { compiler: sides.compiler } : sides };
  } finally {
    progress.stop();
  }
}
