// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import {
  NEUTRAL_SCALES, pointParts, tpot, ttft, unsimulatedUs,
} from '../../../src/cost/serving/index.js';
import type { ServingPoint } from '../../../src/cost/serving/index.js';
import { cold, point } from './support.js';

function ttftMs(more: Partial<ServingPoint>): number {
  const parts = pointParts(point('llama-3.1-70b', more), cold);
  return ttft(parts, NEUTRAL_SCALES, tpot(parts, NEUTRAL_SCALES)) / 1000;
}

it('TTFT grows with users and with the prompt', () => {
  expect(ttftMs({ batch: 64 })).toBeGreaterThan(ttftMs({ batch: 4 }));
  expect(ttftMs({ isl: 32_768 })).toBeGreaterThan(ttftMs({ isl: 1024 }));
});

it('TTFT holds the queue of users that the KV cache has no room for', () => {
  const columns = { tpSize: 1, attentionDpSize: 1, moeTpSize: 1, moeEpSize: 1 };
  const crowded = { columns, isl: 8192, batch: 1024 };
  const { resident } = pointParts(point('llama-3.1-70b', crowded), cold);
  expect(resident).toBeLessThan(200);
  expect(ttftMs(crowded)).toBeGreaterThan(20 * ttftMs({ ...crowded, batch: Math.floor(resident) }));
});

it('a first token waits for the front end and for launches of short prompts as well', () => {
  const outside = (isl: number, batch: number): number =>
    unsimulatedUs(pointParts(point('llama-3.1-70b', { isl, batch }), cold), NEUTRAL_SCALES);
  expect(outside(32_768, 4)).toBe(80_000);
  expect(outside(256, 4)).toBeGreaterThan(80_000);
  expect(outside(256, 4)).toBeLessThan(80_000 + 80 * 1000);
  expect(outside(256, 64)).toBe(outside(256, 4));
});
