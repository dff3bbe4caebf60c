// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of products, attention and experts. */
export const FITTED_COMPUTE: readonly FittedFamily[] = [
  {
    op: 'gemm', dtype: 'bfloat16', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 74, held: [],
    errors: { fit: 4.6, rows: 5.6, shapes: 7.3, systems: 5.8 },
    systems: {
      blackwell: [0.6872, 0.8583, 1.152, 1.332], b200_sxm: [0.6536, 0.8658, 1.128, 1.184],
      b300_sxm: [0.7001, 0.8606, 1.129, 1.353], gb200: [0.6591, 0.8634, 1.125, 1.309],
      gb300: [0.7455, 0.8502, 1.145, 1.458], hopper: [0.7889, 0.9108, 1.935, 1.479],
      h100_sxm: [0.7863, 0.9101, 1.937, 1.543], h200_sxm: [0.7928, 0.9196, 1.93, 1.469],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 73, held: [],
    errors: { fit: 4.5, rows: 5.8, shapes: 6.9, systems: 5.9 },
    systems: {
      blackwell: [0.714, 0.8509, 10.31, 2.022, 0.2674],
      b200_sxm: [0.7323, 0.8405, 10.41, 2.04, 0.2622],
      b300_sxm: [0.7304, 0.8511, 10.34, 2.042, 0.2583],
      gb200: [0.6294, 0.8662, 10.15, 2.034, 0.2933], gb300: [0.7453, 0.8518, 10.39, 2.061, 0.2953],
      hopper: [0.7372, 0.8558, 10.76, 0.795, 0.3833],
      h100_sxm: [0.7539, 0.861, 10.82, 0.8033, 0.3872],
      h200_sxm: [0.7359, 0.8563, 10.78, 0.7744, 0.3358],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 29, held: ['wave'],
    errors: { fit: 4.4, rows: 5.4, shapes: 11.6, systems: 6.7 },
    systems: {
      hopper: [0.6268, 0.891, 4.115, 0, 0.4114, 0.3],
      h100_sxm: [0.6362, 0.898, 4.279, 0, 0.4216, 0.3],
      h200_sxm: [0.6163, 0.9047, 3.87, 0, 0.3638, 0.3],
    },
  },
  {
    op: 'context_attention', dtype: 'fp8', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 74, held: [],
    errors: { fit: 3.1, rows: 4.7, shapes: 9.4, systems: 13.4 },
    systems: {
      blackwell: [0.4295, 0.2008, 13.72, 2.584], b200_sxm: [0.372, 0.1881, 13.86, 2.434],
      b300_sxm: [0.4968, 0.2083, 13.31, 2.551], gb200: [0.3696, 0.2002, 13.97, 2.554],
      gb300: [0.5059, 0.2085, 13.87, 2.473], hopper: [0.3933, 0.2627, 12.36, 1.016],
      h100_sxm: [0.3938, 0.3196, 12.11, 1.008], h200_sxm: [0.3972, 0.2229, 12.68, 1.026],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 40, held: [],
    errors: { fit: 5.5, rows: 9.3, shapes: 12.3, systems: 14.4 },
    systems: {
      blackwell: [0.7685, 0.2045, 14.83, 1.858], b200_sxm: [0.7238, 0.172, 14.91, 1.939],
      b300_sxm: [0.8046, 0.2358, 14.6, 1.772], gb200: [0.7293, 0.1725, 15.07, 2.082],
      gb300: [0.8287, 0.225, 14.91, 1.826], hopper: [0.8622, 0.2205, 15.41, 1.058],
      h100_sxm: [0.8682, 0.2542, 15.44, 1.111], h200_sxm: [0.8594, 0.1855, 15.35, 0.9891],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 61, held: [],
    errors: { fit: 3.2, rows: 4.9, shapes: 8.8, systems: 10.3 },
    systems: {
      blackwell: [0.6263, 0.1948, 15.33, 1.697], b200_sxm: [0.5948, 0.1762, 15.57, 1.82],
      b300_sxm: [0.6457, 0.2088, 15.04, 1.482], gb200: [0.5561, 0.1864, 15.45, 1.762],
      gb300: [0.7011, 0.2012, 15.56, 1.768], hopper: [0.5679, 0.2619, 13.49, 0.8469],
      h100_sxm: [0.574, 0.3106, 13.45, 0.8093], h200_sxm: [0.5605, 0.2394, 13.11, 0.9473],
    },
  },
  {
    op: 'generation_attention', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 83, held: ['spill', 'block'],
    errors: { fit: 4.4, rows: 5.8, shapes: 6.8, systems: 5.9 },
    systems: {
      blackwell: [0.9681, 1.684, 6, 1.622, 2, 9.96], b200_sxm: [0.9706, 1.654, 6, 1.641, 2, 9.895],
      b300_sxm: [0.97, 1.72, 6, 1.476, 2, 9.719], gb200: [0.9711, 1.656, 6, 1.663, 2, 10.39],
      gb300: [0.9716, 1.754, 6, 1.615, 2, 10.27], hopper: [0.8796, 0.5902, 6, 1.816, 2, 6.842],
      h100_sxm: [0.8843, 0.6474, 6, 1.771, 2, 6.945],
      h200_sxm: [0.8723, 0.4802, 6, 1.758, 2, 6.81],
    },
  },
  {
    op: 'generation_attention', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 74, held: ['spill', 'block'],
    errors: { fit: 4.1, rows: 5.4, shapes: 5.6, systems: 5.8 },
    systems: {
      blackwell: [0.9795, 1.655, 6, 1.789, 2, 10.16],
      b200_sxm: [0.9867, 1.668, 6, 1.743, 2, 10.06], b300_sxm: [0.9847, 1.676, 6, 1.801, 2, 10.02],
      gb200: [0.9794, 1.65, 6, 1.871, 2, 10.55], gb300: [0.9743, 1.673, 6, 1.524, 2, 10.57],
      hopper: [0.8558, 0.5999, 6, 1.648, 2, 10.99], h100_sxm: [0.8613, 0.685, 6, 1.682, 2, 10.87],
      h200_sxm: [0.8449, 0.5147, 6, 1.605, 2, 11.2],
    },
  },
  {
    op: 'generation_mla', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 71, held: ['spill'],
    errors: { fit: 4.6, rows: 9.4, shapes: 8.7, systems: 7 },
    systems: {
      blackwell: [0.9455, 0.7372, 5, 2.549, 11.2, 0.3888],
      b200_sxm: [0.954, 0.7394, 5, 2.476, 11.02, 0.3899],
      b300_sxm: [0.9637, 0.743, 5, 2.428, 11.75, 0.3168],
      gb200: [0.9496, 0.7411, 5, 2.624, 11.21, 0.4493],
      gb300: [0.9537, 0.7302, 5, 2.459, 11.55, 0.3035],
      hopper: [0.7487, 0.9348, 5, 2.727, 13.72, 0.2923],
      h100_sxm: [0.7863, 0.9548, 5, 2.48, 14.3, 0.167],
      h200_sxm: [0.7393, 0.9338, 5, 2.759, 13.77, 0.3167],
    },
  },
  {
    op: 'generation_mla', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 68, held: ['spill'],
    errors: { fit: 4.3, rows: 6.7, shapes: 8.5, systems: 7.9 },
    systems: {
      blackwell: [0.719, 0.878, 5, 2.536, 9.741, 0.2664],
      b200_sxm: [0.7233, 0.8964, 5, 2.42, 9.853, 0.2606],
      b300_sxm: [0.733, 0.875, 5, 2.209, 9.481, 0.2654],
      gb200: [0.7175, 0.8788, 5, 2.68, 9.766, 0.2805],
      gb300: [0.7086, 0.862, 5, 2.647, 10.38, 0.2656],
      hopper: [0.796, 0.8131, 5, 2.474, 13.5, 0.2473],
      h100_sxm: [0.8175, 0.8656, 5, 2.404, 13.75, 0.2115],
      h200_sxm: [0.7827, 0.7152, 5, 2.382, 13.73, 0.2738],
    },
  },
  {
    op: 'context_mla', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 46, held: ['longest'],
    errors: { fit: 3.9, rows: 5.1, shapes: 6.8, systems: 7 },
    systems: {
      blackwell: [0.5997, 0.6672, 15.09, 0.9, 3.184], b200_sxm: [0.5901, 0.6405, 15.3, 0.9, 3.241],
      b300_sxm: [0.6436, 0.6982, 14.95, 0.9, 3.138], gb200: [0.5665, 0.6573, 15.2, 0.9, 3.241],
      gb300: [0.6343, 0.6869, 15.08, 0.9, 3.179], hopper: [0.6075, 0.873, 11.48, 0.9, 1.665],
      h100_sxm: [0.6112, 0.8933, 11.44, 0.9, 1.649], h200_sxm: [0.6036, 0.8567, 11.48, 0.9, 1.67],
    },
  },
  {
    op: 'context_mla', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 42, held: ['longest'],
    errors: { fit: 5, rows: 7.1, shapes: 10.8, systems: 9.6 },
    systems: {
      blackwell: [0.8892, 0.3107, 16.53, 0.9, 4.123], b200_sxm: [0.87, 0.2908, 16.66, 0.9, 4.154],
      b300_sxm: [0.9551, 0.3573, 16.51, 0.9, 4.106], gb200: [0.862, 0.2859, 16.7, 0.9, 4.193],
      gb300: [0.9166, 0.3249, 16.72, 0.9, 4.182], hopper: [0.7332, 0.405, 14.02, 0.9, 2.813],
      h100_sxm: [0.7338, 0.4251, 14.04, 0.9, 2.832], h200_sxm: [0.7412, 0.3759, 14, 0.9, 2.856],
    },
  },
  {
    op: 'moe', dtype: 'fp8', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 25, held: [],
    errors: { fit: 5, rows: 8.3, shapes: 10, systems: 6.7 },
    systems: {
      blackwell: [0.5992, 0.9338, 26.39, 0.7548, 0.6985],
      b200_sxm: [0.5989, 0.9419, 26.86, 0.7483, 0.6251],
      gb200: [0.6059, 0.9275, 26.29, 0.7694, 0.7358], hopper: [0.706, 0.938, 27.19, 0.7354, 1.5],
      h100_sxm: [0.7099, 0.9373, 27.35, 0.7309, 1.531],
    },
  },
  {
    op: 'moe', dtype: 'fp8_block', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 49, held: [],
    errors: { fit: 7.7, rows: 9, shapes: 9.6, systems: 9.7 },
    systems: {
      hopper: [0.4928, 1.068, 27.24, 0.1586, 4.035],
      h100_sxm: [0.4817, 1.036, 27.58, 0.1723, 4.215],
      h200_sxm: [0.52, 1.126, 27.85, 0.1306, 4.092],
    },
  },
  {
    op: 'moe', dtype: 'bfloat16', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 22, held: [],
    errors: { fit: 4.3, rows: 6.7, shapes: 7.5, systems: 8.2 },
    systems: {
      blackwell: [0.7181, 0.9773, 26.32, 0.7975, 2.13],
      b200_sxm: [0.7226, 0.9794, 26.28, 0.7992, 2.144],
      gb200: [0.7158, 0.9764, 26.65, 0.793, 2.129], hopper: [0.7556, 0.9575, 29.86, 0.8055, 1.5],
      h100_sxm: [0.7598, 0.9564, 29.92, 0.8043, 1.524],
    },
  },
  {
    op: 'moe', dtype: 'w4a16_mxfp4', kvDtype: '', kernelSource: 'moe_torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 28, held: [],
    errors: { fit: 8.5, rows: 17.3, shapes: 22.5, systems: 15.8 },
    systems: {
      blackwell: [0.1601, 0.9611, 36.35, 0.1038, 1.621],
      b200_sxm: [0.1567, 0.9605, 36.43, 0.1598, 1.622],
      b300_sxm: [0.1721, 0.9612, 36.35, 0.07342, 1.624],
      gb200: [0.1562, 0.9608, 36.46, 0.1243, 1.622], gb300: [0.1601, 0.9611, 36.35, 0.1038, 1.621],
      hopper: [0.8726, 1.154, 70.06, 0.0539, 1.5], h100_sxm: [0.8726, 1.154, 70.69, 0.0539, 1.5],
      h200_sxm: [0.894, 1.165, 70.65, 0.05, 1.488],
    },
  },
  {
    op: 'compute_scale', dtype: 'fp8', kvDtype: '', kernelSource: 'torch_ops', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 33, held: [],
    errors: { fit: 12.4, rows: 15.6, shapes: 14.2, systems: 15.5 },
    systems: {
      blackwell: [7.808, 0.4004], b200_sxm: [7.98, 0.4118], b300_sxm: [7.808, 0.4111],
      gb200: [8.338, 0.4004], gb300: [8.148, 0.416], hopper: [6.684, 0.3802],
      h100_sxm: [6.684, 0.4347], h200_sxm: [6.731, 0.3203],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'deepgemm', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 53, held: ['wave'],
    errors: { fit: 3.2, rows: 4, shapes: 5.4, systems: 5.5 },
    systems: {
      blackwell: [0.7186, 0.8642, 4.508, 0.3331, 0.5807, 0.3],
      b200_sxm: [0.7005, 0.865, 4.573, 0.3686, 0.5688, 0.3],
      b300_sxm: [0.7545, 0.8443, 4.285, 0.3797, 0.6152, 0.3],
      gb200: [0.6759, 0.8833, 4.644, 0.2792, 0.5707, 0.3],
      gb300: [0.7466, 0.8744, 4.568, 0.2971, 0.5914, 0.3],
    },
  },
  {
    op: 'gemm', dtype: 'nvfp4', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 42, held: ['wave'],
    errors: { fit: 5.8, rows: 7.3, shapes: 10.9, systems: 11 },
    systems: {
      blackwell: [0.4305, 0.846, 6.345, 0.9577, 0.3363, 0.3],
      b200_sxm: [0.439, 0.8555, 6.353, 0.9453, 0.397, 0.3],
      b300_sxm: [0.3854, 0.846, 6.347, 0.9814, 0.3206, 0.3],
      gb200: [0.4831, 0.8535, 6.656, 0.7197, 0.3405, 0.3],
      gb300: [0.4042, 0.8475, 6.857, 0.935, 0.2, 0.3],
    },
  },
  {
    op: 'gemm', dtype: 'nvfp4', kvDtype: '', kernelSource: 'sglang_flashinfer_cutedsl_nvfp4',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 10.3, rows: 10.8, shapes: 15.5, systems: -1 },
    systems: {
      blackwell: [0.4301, 0.8367, 0.1136, 0.9289, 0.337, 0.3917],
      b200_sxm: [0.4379, 0.8448, 0.253, 0.8918, 0.4002, 0.4355],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'sglang_sgl_kernel_fp8_scaled_mm',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise'],
    errors: { fit: 12.8, rows: 21, shapes: 16.5, systems: -1 },
    systems: {
      blackwell: [0.714, 0.8509, 4.126, 2.022, 0.2674],
      b200_sxm: [0.7323, 0.8405, 4.075, 2.04, 0.2622],
    },
  },
  {
    op: 'gemm', dtype: 'bfloat16', kvDtype: '', kernelSource: 'sglang_torch_linear',
    framework: 'SGLang', version: '0.5.14', rows: 3, held: ['compute', 'memory', 'walk'],
    errors: { fit: 6, rows: 9.7, shapes: 21.3, systems: -1 },
    systems: {
      blackwell: [0.6872, 0.8583, 1.81, 1.332], b200_sxm: [0.6536, 0.8658, 2.082, 1.184],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'sglang_deepgemm_gemm_nt_f8f8bf16',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 11.3, rows: 19.5, shapes: 14.1, systems: -1 },
    systems: {
      blackwell: [0.7186, 0.8669, 16.96, 0.3433, 0.5817, 0.2854],
      b200_sxm: [0.7002, 0.8683, 16.61, 0.3851, 0.5704, 0.2765],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'DeepGemmFp8BlockScaledMMKernel',
    framework: 'VLLM', version: '0.24.0', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 17.2, rows: 21.8, shapes: 34.1, systems: -1 },
    systems: {
      blackwell: [0.7186, 0.8669, 176.3, 0.3433, 0.5817, 0.2854],
      b200_sxm: [0.7002, 0.8683, 176.3, 0.3851, 0.5704, 0.2765],
    },
  },
  {
    op: 'gemm', dtype: 'bfloat16', kvDtype: '', kernelSource: 'torch.nn.functional.linear',
    framework: 'VLLM', version: '0.24.0', rows: 3, held: ['compute', 'memory', 'walk'],
    errors: { fit: 7.6, rows: 10.9, shapes: 22.2, systems: -1 },
    systems: {
      blackwell: [0.6872, 0.8583, 1.566, 1.332], b200_sxm: [0.6536, 0.8658, 1.838, 1.184],
    },
  },
  {
    op: 'gemm', dtype: 'nvfp4', kvDtype: '', kernelSource: 'FlashInferCuteDslNvFp4LinearKernel',
    framework: 'VLLM', version: '0.24.0', rows: 3,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 13, rows: 13, shapes: 25.8, systems: -1 },
    systems: {
      blackwell: [0.4301, 0.8367, 0, 0.9289, 0.337, 0.3917],
      b200_sxm: [0.4379, 0.8448, 0, 0.8918, 0.4002, 0.4355],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'CutlassFP8ScaledMMLinearKernel',
    framework: 'VLLM', version: '0.24.0', rows: 4, held: ['compute', 'memory', 'walk', 'quantise'],
    errors: { fit: 30.4, rows: 51.7, shapes: 34.7, systems: -1 },
    systems: {
      blackwell: [0.714, 0.8509, 11.67, 2.022, 0.2674],
      b200_sxm: [0.7323, 0.8405, 11.67, 2.04, 0.2622],
    },
  },
  {
    op: 'moe', dtype: 'fp8_block', kvDtype: '', kernelSource: 'deepgemm', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 99, held: [],
    errors: { fit: 6.5, rows: 7.5, shapes: 8.1, systems: 6.7 },
    systems: {
      blackwell: [0.5537, 1.1, 31.66, 0.4794, 2.99], b200_sxm: [0.5595, 1.13, 32.24, 0.49, 2.973],
      b300_sxm: [0.5552, 1.092, 30.88, 0.568, 2.996], gb200: [0.5553, 1.098, 31.66, 0.3969, 3.106],
      gb300: [0.5443, 1.091, 32.4, 0.5403, 2.987],
    },
  },
  {
    op: 'moe', dtype: 'nvfp4', kvDtype: '', kernelSource: 'moe_torch_flow_min_latency',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 51, held: [],
    errors: { fit: 19.7, rows: 22.9, shapes: 24.1, systems: 19.9 },
    systems: {
      blackwell: [1, 1.189, 19.26, 2.5, 0.2528], b200_sxm: [1, 1.212, 19.26, 2.589, 0.2406],
      gb200: [1, 1.183, 19.82, 2.578, 0.2635],
    },
  },
  {
    op: 'moe', dtype: 'nvfp4', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 99, held: [],
    errors: { fit: 11.9, rows: 14.2, shapes: 17.8, systems: 16.2 },
    systems: {
      blackwell: [0.2436, 1.3, 32.08, 1.268, 1.439], b200_sxm: [0.2161, 1.244, 41.74, 1.44, 1.605],
      b300_sxm: [0.2768, 1.3, 33.33, 0.9022, 1.551], gb200: [0.3186, 1.3, 32.08, 1.286, 0.4514],
      gb300: [0.2706, 1.3, 36.01, 1.128, 1.573],
    },
  },
  {
    op: 'moe', dtype: 'w4a8_mxfp4_mxfp8', kvDtype: '', kernelSource: 'moe_torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 23, held: [],
    errors: { fit: 6.4, rows: 10.9, shapes: 11.8, systems: 9 },
    systems: {
      blackwell: [0.758, 0.9155, 15.58, 0.486, 0.2788],
      b200_sxm: [0.7564, 0.9071, 15.55, 0.4824, 0.2421],
      b300_sxm: [0.758, 0.9155, 15.58, 0.486, 0.2788],
      gb200: [0.7713, 0.9266, 15.7, 0.5451, 0.1876], gb300: [0.7675, 0.9125, 15.68, 0.5268, 0.502],
    },
  },
];
