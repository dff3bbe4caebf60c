// SPDX-License-Identifier: Apache-2.0
/** Config text -> resolved spec, or an error that says where and what is allowed. */
import { parseDocument, stringify } from 'yaml';
import { UserError } from '../core/user-error.js';
import { problems } from './issues.js';
import { runSchema, type RunSpec } from './schema.js';

/** More would scroll the first one away. */
const maxProblems = 5;

const where = (file: string | undefined): { file?: string } => (file === undefined ? {} : { file });

/** Reads YAML, of which JSON is a part; an empty text is an empty config. */
export function readConfigText(text: string, file?: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, maxAliasCount: 100 } as object);
  const error = document.errors[0];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    const message = error.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
    throw new UserError(message, { ...where(file), ...(line === undefined ? {} : { line }) });
  }
  return document.toJS({ maxAliasCount: 100 }) ?? {};
}

/** Checks a config and fills in the defaults. */
export function parseRunSpec(data: unknown, file?: string): RunSpec {
  const result = runSchema.safeParse(data);
  if (result.success) return result.data;
  const found = problems(runSchema, result.error.issues, data);
  const prefix = file === undefined ? '' : `${file}: `;
  const [first, ...rest] = found.map((problem, i) => {
    const path = problem.path === '' ? 'config' : problem.path;
    return i === 0 ? problem.message : `${prefix}${path}: ${problem.message}`;
  });
  const shown = rest.slice(0, maxProblems - 1);
  const more = rest.length - shown.length;
  const lines = [first, ...shown, ...(more > 0 ? [`and ${more} more`] : [])];
  throw new UserError(lines.join('\n'), { ...where(file), path: found[0].path || 'config' });
}

/** Text of a config file -> spec. */
export function parseConfig(text: string, file?: string): RunSpec {
  return parseRunSpec(readConfigText(text, file), file);
}

/** The resolved config as YAML that feeds back to `kvloom run`. */
export function formatConfig(spec: RunSpec): string {
  return stringify(spec, { lineWidth: 100 });
}
