// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  findModel,
  kvBytesPerToken,
  looksLikeModelConfig,
  ModelConfigError,
  modelFromConfig,
  parameters,
} from '../../src/model/index.js';

const origin = { id: 'mine', source: 'config.json of mine', date: '2026-11-21' } as const;
const read = (data: unknown) => modelFromConfig(data, origin);

const llama = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  max_position_embeddings: 131072,
};

const deepseek = {
  model_type: 'deepseek_v3',
  hidden_size: 7168,
  intermediate_size: 18432,
  moe_intermediate_size: 2048,
  num_hidden_layers: 61,
  num_attention_heads: 128,
  num_key_value_heads: 128,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  first_k_dense_replace: 3,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  vocab_size: 129280,
  max_position_embeddings: 163840,
  num_nextn_predict_layers: 1,
};

const interval = (layers: number, other: string): string[] =>
  Array.from({ length: layers }, (_, i) => (i % 4 === 3 ? 'full_attention' : other));

const flash = {
  model_type: 'deepseek_v4',
  hidden_size: 4096,
  num_hidden_layers: 43,
  num_attention_heads: 64,
  num_key_value_heads: 1,
  head_dim: 512,
  q_lora_rank: 1024,
  o_lora_rank: 1024,
  o_groups: 8,
  qk_rope_head_dim: 64,
  vocab_size: 129280,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 6,
  moe_intermediate_size: 2048,
  index_n_heads: 64,
  index_head_dim: 128,
  index_topk: 512,
  sliding_window: 128,
  max_position_embeddings: 1048576,
  compress_ratios: [0, 0, ...Array.from({ length: 20 }, () => [4, 128]).flat(), 4, 0, 0, 0],
};

const qwen35 = {
  model_type: 'qwen3_5_moe',
  tie_word_embeddings: false,
  text_config: {
    model_type: 'qwen3_5_moe_text',
    attn_output_gate: true,
    layer_types: interval(60, 'linear_attention'),
    head_dim: 256,
    hidden_size: 4096,
    linear_conv_kernel_dim: 4,
    linear_key_head_dim: 128,
    linear_num_key_heads: 16,
    linear_num_value_heads: 64,
    linear_value_head_dim: 128,
    max_position_embeddings: 262144,
    mlp_only_layers: [],
    moe_intermediate_size: 1024,
    num_attention_heads: 32,
    num_experts: 512,
    num_experts_per_tok: 10,
    num_hidden_layers: 60,
    num_key_value_heads: 2,
    shared_expert_intermediate_size: 1024,
    vocab_size: 248320,
  },
};

const nemotron = {
  model_type: 'nemotron_h',
  hidden_size: 4096,
  num_hidden_layers: 88,
  num_attention_heads: 32,
  num_key_value_heads: 2,
  head_dim: 128,
  hybrid_override_pattern: `${'MEMEMEMEME*'.repeat(8)}`,
  mamba_num_heads: 128,
  mamba_head_dim: 64,
  ssm_state_size: 128,
  n_groups: 8,
  conv_kernel: 4,
  mlp_hidden_act: 'relu2',
  n_routed_experts: 512,
  n_shared_experts: 1,
  num_experts_per_tok: 22,
  moe_intermediate_size: 2688,
  moe_shared_expert_intermediate_size: 5376,
  moe_latent_size: 1024,
  intermediate_size: 2688,
  vocab_size: 131072,
  max_position_embeddings: 262144,
};

const glm52 = {
  ...deepseek,
  model_type: 'glm_moe_dsa',
  index_n_heads: 32,
  index_head_dim: 128,
  index_topk: 2048,
  indexer_types: Array.from({ length: 61 }, (_, i) => (i % 3 === 0 ? 'full' : 'shared')),
};

describe('a config.json', () => {
  it.each([
    ['llama-3.1-8b', llama],
    ['deepseek-v3', deepseek],
    ['deepseek-v4-flash', flash],
    ['qwen3.5-397b-a17b', qwen35],
    ['nemotron-3-super', nemotron],
  ])('gives the same numbers as the catalogue: %s', (name, config) => {
    const model = read(config);
    const known = findModel(name)!;
    expect(parameters(model)).toEqual(parameters(known));
    for (const dtype of ['bf16', 'fp8', 'nvfp4'] as const) {
      expect(kvBytesPerToken(model, dtype)).toBe(kvBytesPerToken(known, dtype));
    }
    expect(model.layerGroups ?? []).toEqual(known.layerGroups ?? []);
    expect(model).toMatchObject({ publishedParameters: null, ...origin });
  });

  it('reads windows from layer types or a pattern, and none when switched off', () => {
    const types = { layer_types: interval(32, 'sliding_attention'), sliding_window: 512 };
    const groups = [
      { kind: 'full', layers: 8 },
      { kind: 'sliding', layers: 24, windowTokens: 512 },
    ];
    expect(read({ ...llama, ...types }).layerGroups).toEqual(groups);
    const pattern = { sliding_window: 512, sliding_window_pattern: 4 };
    expect(read({ ...llama, ...pattern }).layerGroups).toEqual(groups);
    expect(read({ ...llama, sliding_window: 512 }).layerGroups).toEqual([
      { kind: 'sliding', layers: 32, windowTokens: 512 },
    ]);
    const off = { sliding_window: 512, use_sliding_window: false };
    expect(read({ ...llama, ...off }).layerGroups).toBeUndefined();
  });

  it('reads sparse attention whose layers share an indexer', () => {
    expect(read(glm52).layerGroups).toEqual([
      {
        kind: 'sparse',
        layers: 61,
        topTokens: 2048,
        indexer: { heads: 32, headDim: 128, keyBytes: 132, layers: 21 },
      },
    ]);
  });

  it('takes MHA, tied embeddings and full-rank queries as they are', () => {
    const mha = { ...llama, num_key_value_heads: undefined };
    expect(read(mha).attention.kind).toBe('MHA');
    expect(read({ ...llama, tie_word_embeddings: true }).tiedEmbeddings).toBe(true);
    expect(read({ ...deepseek, q_lora_rank: null }).attention).toMatchObject({ qLoraRank: 0 });
  });

  it.each<[string, object, RegExp]>([
    ['hidden_size', { hidden_size: undefined }, /is required/],
    ['hidden_size', { hidden_size: '4096' }, /must be a whole number, got "4096"/],
    ['num_key_value_heads', { num_key_value_heads: 5 }, /must divide num_attention_heads 32/],
    ['head_dim', { num_attention_heads: 24 }, /24 heads do not divide hidden_size 4096/],
    ['vocab_size', { vocab_size: 0 }, /allowed: a whole number of 1 or more/],
    ['qk_nope_head_dim', { kv_lora_rank: 512 }, /is required with kv_lora_rank/],
    ['num_experts_per_tok', { num_experts: 8 }, /is required.* with 8 experts/],
    ['num_experts_per_tok', { num_experts: 8, num_experts_per_tok: 9 }, /at most the 8 experts/],
    ['layer_types', { layer_types: ['full_attention'] }, /has 1 entries for 32 layers/],
    ['layer_types', { layer_types: Array(32).fill('ring') }, /holds ring/],
    ['sliding_window', { layer_types: Array(32).fill('sliding_attention') }, /is required/],
    ['hybrid_override_pattern', { hybrid_override_pattern: 'M*' }, /must name 32 layers, got 2/],
    ['is_encoder_decoder', { is_encoder_decoder: true }, /does not know/],
    ['mamba_d_state', { mamba_d_state: 16 }, /does not know/],
    ['ffn.denseLayers', {
      num_experts: 8, num_experts_per_tok: 2, first_k_dense_replace: 40,
    }, /exceed 32/],
  ])('names %s', (path, change, message) => {
    let error: unknown;
    try {
      read({ ...llama, num_key_value_heads: 8, ...change });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ModelConfigError);
    expect((error as ModelConfigError).path).toBe(path);
    expect((error as Error).message).toMatch(message);
  });

  it('is told from a catalogue', () => {
    expect(looksLikeModelConfig(llama)).toBe(true);
    expect(looksLikeModelConfig(qwen35)).toBe(true);
    expect(looksLikeModelConfig({ schema: 1, devices: [] })).toBe(false);
    expect(looksLikeModelConfig(null)).toBe(false);
    expect(() => read([])).toThrow(/must be a mapping/);
  });
});
