// SPDX-License-Identifier: Apache-2.0
import { layerGroups, type ModelArchitecture } from '../../model/index.js';

/** Kinds of model whose operation lists differ. */
export type ModelKind = 'dense' | 'gqa-moe' | 'mla-moe' | 'sparse-mla' | 'hybrid';

/** Kinds that share fitted constants: sparse attention adds its own on top of MLA's. */
export type ServingFamily = 'dense' | 'gqa-moe' | 'mla-moe' | 'hybrid';
export const SERVING_FAMILIES: readonly ServingFamily[] = [
  'dense', 'gqa-moe', 'mla-moe', 'hybrid',
];

/** Kind by fields: recurrent layers, sparse or latent attention, experts. */
export function modelKind(model: ModelArchitecture): ModelKind {
  const groups = layerGroups(model);
  if (groups.some(({ kind }) => kind === 'linear' || kind === 'mamba')) return 'hybrid';
  if (model.attention.kind === 'MLA') {
    return groups.some(({ kind }) => kind === 'sparse') ? 'sparse-mla' : 'mla-moe';
  }
  return model.ffn.kind === 'MoE' ? 'gqa-moe' : 'dense';
}

export function servingFamily(model: ModelArchitecture): ServingFamily {
  const kind = modelKind(model);
  return kind === 'sparse-mla' ? 'mla-moe' : kind;
}

/** Layers of sparse latent attention that have an indexer of their own. */
export function indexLayers(model: ModelArchitecture): number {
  if (modelKind(model) !== 'sparse-mla') return 0;
  let layers = 0;
  for (const group of layerGroups(model)) {
    if (group.kind === 'sparse') layers += group.indexer.layers;
  }
  return layers;
}
