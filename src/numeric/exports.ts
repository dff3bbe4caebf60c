// SPDX-License-Identifier: Apache-2.0
import type { ArenaExports } from '../core/index.js';

/**
 * Raw exports of the numeric module: what assembly/numeric.ts exports. Pointers are byte offsets;
 * u32 results arrive as signed and need `>>> 0`. Meanings: docs/abi-numeric.md.
 */
export interface NumericExports extends ArenaExports {
  // Formats (assembly/quant)
  codec_encode(format: number, x: number, dtype: number, n: number, out: number): number;
  codec_decode(format: number, codes: number, n: number, out: number): number;
  codec_stochastic(x: number, random: number, n: number, out: number): number;
  nvfp4_scale_bytes(rows: number, cols: number, mode: number): number;
  nvfp4_quantize(
    x: number, dtype: number, rows: number, cols: number, codes: number, scales: number,
    amax: number, mode: number, random: number, stats: number,
  ): number;
  nvfp4_dequantize(
    codes: number, scales: number, amax: number, rows: number, cols: number, mode: number,
    out: number,
  ): number;
  nvfp4_swizzle(from: number, rows: number, blocks: number, to: number, back: number): number;
  nvfp4_sqnr(signal: number, noise: number): number;
  hadamard16(x: number, dtype: number, n: number, negative: number, out: number): number;
  kv_fp8_encode(x: number, dtype: number, n: number, scale: number, out: number): number;
  kv_fp8_decode(codes: number, n: number, scale: number, out: number): number;
  kv_affine_encode(
    x: number, dtype: number, rows: number, cols: number, bits: number, codes: number,
    scales: number, zeros: number,
  ): number;
  kv_affine_decode(
    codes: number, scales: number, zeros: number, rows: number, cols: number, bits: number,
    out: number,
  ): number;
  kv_fp4_encode(x: number, dtype: number, n: number, codes: number, scales: number): number;
  kv_fp4_decode(codes: number, scales: number, n: number, out: number): number;
  ggml_encode(format: number, x: number, dtype: number, n: number, blocks: number): number;
  ggml_decode(format: number, blocks: number, n: number, out: number): number;

  // Speculative decoding (assembly/spec)
  spec_check_rows(p: number, rows: number, vocab: number, tolerance: number): number;
  spec_greedy(
    drafts: number, cu: number, batch: number, argmax: number, bonus: number, maxSpec: number,
    out: number,
  ): number;
  spec_random(
    drafts: number, cu: number, batch: number, vocab: number, target: number, draft: number,
    exponentials: number, uniform: number, bonus: number, rates: number, rateCount: number,
    mode: number, maxSpec: number, out: number, recovered: number,
  ): number;
  spec_typical(
    drafts: number, cu: number, batch: number, vocab: number, target: number, exponentials: number,
    bonus: number, epsilon: number, delta: number, maxSpec: number, out: number,
  ): number;
  spec_block(
    drafts: number, k: number, vocab: number, target: number, draft: number, uniform: number,
    thresholds: number, joint: number,
  ): number;
  spec_block_token(
    draftToken: number, vocab: number, target: number, draft: number, scale: number, noise: number,
  ): number;
  tree_build(
    parents: number, count: number, selected: number, nodes: number, topk: number, seqLen: number,
    mask: number, positions: number, nextToken: number, nextSibling: number,
  ): number;
  tree_greedy(
    candidates: number, argmax: number, nextToken: number, nextSibling: number, nodes: number,
    numSpec: number, accepted: number, predicts: number,
  ): number;
  tree_sample(
    candidates: number, target: number, vocab: number, coins: number, coinFinal: number,
    thresholdSingle: number, thresholdAcc: number, nextToken: number, nextSibling: number,
    nodes: number, numSpec: number, accepted: number, predicts: number,
  ): number;
  spec_ngram(
    tokens: number, length: number, minN: number, maxN: number, maxModelLen: number, k: number,
    out: number,
  ): number;
  spec_rates(length: number, n: number, unconditional: number, conditional: number): number;
  spec_expected_length(alpha: number, drafts: number): number;

  // Expert routing (assembly/moe)
  moe_route(
    kind: number, scoring: number, logits: number, tokens: number, experts: number, k: number,
    bias: number, groups: number, keptGroups: number, scale: number, options: number, ids: number,
    weights: number, groupIds: number, scoresOut: number,
  ): number;
  moe_align_cap(tokens: number, k: number, experts: number, block: number, padded: number): number;
  moe_align(
    ids: number, tokens: number, k: number, experts: number, block: number, padded: number,
    map: number, sorted: number, blockExperts: number,
  ): number;
  moe_permute(
    ids: number, n: number, experts: number, order: number, offsets: number, inverse: number,
  ): number;
  moe_capacity(
    ids: number, tokens: number, k: number, experts: number, capacity: number, out: number,
  ): number;
  moe_dispatch(
    ids: number, tokens: number, k: number, experts: number, ranks: number, ranksPerNode: number,
    perRank: number, perNode: number, perExpert: number, inRank: number,
  ): number;
  eplb_pack(weight: number, n: number, packs: number, index: number, ranks: number): number;
  eplb_replicate(
    weight: number, n: number, slots: number, phy2log: number, ranks: number, counts: number,
  ): number;
  eplb_rebalance(
    weight: number, experts: number, slots: number, groups: number, nodes: number, gpus: number,
    phy2log: number, ranks: number, counts: number,
  ): number;

  // Speculative decoding (assembly/spec)
  suffix_bytes(depth: number, nodes: number): number;
  suffix_create(depth: number, nodes: number): number;
  suffix_destroy(handle: number): number;
  suffix_clear(handle: number): number;
  suffix_learn(handle: number, tokens: number, n: number, fresh: number): number;
  suffix_draft(
    handle: number, tokens: number, n: number, k: number, factor: number, least: number,
    out: number, probabilities: number,
  ): number;
  suffix_nodes(handle: number): number;
  suffix_check(handle: number): number;
}
