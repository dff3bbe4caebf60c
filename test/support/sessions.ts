// SPDX-License-Identifier: Apache-2.0
import { WorkloadBuilder, type Workload } from '../../src/workload/index.js';

export interface TurnShape {
  readonly in: number;
  readonly out: number;
  readonly ids?: readonly number[];
}

export interface SessionShape {
  /** Arrival, ns. */
  readonly at: number;
  /** Follow each other, 1 s apart. */
  readonly turns: readonly TurnShape[];
}

/** Consecutive ids. */
export const ids = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

/** Sessions of one agent each; ids mean the same in all of them. */
export function sessions(blockSize: number, shapes: readonly SessionShape[]): Workload {
  const builder = new WorkloadBuilder('test');
  shapes.forEach(({ at, turns }, s) => {
    builder.addSession({
      id: `s${s}`,
      arrivalNs: at,
      blockSize,
      scope: 'workload',
      agents: [{ parent: -1, endNs: -1 }],
      turns: turns.map(({ in: inputTokens, out: outputTokens, ids: list = [] }, i) => ({
        agent: 0,
        model: 'm',
        startNs: i * 1e9,
        inputTokens,
        outputTokens,
        apiNs: -1,
        gapKind: i === 0 ? 0 : 1,
        blocks: list.length,
        ids: Uint32Array.from(list),
        prefixTurn: -1,
        prefixBlocks: 0,
        dependencies: i === 0 ? [] : [{ turn: i - 1, trigger: 0, delayNs: 1e9 }],
      })),
    });
  });
  return builder.finish();
}
