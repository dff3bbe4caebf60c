// SPDX-License-Identifier: Apache-2.0
import type { LayerGroup, ModelArchitecture } from './types.js';

/** What the layers do: one group of full attention unless the model says otherwise. */
export function layerGroups(model: ModelArchitecture): readonly LayerGroup[] {
  return model.layerGroups ?? [{ kind: 'full', layers: model.layers }];
}

/** Whether layers of the group hold keys and values of `model.attention`. */
export function attends(group: LayerGroup): boolean {
  return group.kind !== 'linear' && group.kind !== 'mamba' && group.kind !== 'ffn';
}

/** Layers that run `model.attention` in some form. */
export function attentionLayers(model: ModelArchitecture): number {
  let layers = 0;
  for (const group of layerGroups(model)) if (attends(group)) layers += group.layers;
  return layers;
}

/** Layers with routed experts; 0 for a dense model. */
export function moeLayers(model: ModelArchitecture): number {
  const { ffn, layers } = model;
  if (ffn.kind === 'dense') return 0;
  return ffn.moeLayers ?? layers - ffn.denseLayers;
}

/** A field of a model that contradicts another one, or null. Paths are those of the model. */
export function contradiction(model: ModelArchitecture): { path: string; what: string } | null {
  const { attention, ffn, layers } = model;
  if (attention.kind !== 'MLA' && attention.heads % attention.kvHeads !== 0) {
    const what = `must divide the ${attention.heads} heads, got ${attention.kvHeads}`;
    return { path: 'attention.kvHeads', what };
  }
  const sum = layerGroups(model).reduce((total, group) => total + group.layers, 0);
  if (sum !== layers) {
    return { path: 'layerGroups', what: `must add up to the ${layers} layers, got ${sum}` };
  }
  if (ffn.kind === 'dense') return null;
  if (ffn.expertsPerToken > ffn.routedExperts) {
    const what = `must be at most the ${ffn.routedExperts} experts, got ${ffn.expertsPerToken}`;
    return { path: 'ffn.expertsPerToken', what };
  }
  const got = ffn.denseLayers + Math.max(0, moeLayers(model));
  if (got > layers) {
    return { path: 'ffn.denseLayers', what: `dense and MoE layers exceed ${layers}, got ${got}` };
  }
  return null;
}
