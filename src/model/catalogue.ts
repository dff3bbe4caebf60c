// SPDX-License-Identifier: Apache-2.0
import { DEEPSEEK_MODELS } from './family/deepseek.js';
import { GLM_MODELS } from './family/glm.js';
import { KIMI_MODELS } from './family/kimi.js';
import { LLAMA_MODELS } from './family/llama.js';
import { NEMOTRON_MODELS } from './family/nemotron.js';
import { OPEN_WEIGHT_MODELS } from './family/open-weight.js';
import { QWEN_MODELS } from './family/qwen.js';
import type { ModelArchitecture } from './types.js';

/** Every model of the catalogue. */
export const models: readonly ModelArchitecture[] = [
  ...DEEPSEEK_MODELS,
  ...KIMI_MODELS,
  ...GLM_MODELS,
  ...QWEN_MODELS,
  ...LLAMA_MODELS,
  ...OPEN_WEIGHT_MODELS,
  ...NEMOTRON_MODELS,
];

function normalise(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The model of that id, name or alias among `list`, or undefined. */
export function findModelIn(
  list: readonly ModelArchitecture[],
  nameOrAlias: string,
): ModelArchitecture | undefined {
  const wanted = normalise(nameOrAlias);
  return list.find((model) =>
    [model.id, model.name, ...model.aliases].some((name) => normalise(name) === wanted));
}

/** The model of that id, name or alias, or undefined. */
export function findModel(nameOrAlias: string): ModelArchitecture | undefined {
  return findModelIn(models, nameOrAlias);
}

/** Ids of the catalogue, for messages and completion. */
export function modelNames(): string[] {
  return models.map((model) => model.id);
}
