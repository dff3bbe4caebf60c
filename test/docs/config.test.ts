// SPDX-License-Identifier: Apache-2.0
/** docs/config.md lists exactly the fields of the schema, with their defaults. */
import { expect, test } from 'vitest';
import { read } from '../support/source.js';
import { codeIn, tableRows } from './markdown.js';

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

interface Field {
  readonly path: string;
  /** As the page shows it: JSON, or `required`. */
  readonly value: string;
  readonly allowed: readonly unknown[];
}

/** Every leaf field; those of a kind of workload stand behind `KIND:`. */
function* fieldsOf(schema: Schema, path: string, kind: string): Generator<Field> {
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const own = path === '' ? key : `${path}.${key}`;
    if (inner.oneOf !== undefined) {
      for (const option of inner.oneOf) {
        yield* fieldsOf(option, own, String(option.properties?.['kind']?.const));
      }
    } else if (inner.items?.properties !== undefined) {
      yield* fieldsOf(inner.items, `${own}[]`, kind);
    } else if (inner.properties !== undefined) {
      yield* fieldsOf(inner, own, kind);
    } else {
      const required = schema.required?.includes(key) === true;
      yield {
        path: kind === '' ? own : `${kind}:${own}`,
        value: required ? 'required' : JSON.stringify(inner.default),
        allowed: inner.enum ?? [],
      };
    }
  }
}

const schema = JSON.parse(read('schema/run.schema.json')) as Schema;
const fields = [...fieldsOf(schema, '', '')];

/** Rows `| path | default | meaning |`; the heading `kind: trace` names the kind of workload. */
const rows = tableRows('docs/config.md').flatMap(({ heading, cells }) => {
  const path = codeIn(cells[0]);
  const known = path !== null && /^(workload|[a-zA-Z]+$|[a-zA-Z]+(\[\])?\.)/.test(path);
  if (!known || cells.length !== 3 || heading.startsWith('Keys')) return [];
  const kind = /^kind: (\w+)$/.exec(heading)?.[1];
  const value = codeIn(cells[1]) ?? cells[1];
  return [{ path: kind === undefined ? path : `${kind}:${path}`, value, text: cells[2] }];
});

test('the fields and their defaults are those of the schema', () => {
  const documented = rows.map(({ path, value }) => `${path} = ${value}`);
  const real = fields.map(({ path, value }) => `${path} = ${value}`);
  expect(documented.sort()).toEqual(real.sort());
});

test('every allowed word of a field stands in its row', () => {
  const missing = fields.flatMap(({ path, allowed }) => {
    const text = rows.find((row) => row.path === path)?.text ?? '';
    const absent = allowed.filter((word) => !text.includes(`\`${word}\``));
    return absent.map((word) => `${path}: ${word}`);
  });
  expect(missing).toEqual([]);
});
