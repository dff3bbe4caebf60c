// SPDX-License-Identifier: Apache-2.0
import { ConfigFields, ModelConfigError } from './config-fields.js';
import { configLayerGroups } from './config-layers.js';
import { contradiction } from './layers.js';
import type { Attention, Ffn, GroupedAttention, ModelArchitecture } from './types.js';

const WHOLE = 'a whole number of 1 or more';

/** Layouts whose fields look like those of another one and mean something else. */
const UNKNOWN_MARKS = ['attn_layer_period', 'mamba_d_state', 'num_encoder_layers', 'd_model'];

function latent(fields: ConfigFields, heads: number): Attention {
  const why = ' with kv_lora_rank';
  return {
    kind: 'MLA',
    heads,
    qLoraRank: fields.optional(['q_lora_rank'], 0) ?? 0,
    kvLoraRank: fields.required(['kv_lora_rank']),
    qkNopeHeadDim: fields.required(['qk_nope_head_dim'], why),
    qkRopeHeadDim: fields.required(['qk_rope_head_dim'], why),
    vHeadDim: fields.required(['v_head_dim'], why),
  };
}

function headDim(fields: ConfigFields, hidden: number, heads: number): number {
  const given = fields.optional(['head_dim', 'attention_head_dim']);
  if (given !== undefined) return given;
  if (hidden % heads === 0) return hidden / heads;
  const what = `is required: ${heads} heads do not divide hidden_size ${hidden}`;
  throw new ModelConfigError('head_dim', what, WHOLE);
}

function grouped(fields: ConfigFields, hidden: number, heads: number): Attention {
  const kvHeads = fields.optional(['num_key_value_heads']) ?? heads;
  if (heads % kvHeads !== 0) {
    const what = `must divide num_attention_heads ${heads}, got ${kvHeads}`;
    throw new ModelConfigError('num_key_value_heads', what, `a divisor of ${heads}`);
  }
  const type = fields.text('model_type') ?? '';
  const attention: GroupedAttention = {
    kind: kvHeads === heads ? 'MHA' : 'GQA',
    heads,
    kvHeads,
    headDim: headDim(fields, hidden, heads),
    qkNorm: /^(qwen3|gemma3|olmo2)/.test(type) || fields.flag('use_qk_norm')
      || fields.flag('qk_layernorm'),
  };
  if (fields.flag('attn_output_gate') || type.startsWith('qwen3_next')) attention.outputGate = true;
  if (fields.list('compress_ratios') === undefined) return attention;
  return {
    ...attention,
    keyIsValue: true,
    qLoraRank: fields.required(['q_lora_rank']),
    outputBottleneck: {
      groups: fields.required(['o_groups']),
      rank: fields.required(['o_lora_rank']),
    },
  };
}

/** Dense layers: the first ones, those listed, or all but every n-th. */
function denseLayers(fields: ConfigFields, layers: number): number {
  const first = fields.optional(['first_k_dense_replace', 'num_dense_layers'], 0);
  if (first !== undefined) return first;
  const listed = fields.list('mlp_only_layers');
  if (listed !== undefined && listed.length > 0) return listed.length;
  const frequency = fields.list('moe_layer_freq');
  if (frequency !== undefined) return frequency.filter((each) => each === 0).length;
  const step = fields.optional(['decoder_sparse_step', 'interleave_moe_layer_step']) ?? 1;
  return layers - Math.floor(layers / step);
}

function ffn(fields: ConfigFields, layers: number): Ffn {
  const experts = ['n_routed_experts', 'num_local_experts', 'num_experts'];
  const routedExperts = fields.optional(experts, 0) ?? 0;
  const pattern = fields.text('hybrid_override_pattern');
  const ungated = fields.text('mlp_hidden_act') === 'relu2';
  if (routedExperts === 0) {
    return {
      kind: 'dense',
      intermediateSize: fields.required(['intermediate_size']),
      ...(pattern === undefined ? {} : { ffnLayers: [...pattern].filter((c) => c === '-').length }),
      ...(ungated ? { matrices: 2 as const } : {}),
    };
  }
  const perToken = ['num_experts_per_tok', 'num_experts_per_token', 'moe_topk', 'moe_k'];
  const why = ` with ${routedExperts} experts`;
  const expertsPerToken = fields.required(perToken, why);
  if (expertsPerToken > routedExperts) {
    const what = `must be at most the ${routedExperts} experts, got ${expertsPerToken}`;
    throw new ModelConfigError('num_experts_per_tok', what, `1 to ${routedExperts}`);
  }
  const expertIntermediateSize = fields.required(
    ['moe_intermediate_size', 'expert_intermediate_size', 'intermediate_size'],
    why,
  );
  const dense = pattern === undefined ? denseLayers(fields, layers) : 0;
  const width = fields.optional(
    ['shared_expert_intermediate_size', 'moe_shared_expert_intermediate_size'],
    0,
  );
  const shared = fields.optional(['n_shared_experts', 'num_shared_experts'], 0);
  const latentSize = fields.optional(['moe_latent_size', 'routed_expert_hidden_size']);
  return {
    kind: 'MoE',
    routedExperts,
    expertsPerToken,
    sharedExperts: shared ?? (width === undefined || width === 0 ? 0 : 1),
    expertIntermediateSize,
    denseLayers: dense,
    denseIntermediateSize: dense === 0
      ? 0
      : fields.required(['dense_intermediate_size', 'intermediate_size']),
    ...(pattern === undefined ? {} : { moeLayers: [...pattern].filter((c) => c === 'E').length }),
    ...(width === undefined ? {} : { sharedIntermediateSize: width }),
    ...(ungated ? { matrices: 2 as const } : {}),
    ...(latentSize === undefined ? {} : { latentSize }),
  };
}

/** What the file cannot say of itself. */
export interface ConfigOrigin {
  id: string;
  /** Default: the id. */
  name?: string;
  /** Where the file comes from. */
  source: string;
  /** When it was read, ISO 8601. */
  date: string;
}

/**
 * A model from its parsed Hugging Face `config.json`. Layers with biases, vision towers and
 * multi-token-prediction modules are not counted, as in the catalogue.
 * @throws ModelConfigError naming a field that is missing, of another kind, or contradicts another.
 */
export function modelFromConfig(data: unknown, origin: ConfigOrigin): ModelArchitecture {
  const fields = new ConfigFields(data);
  const mark = UNKNOWN_MARKS.find((name) => fields.has(name));
  if (mark !== undefined || fields.flag('is_encoder_decoder')) {
    const what = 'belongs to an architecture this reader does not know';
    const allowed = 'decoder-only transformers, Nemotron-H, Kimi Linear, Qwen3-Next';
    throw new ModelConfigError(mark ?? 'is_encoder_decoder', what, allowed);
  }
  const layers = fields.required(['num_hidden_layers']);
  const hidden = fields.required(['hidden_size']);
  const heads = fields.required(['num_attention_heads']);
  const attention = fields.has('kv_lora_rank')
    ? latent(fields, heads)
    : grouped(fields, hidden, heads);
  const groups = configLayerGroups(fields, layers);
  const mtpLayers = fields.optional(['num_nextn_predict_layers', 'mtp_num_hidden_layers'], 0);
  const model: ModelArchitecture = {
    id: origin.id,
    name: origin.name ?? origin.id,
    aliases: [],
    layers,
    hiddenSize: hidden,
    vocabularySize: fields.required(['vocab_size']),
    maxContextTokens: fields.required(['max_position_embeddings', 'model_max_length']),
    attention,
    ...(groups === undefined ? {} : { layerGroups: groups }),
    ffn: ffn(fields, layers),
    ...(fields.flag('tie_word_embeddings') ? { tiedEmbeddings: true } : {}),
    ...(mtpLayers === undefined ? {} : { mtpLayers }),
    publishedParameters: null,
    source: origin.source,
    date: origin.date,
    status: 'vendor claim',
  };
  const wrong = contradiction(model);
  if (wrong !== null) throw new ModelConfigError(wrong.path, wrong.what, 'fields that agree');
  return model;
}

/** Whether parsed data looks like a model's `config.json` and not like a catalogue. */
export function looksLikeModelConfig(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return ['model_type', 'architectures', 'text_config', 'num_hidden_layers', 'hidden_size'].some(
    (name) => Object.hasOwn(data, name),
  );
}
