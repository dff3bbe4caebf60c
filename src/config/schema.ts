// SPDX-License-Identifier: Apache-2.0
/**
 * The run config: one zod schema from which the types, the checks, the defaults and the
 * published JSON Schema all come. The output of a parse is fully resolved and parses to itself.
 */
import { z } from 'zod';
import { catalogSchema, type Catalog } from './catalog-schema.js';
import { POOL_DEFAULTS, RUN_DEFAULTS } from './defaults.js';
import { problems } from './issues.js';
import { poolSchema } from './pool-schema.js';
import { sloKeyProblem } from './slo.js';
import { workloadSchema } from './workload-schema.js';

const sloSchema = z
  .record(z.string(), z.number().positive())
  .superRefine((slo, context) => {
    for (const key of Object.keys(slo)) {
      const message = sloKeyProblem(key);
      if (message !== null) context.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .default({})
  .describe('Bounds: the p95 of each must stay below its value, for example `ttft_ms: 2000`.');

/** Checked here and not by its type, so that the published schema stays one page. */
function checkCatalog(data: unknown, context: z.RefinementCtx): Catalog {
  const result = catalogSchema.safeParse(data);
  if (result.success) return result.data;
  for (const { path, message } of problems(catalogSchema, result.error.issues, data)) {
    context.addIssue({ code: 'custom', path: path.split('.'), message });
  }
  return z.NEVER;
}

const shape = z.strictObject({
  schema: z.literal(1).default(1).describe('Version of this format.'),
  name: z.string().min(1).default(RUN_DEFAULTS.name).describe('Printed with the results.'),
  seed: z
    .int()
    .min(0)
    .default(RUN_DEFAULTS.seed)
    .describe('Same config and seed, same result to the byte.'),
  pools: z
    .array(poolSchema)
    .min(1)
    .max(64)
    .prefault([{}])
    .describe('The cluster: each serves one model.'),
  models: z
    .record(z.string(), z.string())
    .default({})
    .describe('Model name in the trace -> pool that serves it.'),
  defaultPool: z
    .string()
    .nullable()
    .default(null)
    .describe('Pool for trace models that `models` does not name; null refuses several of them.'),
  workload: workloadSchema.prefault({ kind: 'trace' }).describe('What the cluster is asked to do.'),
  slo: sloSchema,
  tariffs: z
    .array(z.string().min(1))
    .min(1)
    .max(64)
    .optional()
    .describe('API tariffs that bill the same tokens: names of `kvloom catalog prices`.'),
  catalog: z
    .record(z.string(), z.unknown())
    .transform(checkCatalog)
    .optional()
    .describe('Devices, models and tariffs of your own, in the format of a catalog file.'),
  limits: z
    .strictObject({
      exactRequests: z
        .int()
        .min(0)
        .default(RUN_DEFAULTS.exactRequests)
        .describe('Beyond this many requests, percentiles come from log-bucket histograms.'),
    })
    .prefault({}),
});

type Shape = z.output<typeof shape>;

/** Rules that span several fields. */
function checkNames(run: Shape, context: z.RefinementCtx<Shape>): void {
  const names = run.pools.map((pool) => pool.name);
  const issue = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  names.forEach((name, i) => {
    const first = names.indexOf(name);
    if (first < i) issue(['pools', i, 'name'], `must be unique, "${name}" names pools.${first}`);
  });
  const allowed = names.map((name) => `"${name}"`).join(', ');
  for (const [model, pool] of Object.entries(run.models)) {
    if (!names.includes(pool)) {
      issue(['models', model], `must name a pool (${allowed}), got "${pool}"`);
    }
  }
  if (run.defaultPool !== null && !names.includes(run.defaultPool)) {
    issue(['defaultPool'], `must name a pool (${allowed}), got "${run.defaultPool}"`);
  }
}

/** A field that would have no effect is refused, not ignored. */
function checkTiming({ workload }: Shape, context: z.RefinementCtx<Shape>): void {
  if (workload.kind !== 'trace' || workload.timing !== 'recorded') return;
  if (workload.maxGapSeconds === null) return;
  context.addIssue({
    code: 'custom',
    path: ['workload', 'maxGapSeconds'],
    message: 'needs timing closed-loop: recorded turns start when they were recorded',
  });
}

function checkRouters({ pools }: Shape, context: z.RefinementCtx<Shape>): void {
  pools.forEach(({ router, overlapWeight }, i) => {
    if (router !== 'round-robin' || overlapWeight === POOL_DEFAULTS.overlapWeight) return;
    context.addIssue({
      code: 'custom',
      path: ['pools', i, 'overlapWeight'],
      message: 'needs router prefix-aware: round-robin looks at no prefix',
    });
  });
}

export const runSchema = shape
  .superRefine(checkNames)
  .superRefine(checkTiming)
  .superRefine(checkRouters);

/** What a config file may say: everything but generator sizes has a default. */
export type RunConfig = z.input<typeof runSchema>;

/** The resolved form: every field present. */
export type RunSpec = z.output<typeof runSchema>;
