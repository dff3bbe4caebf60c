// SPDX-License-Identifier: Apache-2.0
import { layerGroups, type LayerGroup, type ModelArchitecture } from '../model/index.js';

/** How the step model misprices a model, in the words of a report. */
export interface Coverage {
  /** Parts priced as something dearer: the price is an upper bound. */
  upperBounds: readonly { what: string; layers: number }[];
  /** Parts that it has no price for: such a model cannot be simulated yet. */
  missing: readonly string[];
}

function groupCoverage(group: LayerGroup): { upperBound?: string; missing?: string } {
  const { kind, layers } = group;
  switch (kind) {
    case 'full':
      return {};
    case 'sliding':
      return {
        upperBound: `windows of ${group.windowTokens} tokens, `
          + 'priced as attention to the whole context',
      };
    case 'sparse':
      return {
        upperBound: `sparse attention to ${group.topTokens} tokens, `
          + 'priced as attention to the whole context, indexers left out',
      };
    case 'compressed':
      return { missing: `${layers} layers of compressed attention (ratio ${group.ratio})` };
    case 'linear':
      return { missing: `${layers} linear attention layers` };
    case 'mamba':
      return { missing: `${layers} Mamba layers` };
    case 'ffn':
      return { missing: `${layers} layers without attention` };
  }
}

/** What of a model the step model covers. Catalogue and memory model cover everything. */
export function stepCoverage(model: ModelArchitecture): Coverage {
  const { attention, ffn } = model;
  const upperBounds: { what: string; layers: number }[] = [];
  const missing: string[] = [];
  for (const group of layerGroups(model)) {
    const found = groupCoverage(group);
    if (found.upperBound !== undefined) {
      upperBounds.push({ what: found.upperBound, layers: group.layers });
    }
    if (found.missing !== undefined) missing.push(found.missing);
  }
  if (attention.kind === 'MLA' && attention.qLoraRank === 0) {
    missing.push('latent attention with queries at full rank');
  }
  if (attention.kind !== 'MLA' && attention.outputGate === true) missing.push('output gates');
  if (ffn.matrices === 2) missing.push('FFNs of two matrices');
  if (ffn.kind === 'MoE') {
    if (ffn.latentSize !== undefined) missing.push('experts behind a latent projection');
  }
  return { upperBounds, missing };
}
