// SPDX-License-Identifier: Apache-2.0
// Everything the numeric module exports. The rules are those of assembly/index.ts: flat names, noun
// first, plain numbers. It is a module of its own so that the core stays small for those who embed
// the KV kernels alone.

/** Raised whenever a signature, a layout or a status code changes. */
export function abi_version(): u32 {
  return 1;
}

/** 1 when this build uses 128-bit SIMD, 0 for the scalar build. */
export function build_simd(): u32 {
  return ASC_FEATURE_SIMD ? 1 : 0;
}

export {
  arena_init,
  arena_reserve,
  arena_base,
  arena_top,
  arena_take,
  arena_give,
  arena_adopt,
} from "./arena";

// Number formats (assembly/quant)
export { codec_encode, codec_decode, codec_stochastic } from "./quant/codec";
export {
  nvfp4_scale_bytes,
  nvfp4_quantize,
  nvfp4_dequantize,
  nvfp4_sqnr,
} from "./quant/nvfp4";
export { nvfp4_swizzle } from "./quant/nvfp4/layout";
export { hadamard16 } from "./quant/hadamard";
export {
  kv_fp8_encode,
  kv_fp8_decode,
  kv_affine_encode,
  kv_affine_decode,
  kv_fp4_encode,
  kv_fp4_decode,
} from "./quant/kv-formats";
export { ggml_encode, ggml_decode } from "./quant/ggml";

// Speculative decoding (assembly/spec)
export { spec_check_rows } from "./spec/rows";
export { spec_greedy, spec_random, spec_typical } from "./spec/verify";
export { spec_block, spec_block_token } from "./spec/block";
export { tree_build, tree_greedy, tree_sample } from "./spec/tree";
export { spec_ngram } from "./spec/ngram";
export { spec_rates, spec_expected_length } from "./spec/rates";
export {
  suffix_bytes,
  suffix_create,
  suffix_destroy,
  suffix_clear,
  suffix_learn,
  suffix_draft,
  suffix_nodes,
  suffix_check,
} from "./spec/suffix";

// Expert routing (assembly/moe)
export { moe_route } from "./moe/route";
export { moe_align_cap, moe_align, moe_permute, moe_capacity, moe_dispatch } from "./moe/align";
export { eplb_pack, eplb_replicate, eplb_rebalance } from "./moe/eplb";
