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
    errors: { fit: 2.5, rows: 3.6, shapes: 4.5, systems: 3.6 },
    systems: {
      blackwell: [1.073, 10.74, 13.57, 1.038], b200_sxm: [1.106, 10.38, 14.08, 1],
      b300_sxm: [1.024, 10.92, 13.08, 1.026], gb200: [1.113, 10.93, 13.91, 1.079],
      gb300: [1.042, 11.06, 13.96, 1.056], hopper: [0.8056, 8.202, 12, 0.9156],
      h100_sxm: [0.7996, 8.334, 11.89, 0.8867], h200_sxm: [0.8065, 8.179, 12.35, 0.9222],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 40, held: [],
    errors: { fit: 3.5, rows: 5.5, shapes: 6.3, systems: 4.7 },
    systems: {
      blackwell: [1.049, 10.05, 13.78, 1.055], b200_sxm: [1.05, 9.989, 13.87, 1.056],
      b300_sxm: [1.01, 10.34, 13.67, 1.033], gb200: [1.084, 10, 14.03, 1.056],
      gb300: [1.056, 10.03, 13.92, 1.096], hopper: [0.8828, 6.711, 14.54, 0.9672],
      h100_sxm: [0.8817, 6.848, 14.7, 1.03], h200_sxm: [0.8829, 6.539, 14.56, 0.9028],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 61, held: [],
    errors: { fit: 3.2, rows: 4.6, shapes: 6.7, systems: 4.4 },
    systems: {
      blackwell: [1.095, 10.34, 14.97, 0.7549], b200_sxm: [1.147, 10.07, 15.28, 0.778],
      b300_sxm: [0.9941, 11.06, 15.09, 0.6131], gb200: [1.109, 10.25, 15.38, 0.7531],
      gb300: [1.093, 10.39, 15.38, 0.7884], hopper: [0.8536, 8.935, 12.85, 0.7638],
      h100_sxm: [0.8516, 9.283, 12.81, 0.7019], h200_sxm: [0.8528, 8.898, 12.66, 0.8757],
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
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 46, held: [],
    errors: { fit: 3.4, rows: 4.8, shapes: 6.6, systems: 4.6 },
    systems: {
      blackwell: [1.033, 30.98, 12.69, 0.6523, 1.948],
      b200_sxm: [1.064, 31.28, 12.73, 0.6479, 1.96],
      b300_sxm: [1.006, 30.98, 12.66, 0.5953, 1.936], gb200: [1.032, 32.09, 12.64, 0.6828, 1.935],
      gb300: [0.9996, 31.34, 12.72, 0.671, 1.957], hopper: [0.8625, 24.53, 12.49, 0.5909, 1.87],
      h100_sxm: [0.8527, 24.87, 12.49, 0.5865, 1.872],
      h200_sxm: [0.8659, 25.16, 12.46, 0.5796, 1.86],
    },
  },
  {
    op: 'context_mla', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 42, held: ['longest'],
    errors: { fit: 3, rows: 4.2, shapes: 5.5, systems: 5 },
    systems: {
      blackwell: [1.074, 15.37, 13.89, 0.9, 2.506], b200_sxm: [1.078, 15.6, 13.91, 0.9, 2.511],
      b300_sxm: [1.065, 15.73, 13.83, 0.9, 2.486], gb200: [1.088, 15.76, 14, 0.9, 2.549],
      gb300: [1.07, 14.16, 13.98, 0.9, 2.552], hopper: [1.035, 12.55, 12.69, 0.9, 1.99],
      h100_sxm: [1.028, 11.28, 12.71, 0.9, 2.006], h200_sxm: [1.046, 13.56, 12.59, 0.9, 1.99],
    },
  },
  {
    op: 'moe', dtype: 'fp8', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 25, held: [],
    errors: { fit: 4.1, rows: 6.5, shapes: 8.9, systems: 6.7 },
    systems: {
      blackwell: [0.6669, 0.874, 26.6, 1.01, 0.7382],
      b200_sxm: [0.6661, 0.8758, 27.16, 1.009, 0.7203],
      gb200: [0.6723, 0.8742, 26.52, 1.02, 0.7375], hopper: [0.7534, 0.8816, 27.58, 1.133, 1.5],
      h100_sxm: [0.757, 0.8804, 27.75, 1.139, 1.536],
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
    errors: { fit: 2.9, rows: 4.7, shapes: 5.7, systems: 6.7 },
    systems: {
      blackwell: [0.8249, 0.9233, 26.92, 1.074, 2.017],
      b200_sxm: [0.8285, 0.9216, 26.85, 1.078, 2.027], gb200: [0.8275, 0.925, 27.33, 1.078, 2.018],
      hopper: [0.8694, 0.9204, 30.74, 1.125, 1.5], h100_sxm: [0.8756, 0.9189, 30.81, 1.133, 1.531],
    },
  },
  {
    op: 'moe', dtype: 'w4a16_mxfp4', kvDtype: '', kernelSource: 'moe_torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 28, held: [],
    errors: { fit: 6.8, rows: 11.4, shapes: 16.6, systems: 9.1 },
    systems: {
      blackwell: [0.141, 0.1938, 36.07, 0.6984, 1.578],
      b200_sxm: [0.1507, 0.1856, 36.11, 0.6992, 1.579],
      b300_sxm: [0.133, 0.2022, 36.24, 0.698, 1.581], gb200: [0.1443, 0.2033, 36.4, 0.6987, 1.581],
      gb300: [0.141, 0.1938, 36.07, 0.6984, 1.578], hopper: [0.2892, 0.6317, 68.31, 0.7327, 1.5],
      h100_sxm: [0.2892, 0.6317, 69.18, 0.7327, 1.5],
      h200_sxm: [0.2868, 0.6599, 69.94, 0.7323, 1.496],
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
    errors: { fit: 7.3, rows: 9.7, shapes: 8.9, systems: 7.7 },
    systems: {
      blackwell: [0.8202, 0.861, 17.44, 1.379, 0.8854],
      b200_sxm: [0.8303, 0.8669, 17.73, 1.425, 0.7726],
      gb200: [0.8419, 0.8589, 17.67, 1.376, 0.9772],
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
    errors: { fit: 5.9, rows: 9.4, shapes: 10.4, systems: 7.6 },
    systems: {
      blackwell: [0.6448, 0.7734, 15.69, 0.9698, 0.4364],
      b200_sxm: [0.6448, 0.7596, 15.67, 0.9698, 0.3548],
      b300_sxm: [0.6448, 0.7734, 15.69, 0.9698, 0.4364],
      gb200: [0.657, 0.7862, 15.83, 0.9887, 0.2654],
      gb300: [0.6558, 0.7789, 15.78, 0.9868, 0.6104],
    },
  },
];
