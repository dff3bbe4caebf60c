// SPDX-License-Identifier: Apache-2.0
/** `--catalog FILE`: devices, models and tariffs of the user's own. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { mergeCatalogs, parseCatalog, readConfigText, type Catalog } from '../config/index.js';
import { UserError } from '../core/user-error.js';
import { looksLikeModelConfig, ModelConfigError, modelFromConfig } from '../model/index.js';
import type { ModelArchitecture } from '../model/index.js';

/** A `config.json` is named after its folder, another file after itself. */
function modelId(file: string): string {
  const own = basename(file, extname(file));
  return own === 'config' ? basename(dirname(resolve(file))) : own;
}

function modelOf(data: unknown, file: string): ModelArchitecture {
  const id = modelId(file);
  const date = statSync(file).mtime.toISOString().slice(0, 10);
  try {
    return modelFromConfig(data, { id, source: `${basename(file)} of ${id}`, date });
  } catch (error) {
    if (!(error instanceof ModelConfigError)) throw error;
    const { path, what, allowed } = error;
    throw new UserError(what, { file, path }, { allowed });
  }
}

function readFile(file: string): Catalog {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UserError('no such file', { file, path: 'catalog' });
  }
  const data = readConfigText(readFileSync(file, 'utf8'), file);
  if (!looksLikeModelConfig(data)) return parseCatalog(data, file);
  return parseCatalog({ models: [modelOf(data, file)] }, file);
}

/** Entries of the files, those of later ones first; undefined without files. */
export function ownCatalog(files: readonly string[] | undefined): Catalog | undefined {
  if (files === undefined || files.length === 0) return undefined;
  return mergeCatalogs(files.map(readFile));
}
