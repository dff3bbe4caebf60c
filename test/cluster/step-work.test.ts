// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { copyStepWork, emptyStepWork, type StepWork } from '../../src/cluster/step-work.js';

it('copies every field', () => {
  const fields = Object.keys(emptyStepWork()) as (keyof StepWork)[];
  const from = emptyStepWork();
  fields.forEach((field, i) => { from[field] = i + 1; });
  const to = emptyStepWork();
  copyStepWork(from, to);
  expect(to).toEqual(from);
});
