// SPDX-License-Identifier: Apache-2.0
/**
 * Measured acceptance lengths: tokens a step, the guaranteed one included. Copied as published; no
 * value is fitted or filled in.
 */

/** Mean acceptance length by number of drafts, each from a run of its own. */
export interface AcceptanceCurve {
  readonly name: string;
  readonly model: string;
  readonly drafter: string;
  /** With reasoning, without, or as the source calls it. */
  readonly mode: string;
  /** Entry k - 1: the length with k drafts. */
  readonly lengths: readonly number[];
  readonly source: string;
}

/** Mean acceptance length by context. */
export interface ContextCurve {
  readonly name: string;
  readonly drafter: string;
  /** [tokens of context, length], by context. */
  readonly points: readonly (readonly [number, number])[];
  readonly source: string;
}

/** A single measured length. */
export interface AcceptancePoint {
  readonly name: string;
  /** Drafts a step; for a tree the depth. Null: not stated. */
  readonly drafts: number | null;
  readonly length: number;
  readonly note: string;
  readonly source: string;
}

const CODING =
  'SemiAnalysisAI/InferenceX golden_al_distribution: SPEED-Bench coding, B300, vLLM, output 4096';

const curve = (
  name: string,
  model: string,
  drafter: string,
  mode: string,
  lengths: readonly number[],
): AcceptanceCurve => ({ name, model, drafter, mode, lengths, source: CODING });

export const acceptanceCurves: readonly AcceptanceCurve[] = [
  curve('deepseek-v4-pro-mtp-think', 'DeepSeek V4 Pro', 'MTP', 'think',
    [1.79, 2.27, 2.49, 2.54, 2.55, 2.55, 2.54, 2.58]),
  curve('deepseek-v4-pro-mtp', 'DeepSeek V4 Pro', 'MTP', 'no think',
    [1.92, 2.61, 2.97, 3.00, 3.10, 3.16, 3.00, 3.11]),
  curve('deepseek-v4-pro-0813-dspark-think', 'DeepSeek V4 Pro 0813', 'DSpark', 'think',
    [1.84, 2.51, 3.01, 3.36, 3.61, 3.77, 3.73, 3.47]),
  curve('qwen3.5-397b-mtp-think', 'Qwen3.5-397B', 'MTP', 'think',
    [1.93, 2.73, 3.39, 3.97, 4.41, 4.80, 5.04, 5.21]),
  curve('qwen3.5-397b-mtp', 'Qwen3.5-397B', 'MTP', 'no think',
    [1.92, 2.70, 3.33, 3.83, 4.20, 4.48, 4.73, 4.71]),
  curve('glm-5.2-fp8-mtp-think', 'GLM-5.2 FP8', 'MTP', 'think',
    [1.84, 2.50, 2.99, 3.33, 3.61, 3.78, 3.91, 4.06]),
  curve('kimi-k2.5-nvfp4-eagle3-think', 'Kimi K2.5 NVFP4', 'EAGLE3', 'think',
    [1.83, 2.43, 2.88, 3.24, 3.46, 3.62, 3.71, 3.77]),
  curve('minimax-m3-eagle3-think', 'MiniMax-M3', 'EAGLE3', 'think',
    [1.78, 2.38, 2.83, 3.11, 3.35, 3.45, 3.53, 3.74]),
  curve('minimax-m3-eagle3', 'MiniMax-M3', 'EAGLE3', 'no think',
    [1.84, 2.52, 2.93, 3.41, 3.59, 3.57, 3.85, 4.06]),
  curve('kimi-k3-dspark', 'Kimi K3', 'DSpark', 'standard',
    [1.84, 2.45, 2.87, 3.22, 3.44, 3.54, 3.78, 3.88]),
  curve('kimi-k3-dspark-block', 'Kimi K3', 'DSpark', 'block verify, probabilistic draft',
    [1.85, 2.51, 3.00, 3.36, 3.62, 3.75, 3.84, 4.00]),
];

const SPECULATORS = 'vllm-project/speculators PR 684: Qwen3-8B, LongBench-v2';

export const contextCurves: readonly ContextCurve[] = [
  {
    name: 'eagle3-full-attention',
    drafter: 'EAGLE3, full attention, trained on short contexts',
    points: [
      [2000, 2.295], [4000, 2.04], [8000, 1.69], [10_000, 1.40], [16_000, 1.09], [20_000, 1.08],
    ],
    source: SPECULATORS,
  },
  {
    name: 'eagle3-sliding-window',
    drafter: 'EAGLE3, sliding window',
    points: [[2000, 1.58], [20_000, 1.54]],
    source: SPECULATORS,
  },
];

export const acceptancePoints: readonly AcceptancePoint[] = [
  {
    name: 'llama-3.1-8b-eagle3', drafts: 7, length: 3.53, note: 'MT-Bench, chain',
    source: 'vllm-project/vllm issue 26191',
  },
  {
    name: 'llama-3.1-8b-eagle3-tree-5', drafts: 5, length: 4.68, note: 'MT-Bench, tree of 5 steps',
    source: 'sgl-project/sglang PR 4247',
  },
  {
    name: 'llama-3.1-8b-eagle3-tree-8', drafts: 8, length: 5.39, note: 'MT-Bench, tree of 8 steps',
    source: 'sgl-project/sglang PR 4247',
  },
  {
    name: 'qwen3-mtp-32k', drafts: null, length: 1.57,
    note: 'Qwen3.x MTP at 32K tokens of context and more; accept rate 0.19',
    source: 'sgl-project/sglang issue 30763',
  },
];
