// SPDX-License-Identifier: Apache-2.0
/** Which pool serves which model of a trace. */
import { UserError } from '../core/user-error.js';
import { didYouMean } from './suggest.js';
import type { RunSpec } from './schema.js';

/**
 * Index into `spec.pools` for each model name of a trace. A name that `models` does not map goes
 * to `defaultPool`, or to the first pool when the trace has only that one model; otherwise the
 * mapping would be a guess, and the names are listed instead.
 */
export function mapModels(spec: RunSpec, traceModels: readonly string[], file?: string): number[] {
  const names = spec.pools.map((pool) => pool.name);
  for (const model of Object.keys(spec.models)) {
    if (traceModels.includes(model)) continue;
    throw new UserError(
      `the trace has no such model${didYouMean(model, traceModels)}`,
      { ...(file === undefined ? {} : { file }), path: `models.${model}` },
      { allowed: traceModels.map((name) => `"${name}"`).join(', ') },
    );
  }
  const fallback = spec.defaultPool ?? (traceModels.length === 1 ? names[0] : null);
  const unmapped: string[] = [];
  const pools = traceModels.map((model) => {
    const pool = Object.hasOwn(spec.models, model) ? spec.models[model] : fallback;
    if (pool === null) unmapped.push(model);
    return pool === null ? -1 : names.indexOf(pool);
  });
  if (unmapped.length > 0) {
    const list = unmapped.map((name) => `"${name}"`).join(', ');
    throw new UserError(
      `the trace has ${traceModels.length} models and no pool serves ${list}: ` +
        `map each to one of ${names.join(', ')}, or set defaultPool`,
      { ...(file === undefined ? {} : { file }), path: 'models' },
    );
  }
  return pools;
}
