// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { loadCore } from '../../src/core/index.js';
import {
  createTarget, decodeProgram, fromHex, fuzz, replay, suffixTarget, type FuzzResult,
  type FuzzTarget,
} from '../../src/fuzz/index.js';
import { SuffixDrafter, type Numbers } from '../../src/numeric/index.js';

function run(target: FuzzTarget, operations: number, seed: number): FuzzResult {
  const episodes = fuzz({ target, seed, operations });
  for (;;) {
    const next = episodes.next();
    if (next.done === true) return next.value;
  }
}

/** Goes on with the old text when a new one begins, every fifth time. */
class RunningOn extends SuffixDrafter {
  #fresh = 0;
  override learn(tokens: Numbers, fresh = false): void {
    super.learn(tokens, fresh && ++this.#fresh % 5 !== 0);
  }
}

it('finds and shrinks a planted bug of the suffix drafter', () => {
  const planted = suffixTarget(loadCore(), (core, options) => new RunningOn(core, options));
  const { failure } = run(planted, 50_000, 1);
  expect(failure).not.toBeNull();
  expect(failure!.operations).toBeLessThanOrEqual(12);
  const { kind, body } = decodeProgram(fromHex(failure!.program)!);
  expect(kind).toBe('suffix');
  expect(replay(planted, body)?.message).toBe(failure!.message);
  expect(replay(createTarget(kind, loadCore()), body)).toBeNull();
});

it('gives all memory back between programs', () => {
  const target = createTarget('suffix', loadCore());
  expect(run(target, 5000, 2).failure).toBeNull();
});
