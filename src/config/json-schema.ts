// SPDX-License-Identifier: Apache-2.0
/** The published JSON Schema (2020-12) of a run config: schema/run.schema.json. */
import { z } from 'zod';
import { runSchema } from './schema.js';
import { SLO_KEY_PATTERN } from './slo.js';

export function runJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(runSchema, { io: 'input' });
  const properties = schema.properties as Record<string, Record<string, unknown>>;
  // A refinement has no JSON Schema form of its own.
  properties['slo']['propertyNames'] = { pattern: SLO_KEY_PATTERN };
  return {
    $schema,
    title: 'kvloom run',
    description: 'One simulated run: cluster, workload, objectives and seed.',
    ...schema,
  };
}
