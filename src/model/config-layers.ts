// SPDX-License-Identifier: Apache-2.0
import { ModelConfigError, type ConfigFields } from './config-fields.js';
import type { Indexer, LayerGroup, LinearLayers } from './types.js';

/** Index keys are FP8 with one float scale (DSA); DeepSeek-V4 stores none. */
const SCALE_BYTES = 4;

function indexer(fields: ConfigFields, layers: number, scaleBytes: number): Indexer {
  const headDim = fields.required(['index_head_dim']);
  return {
    heads: fields.required(['index_n_heads']),
    headDim,
    keyBytes: headDim + scaleBytes,
    layers,
  };
}

/** DeepSeek-V4: a compression ratio a layer, 0 for a window alone. */
function compressed(fields: ConfigFields, layers: number): LayerGroup[] {
  const ratios = fields.list('compress_ratios')!.slice(0, layers);
  if (ratios.length < layers) {
    const what = `has ${ratios.length} entries for ${layers} layers`;
    throw new ModelConfigError('compress_ratios', what, 'one number a layer');
  }
  const counts = new Map<number, number>();
  for (const ratio of ratios) {
    if (!Number.isInteger(ratio) || (ratio as number) < 0) {
      throw new ModelConfigError('compress_ratios', `holds ${String(ratio)}`, 'whole numbers');
    }
    counts.set(ratio as number, (counts.get(ratio as number) ?? 0) + 1);
  }
  const windowTokens = fields.required(['sliding_window']);
  // Rows that stand for few tokens are many: those layers pick theirs by an index.
  const finest = Math.min(...[...counts.keys()].filter((ratio) => ratio > 0));
  return [...counts].map(([ratio, count]): LayerGroup => {
    if (ratio === 0) return { kind: 'sliding', layers: count, windowTokens };
    const group = { kind: 'compressed', layers: count, ratio, windowTokens } as const;
    if (ratio !== finest || !fields.has('index_topk')) return group;
    const topRows = fields.required(['index_topk']);
    return { ...group, topRows, indexer: indexer(fields, count, 0) };
  });
}

/** DSA on all layers; GLM-5.2 shares one layer's choice with the next ones. */
function sparse(fields: ConfigFields, layers: number): LayerGroup[] {
  const types = fields.list('indexer_types');
  const own = types === undefined ? layers : types.filter((type) => type === 'full').length;
  const topTokens = fields.required(['index_topk']);
  return [{ kind: 'sparse', layers, topTokens, indexer: indexer(fields, own, SCALE_BYTES) }];
}

function linear(fields: ConfigFields, layers: number): LinearLayers {
  const valueHeads = fields.required(['linear_num_value_heads']);
  const valueHeadDim = fields.required(['linear_value_head_dim']);
  return {
    kind: 'linear',
    layers,
    keyHeads: fields.required(['linear_num_key_heads']),
    valueHeads,
    keyHeadDim: fields.required(['linear_key_head_dim']),
    valueHeadDim,
    convolutionWidth: fields.optional(['linear_conv_kernel_dim'], 0) ?? 0,
  };
}

/** Kimi Linear: KDA layers by number, their shape in a mapping of its own. */
function kimiLinear(fields: ConfigFields, layers: number): LayerGroup[] {
  const config = fields.get('linear_attn_config') as Readonly<Record<string, unknown>>;
  const full = config['full_attn_layers'];
  const heads = config['num_heads'];
  const headDim = config['head_dim'];
  if (!Array.isArray(full) || !Number.isInteger(heads) || !Number.isInteger(headDim)) {
    const what = 'needs full_attn_layers, num_heads and head_dim';
    throw new ModelConfigError('linear_attn_config', what, 'a list and two whole numbers');
  }
  const width = config['short_conv_kernel_size'];
  return [
    { kind: 'full', layers: full.length },
    {
      kind: 'linear',
      layers: layers - full.length,
      keyHeads: heads as number,
      valueHeads: heads as number,
      keyHeadDim: headDim as number,
      valueHeadDim: headDim as number,
      convolutionWidth: Number.isInteger(width) ? (width as number) : 0,
      gateRank: headDim as number,
    },
  ];
}

/** Nemotron-H: a letter a layer. */
function hybridPattern(fields: ConfigFields, layers: number): LayerGroup[] {
  const pattern = fields.text('hybrid_override_pattern')!;
  const count = (letters: string): number =>
    [...pattern].filter((letter) => letters.includes(letter)).length;
  if (pattern.length !== layers || count('M*E-') !== layers) {
    const what = `must name ${layers} layers, got ${pattern.length}`;
    throw new ModelConfigError('hybrid_override_pattern', what, 'letters M, *, E and -');
  }
  if (count('-') > 0 && count('E') > 0) {
    throw new ModelConfigError('hybrid_override_pattern', 'mixes E and -', 'one kind of FFN layer');
  }
  const groups: LayerGroup[] = [
    { kind: 'full', layers: count('*') },
    {
      kind: 'mamba',
      layers: count('M'),
      heads: fields.required(['mamba_num_heads']),
      headDim: fields.required(['mamba_head_dim']),
      stateSize: fields.required(['ssm_state_size']),
      groups: fields.required(['n_groups']),
      convolutionWidth: fields.optional(['conv_kernel'], 0) ?? 0,
    },
    { kind: 'ffn', layers: count('E-') },
  ];
  return groups.filter((group) => group.layers > 0);
}

/** `layer_types`, one word a layer. */
function typedLayers(fields: ConfigFields, layers: number): LayerGroup[] {
  const types = fields.list('layer_types')!.slice(0, layers);
  if (types.length < layers) {
    const what = `has ${types.length} entries for ${layers} layers`;
    throw new ModelConfigError('layer_types', what, 'one word a layer');
  }
  const count = (type: string): number => types.filter((each) => each === type).length;
  const full = count('full_attention');
  const sliding = count('sliding_attention');
  const linears = count('linear_attention');
  if (full + sliding + linears < layers) {
    const known = ['full_attention', 'sliding_attention', 'linear_attention'];
    const odd = types.find((type) => !known.includes(String(type)));
    throw new ModelConfigError('layer_types', `holds ${String(odd)}`, known.join(', '));
  }
  const groups: LayerGroup[] = [];
  if (full > 0) groups.push({ kind: 'full', layers: full });
  if (sliding > 0) {
    const windowTokens = fields.required(['sliding_window'], ' with sliding layers');
    groups.push({ kind: 'sliding', layers: sliding, windowTokens });
  }
  if (linears > 0) groups.push(linear(fields, linears));
  return groups;
}

/** A full layer after every so many others, or a window on all. */
function patternLayers(fields: ConfigFields, layers: number): LayerGroup[] | undefined {
  const interval = fields.optional(['full_attention_interval']);
  if (interval !== undefined && fields.has('linear_num_key_heads')) {
    const full = Math.floor(layers / interval);
    return [{ kind: 'full', layers: full }, linear(fields, layers - full)];
  }
  const windowTokens = fields.optional(['sliding_window']);
  if (windowTokens === undefined || fields.get('use_sliding_window') === false) return undefined;
  const pattern = fields.optional(['sliding_window_pattern']);
  if (pattern === undefined) return [{ kind: 'sliding', layers, windowTokens }];
  const full = Math.floor(layers / pattern);
  return [
    { kind: 'full', layers: full },
    { kind: 'sliding', layers: layers - full, windowTokens },
  ];
}

/** What the layers of a `config.json` do; undefined: all attend to the whole context. */
export function configLayerGroups(fields: ConfigFields, layers: number): LayerGroup[] | undefined {
  if (fields.list('compress_ratios') !== undefined) return compressed(fields, layers);
  if (fields.has('linear_attn_config')) return kimiLinear(fields, layers);
  if (fields.text('hybrid_override_pattern') !== undefined) return hybridPattern(fields, layers);
  if (fields.has('index_topk')) return sparse(fields, layers);
  if (fields.list('layer_types') !== undefined) {
    const groups = typedLayers(fields, layers);
    return groups.length === 1 && groups[0].kind === 'full' ? undefined : groups;
  }
  return patternLayers(fields, layers);
}
