// SPDX-License-Identifier: Apache-2.0
/** Reading a catalogue file: the schema first, then what fields say of each other. */
import { UserError } from '../core/user-error.js';
import { catalogSchema, type Catalog } from './catalog-schema.js';
import { problems } from './issues.js';
import { readConfigText } from './parse.js';

/** Checks parsed data against the schema of a catalogue. @throws UserError naming the path. */
export function parseCatalog(data: unknown, file?: string): Catalog {
  const result = catalogSchema.safeParse(data);
  if (result.success) return result.data;
  const [first, ...rest] = problems(catalogSchema, result.error.issues, data);
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const place = { path: first.path === '' ? 'catalog' : first.path };
  throw new UserError(first.message + more, file === undefined ? place : { file, ...place });
}

/** Text of a catalogue file, YAML or JSON -> entries. */
export function readCatalog(text: string, file?: string): Catalog {
  return parseCatalog(readConfigText(text, file), file);
}

/** Several catalogues as one; an entry of a later one stands before those of earlier ones. */
export function mergeCatalogs(list: readonly Catalog[]): Catalog {
  const last = [...list].reverse();
  return {
    schema: 1,
    devices: last.flatMap(({ devices }) => devices),
    parts: last.flatMap(({ parts }) => parts),
    models: last.flatMap(({ models }) => models),
    tariffs: last.flatMap(({ tariffs }) => tariffs),
    gpuHours: last.flatMap(({ gpuHours }) => gpuHours),
  };
}
