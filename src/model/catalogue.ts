// SPDX-License-Identifier: Apache-2.0
import type { ModelArchitecture } from './types.js';

const CARDS = 'public model card, via ai-dynamo/aiconfigurator model_configs, commit 095f58a5';

const DEEPSEEK_V3: ModelArchitecture = {
  id: 'deepseek-v3',
  name: 'DeepSeek-V3 / R1',
  aliases: ['deepseek-r1', 'deepseek-v3.1', 'deepseek-ai/DeepSeek-V3', 'deepseek-ai/DeepSeek-R1'],
  layers: 61,
  hiddenSize: 7168,
  vocabularySize: 129280,
  maxContextTokens: 163840,
  attention: {
    kind: 'MLA',
    heads: 128,
    qLoraRank: 1536,
    kvLoraRank: 512,
    qkNopeHeadDim: 128,
    qkRopeHeadDim: 64,
    vHeadDim: 128,
  },
  ffn: {
    kind: 'MoE',
    routedExperts: 256,
    expertsPerToken: 8,
    sharedExperts: 1,
    expertIntermediateSize: 2048,
    denseLayers: 3,
    denseIntermediateSize: 18432,
  },
  // Without the 14B multi-token-prediction module, which plain decoding does not load.
  publishedParameters: 671e9,
  source: `${CARDS}; DeepSeek-V3 technical report (2024-12)`,
  status: 'vendor claim',
};

const QWEN3_32B: ModelArchitecture = {
  id: 'qwen3-32b',
  name: 'Qwen3-32B',
  aliases: ['Qwen/Qwen3-32B', 'qwen3-32b-fp8'],
  layers: 64,
  hiddenSize: 5120,
  vocabularySize: 151936,
  maxContextTokens: 40960,
  attention: { kind: 'GQA', heads: 64, kvHeads: 8, headDim: 128, qkNorm: true },
  ffn: { kind: 'dense', intermediateSize: 25600 },
  publishedParameters: 32.8e9,
  source: `${CARDS}; Qwen3 model card (2025)`,
  status: 'vendor claim',
};

const LLAMA_31_8B: ModelArchitecture = {
  id: 'llama-3.1-8b',
  name: 'Llama-3.1-8B',
  aliases: ['meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-8B-Instruct', 'llama-8b'],
  layers: 32,
  hiddenSize: 4096,
  vocabularySize: 128256,
  maxContextTokens: 131072,
  attention: { kind: 'GQA', heads: 32, kvHeads: 8, headDim: 128, qkNorm: false },
  ffn: { kind: 'dense', intermediateSize: 14336 },
  publishedParameters: 8.03e9,
  source: `${CARDS}; Meta Llama 3.1 model card (2024-07)`,
  status: 'vendor claim',
};

const LLAMA_2_7B: ModelArchitecture = {
  id: 'llama-2-7b',
  name: 'Llama-2-7B',
  aliases: ['meta-llama/Llama-2-7b-hf', 'meta-llama/Llama-2-7b-chat-hf'],
  layers: 32,
  hiddenSize: 4096,
  vocabularySize: 32000,
  maxContextTokens: 4096,
  attention: { kind: 'MHA', heads: 32, kvHeads: 32, headDim: 128, qkNorm: false },
  ffn: { kind: 'dense', intermediateSize: 11008 },
  publishedParameters: 6.74e9,
  source: 'Meta Llama 2 public model card and configuration (2023-07)',
  status: 'vendor claim',
};

/** Every model of the catalogue. */
export const models: readonly ModelArchitecture[] = [
  DEEPSEEK_V3,
  QWEN3_32B,
  LLAMA_31_8B,
  LLAMA_2_7B,
];

function normalise(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

const byName = new Map<string, ModelArchitecture>();
for (const model of models) {
  for (const name of [model.id, model.name, ...model.aliases]) byName.set(normalise(name), model);
}

/** The model of that id, name or alias, or undefined. */
export function findModel(nameOrAlias: string): ModelArchitecture | undefined {
  return byName.get(normalise(nameOrAlias));
}

/** Ids of the catalogue, for messages and completion. */
export function modelNames(): string[] {
  return models.map((model) => model.id);
}
