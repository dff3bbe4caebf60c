// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runJsonSchema } from '../../src/config/index.js';
import { root } from '../support/source.js';

test('the committed schema is the one of the source', () => {
  const committed = readFileSync(join(root, 'schema/run.schema.json'), 'utf8');
  expect(JSON.parse(committed)).toEqual(runJsonSchema());
});

test('every field is described or is itself a mapping, and unknown keys are refused', () => {
  const schema = runJsonSchema() as unknown as {
    additionalProperties: boolean;
    required?: string[];
    properties: { pools: { items: { properties: Record<string, { description?: string }> } } };
  };
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toBeUndefined();
  const fields = Object.entries(schema.properties.pools.items.properties);
  expect(fields.filter(([, field]) => field.description === undefined)).toEqual([]);
});
