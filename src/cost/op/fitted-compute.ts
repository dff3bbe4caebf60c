// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of products, attention and experts. */
export const FITTED_COMPUTE: readonly FittedFamily[] = [
  {
    op: 'gemm', dtype: 'bfloat16', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 74, held: [],
    errors: { fit: 4.6, rows: 5.7, shapes: 7.2, systems: 5.8 },
    systems: {
      hopper: [0.7889, 0.9108, 1.935, 1.479], h100_sxm: [0.7863, 0.9101, 1.937, 1.543],
      h200_sxm: [0.7928, 0.9196, 1.93, 1.469], blackwell: [0.6872, 0.8583, 1.152, 1.332],
      b200_sxm: [0.6536, 0.8658, 1.128, 1.184], b300_sxm: [0.7001, 0.8606, 1.129, 1.353],
      gb200: [0.6591, 0.8634, 1.125, 1.309], gb300: [0.7455, 0.8502, 1.145, 1.458],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 73, held: [],
    errors: { fit: 4.5, rows: 5.8, shapes: 6.8, systems: 5.9 },
    systems: {
      hopper: [0.7372, 0.8558, 10.76, 0.795, 0.3833],
      h100_sxm: [0.7539, 0.861, 10.82, 0.8033, 0.3872],
      h200_sxm: [0.7359, 0.8563, 10.78, 0.7744, 0.3358],
      blackwell: [0.714, 0.8509, 10.31, 2.022, 0.2674],
      b200_sxm: [0.7323, 0.8405, 10.41, 2.04, 0.2622],
      b300_sxm: [0.7304, 0.8511, 10.34, 2.042, 0.2583],
      gb200: [0.6294, 0.8662, 10.15, 2.034, 0.2933], gb300: [0.7539, 0.8529, 10.43, 2.09, 0.3023],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'torch_flow', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 29, held: [],
    errors: { fit: 4.2, rows: 5.2, shapes: 11.6, systems: 6.2 },
    systems: {
      hopper: [0.618, 0.8999, 4.475, 0, 0.436, 0.202],
      h100_sxm: [0.6318, 0.9087, 4.594, 0, 0.4374, 0.2084],
      h200_sxm: [0.6015, 0.9138, 4.318, 0, 0.4052, 0.1955],
    },
  },
  {
    op: 'context_attention', dtype: 'fp8', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 74, held: [],
    errors: { fit: 3.1, rows: 4.7, shapes: 9, systems: 13.4 },
    systems: {
      hopper: [0.3942, 0.2616, 12.34, 1.021], h100_sxm: [0.3939, 0.3194, 12.09, 1.011],
      h200_sxm: [0.3973, 0.2227, 12.66, 1.029], blackwell: [0.4312, 0.2003, 13.7, 2.599],
      b200_sxm: [0.3722, 0.1879, 13.84, 2.442], b300_sxm: [0.4972, 0.2081, 13.29, 2.56],
      gb200: [0.3699, 0.2, 13.95, 2.562], gb300: [0.5063, 0.2083, 13.85, 2.483],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 40, held: [],
    errors: { fit: 4.9, rows: 9, shapes: 12.2, systems: 14.4 },
    systems: {
      hopper: [0.8622, 0.2205, 15.41, 1.058], h100_sxm: [0.8684, 0.2599, 15.43, 1.149],
      h200_sxm: [0.8581, 0.1813, 15.33, 0.9511], blackwell: [0.7685, 0.2045, 14.83, 1.858],
      b200_sxm: [0.7044, 0.1753, 14.89, 1.98], b300_sxm: [0.8191, 0.234, 14.53, 1.778],
      gb200: [0.7213, 0.1756, 15.08, 2.156], gb300: [0.8577, 0.2205, 14.99, 1.871],
    },
  },
  {
    op: 'context_attention', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 61, held: [],
    errors: { fit: 3.2, rows: 4.8, shapes: 8.7, systems: 10.3 },
    systems: {
      hopper: [0.5679, 0.2619, 13.49, 0.8469], h100_sxm: [0.5705, 0.3254, 13.44, 0.8049],
      h200_sxm: [0.5605, 0.2394, 13.11, 0.9473], blackwell: [0.6263, 0.1948, 15.33, 1.697],
      b200_sxm: [0.5907, 0.1783, 15.67, 1.867], b300_sxm: [0.6457, 0.2088, 15.04, 1.482],
      gb200: [0.5561, 0.1864, 15.45, 1.762], gb300: [0.7011, 0.2012, 15.56, 1.768],
    },
  },
  {
    op: 'generation_attention', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 83, held: ['spill', 'block'],
    errors: { fit: 4.4, rows: 5.8, shapes: 6.9, systems: 5.9 },
    systems: {
      hopper: [0.8796, 0.5902, 6, 1.816, 2, 6.842], h100_sxm: [0.8843, 0.6474, 6, 1.771, 2, 6.945],
      h200_sxm: [0.8723, 0.4802, 6, 1.758, 2, 6.81], blackwell: [0.9681, 1.684, 6, 1.622, 2, 9.96],
      b200_sxm: [0.9706, 1.654, 6, 1.641, 2, 9.895], b300_sxm: [0.97, 1.72, 6, 1.476, 2, 9.719],
      gb200: [0.9711, 1.656, 6, 1.663, 2, 10.39], gb300: [0.9716, 1.754, 6, 1.615, 2, 10.27],
    },
  },
  {
    op: 'generation_attention', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 74, held: ['spill', 'block'],
    errors: { fit: 4.1, rows: 5.4, shapes: 5.7, systems: 5.8 },
    systems: {
      hopper: [0.8558, 0.5999, 6, 1.648, 2, 10.99], h100_sxm: [0.8613, 0.685, 6, 1.682, 2, 10.87],
      h200_sxm: [0.8449, 0.5147, 6, 1.605, 2, 11.2],
      blackwell: [0.9795, 1.655, 6, 1.789, 2, 10.16],
      b200_sxm: [0.9867, 1.668, 6, 1.743, 2, 10.06], b300_sxm: [0.9847, 1.676, 6, 1.801, 2, 10.02],
      gb200: [0.9794, 1.65, 6, 1.871, 2, 10.55], gb300: [0.9743, 1.673, 6, 1.524, 2, 10.57],
    },
  },
  {
    op: 'generation_mla', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 71, held: ['spill'],
    errors: { fit: 4.6, rows: 9.5, shapes: 8.8, systems: 7 },
    systems: {
      hopper: [0.7487, 0.9348, 5, 2.727, 13.72, 0.2923],
      h100_sxm: [0.7863, 0.9548, 5, 2.48, 14.3, 0.167],
      h200_sxm: [0.7315, 0.9331, 5, 2.764, 13.79, 0.3317],
      blackwell: [0.9455, 0.7372, 5, 2.549, 11.2, 0.3888],
      b200_sxm: [0.954, 0.7394, 5, 2.476, 11.02, 0.3899],
      b300_sxm: [0.9637, 0.743, 5, 2.428, 11.75, 0.3168],
      gb200: [0.9496, 0.7411, 5, 2.624, 11.21, 0.4493],
      gb300: [0.9537, 0.7302, 5, 2.459, 11.55, 0.3035],
    },
  },
  {
    op: 'generation_mla', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 68, held: ['spill'],
    errors: { fit: 4.3, rows: 6.8, shapes: 8.4, systems: 7.9 },
    systems: {
      hopper: [0.796, 0.8131, 5, 2.474, 13.5, 0.2473],
      h100_sxm: [0.8175, 0.8656, 5, 2.404, 13.75, 0.2115],
      h200_sxm: [0.7827, 0.7152, 5, 2.382, 13.73, 0.2738],
      blackwell: [0.719, 0.878, 5, 2.536, 9.741, 0.2664],
      b200_sxm: [0.7233, 0.8964, 5, 2.42, 9.853, 0.2606],
      b300_sxm: [0.733, 0.875, 5, 2.209, 9.481, 0.2654],
      gb200: [0.7154, 0.879, 5, 2.707, 9.761, 0.29],
      gb300: [0.7086, 0.862, 5, 2.647, 10.38, 0.2656],
    },
  },
  {
    op: 'context_mla', dtype: 'bfloat16', kvDtype: 'bfloat16', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 46, held: ['longest'],
    errors: { fit: 3.6, rows: 5.1, shapes: 6.7, systems: 7 },
    systems: {
      hopper: [0.6075, 0.873, 11.48, 0.9, 1.665], h100_sxm: [0.6105, 0.9047, 11.41, 0.9, 1.64],
      h200_sxm: [0.6041, 0.8424, 11.47, 0.9, 1.671],
      blackwell: [0.5997, 0.6672, 15.09, 0.9, 3.184],
      b200_sxm: [0.5903, 0.6337, 15.43, 0.9, 3.275], b300_sxm: [0.6528, 0.7054, 14.89, 0.9, 3.121],
      gb200: [0.5626, 0.6603, 15.26, 0.9, 3.282], gb300: [0.6445, 0.6863, 15.12, 0.9, 3.187],
    },
  },
  {
    op: 'context_mla', dtype: 'bfloat16', kvDtype: 'fp8', kernelSource: 'default',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 42, held: ['longest'],
    errors: { fit: 4.6, rows: 6.9, shapes: 10.8, systems: 9.6 },
    systems: {
      hopper: [0.7332, 0.405, 14.02, 0.9, 2.813], h100_sxm: [0.7327, 0.429, 14.07, 0.9, 2.852],
      h200_sxm: [0.7412, 0.3759, 14, 0.9, 2.856], blackwell: [0.8892, 0.3107, 16.53, 0.9, 4.123],
      b200_sxm: [0.8594, 0.2931, 16.77, 0.9, 4.178], b300_sxm: [0.9917, 0.3528, 16.51, 0.9, 4.098],
      gb200: [0.8515, 0.2896, 16.87, 0.9, 4.26], gb300: [0.9378, 0.3219, 16.91, 0.9, 4.244],
    },
  },
  {
    op: 'moe', dtype: 'fp8', kvDtype: '', kernelSource: 'moe_torch_flow_cutlass',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 25, held: [],
    errors: { fit: 4.9, rows: 8.5, shapes: 10, systems: 6.7 },
    systems: {
      hopper: [0.706, 0.938, 27.19, 0.7354, 1.5], h100_sxm: [0.713, 0.9371, 27.44, 0.7224, 1.556],
      blackwell: [0.5992, 0.9338, 26.39, 0.7548, 0.6985],
      b200_sxm: [0.6013, 0.9486, 27.11, 0.7498, 0.59],
      gb200: [0.6103, 0.9223, 26.21, 0.7772, 0.7399],
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
    errors: { fit: 4.2, rows: 6.8, shapes: 7.5, systems: 8.2 },
    systems: {
      hopper: [0.7556, 0.9575, 29.86, 0.8055, 1.5],
      h100_sxm: [0.7621, 0.9557, 29.95, 0.7995, 1.544],
      blackwell: [0.7181, 0.9773, 26.32, 0.7975, 2.13],
      b200_sxm: [0.7245, 0.9799, 26.27, 0.7971, 2.157],
      gb200: [0.7142, 0.978, 26.92, 0.7884, 2.128],
    },
  },
  {
    op: 'moe', dtype: 'w4a16_mxfp4', kvDtype: '', kernelSource: 'moe_torch_flow',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 28, held: [],
    errors: { fit: 8.4, rows: 17.4, shapes: 22.5, systems: 15.8 },
    systems: {
      hopper: [0.8726, 1.154, 70.06, 0.0539, 1.5], h100_sxm: [0.8726, 1.154, 71.04, 0.0539, 1.5],
      h200_sxm: [0.9105, 1.175, 71.28, 0.05, 1.473],
      blackwell: [0.1601, 0.9611, 36.35, 0.1038, 1.621],
      b200_sxm: [0.156, 0.9602, 36.47, 0.1732, 1.623],
      b300_sxm: [0.1726, 0.9611, 36.37, 0.07245, 1.627],
      gb200: [0.1557, 0.9607, 36.5, 0.1281, 1.623], gb300: [0.1601, 0.9611, 36.35, 0.1038, 1.621],
    },
  },
  {
    op: 'compute_scale', dtype: 'fp8', kvDtype: '', kernelSource: 'torch_ops', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 33, held: [],
    errors: { fit: 12.1, rows: 16, shapes: 14.2, systems: 15.5 },
    systems: {
      hopper: [6.684, 0.3802], h100_sxm: [6.69, 0.4414], h200_sxm: [6.748, 0.3181],
      blackwell: [7.808, 0.4004], b200_sxm: [7.98, 0.4127], b300_sxm: [7.808, 0.4119],
      gb200: [8.645, 0.4004], gb300: [8.309, 0.4199],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'deepgemm', framework: 'TRTLLM',
    version: '1.3.0rc20', rows: 53, held: ['wave'],
    errors: { fit: 3.2, rows: 4.1, shapes: 5.4, systems: 5.5 },
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
    errors: { fit: 5.8, rows: 7.4, shapes: 10.8, systems: 11 },
    systems: {
      blackwell: [0.4305, 0.846, 6.345, 0.9577, 0.3363, 0.3],
      b200_sxm: [0.439, 0.8555, 6.353, 0.9453, 0.397, 0.3],
      b300_sxm: [0.3771, 0.8462, 6.34, 0.9778, 0.3236, 0.3],
      gb200: [0.4831, 0.8535, 6.656, 0.7197, 0.3405, 0.3],
      gb300: [0.4042, 0.8475, 6.857, 0.935, 0.2, 0.3],
    },
  },
  {
    op: 'gemm', dtype: 'nvfp4', kvDtype: '', kernelSource: 'sglang_flashinfer_cutedsl_nvfp4',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 10.3, rows: 10.8, shapes: 15.9, systems: -1 },
    systems: {
      blackwell: [0.4301, 0.8367, 0.1136, 0.9289, 0.337, 0.3917],
      b200_sxm: [0.4379, 0.8448, 0.253, 0.8918, 0.4002, 0.4355],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'sglang_sgl_kernel_fp8_scaled_mm',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise'],
    errors: { fit: 12.8, rows: 21, shapes: 16.4, systems: -1 },
    systems: {
      blackwell: [0.714, 0.8509, 4.126, 2.022, 0.2674],
      b200_sxm: [0.7323, 0.8405, 4.075, 2.04, 0.2622],
    },
  },
  {
    op: 'gemm', dtype: 'bfloat16', kvDtype: '', kernelSource: 'sglang_torch_linear',
    framework: 'SGLang', version: '0.5.14', rows: 3, held: ['compute', 'memory', 'walk'],
    errors: { fit: 6, rows: 9.7, shapes: 21.8, systems: -1 },
    systems: {
      blackwell: [0.6872, 0.8583, 1.81, 1.332], b200_sxm: [0.6536, 0.8658, 2.082, 1.184],
    },
  },
  {
    op: 'gemm', dtype: 'fp8_block', kvDtype: '', kernelSource: 'sglang_deepgemm_gemm_nt_f8f8bf16',
    framework: 'SGLang', version: '0.5.14', rows: 4,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 11.3, rows: 19.5, shapes: 14, systems: -1 },
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
    errors: { fit: 7.6, rows: 10.9, shapes: 22.7, systems: -1 },
    systems: {
      blackwell: [0.6872, 0.8583, 1.566, 1.332], b200_sxm: [0.6536, 0.8658, 1.838, 1.184],
    },
  },
  {
    op: 'gemm', dtype: 'nvfp4', kvDtype: '', kernelSource: 'FlashInferCuteDslNvFp4LinearKernel',
    framework: 'VLLM', version: '0.24.0', rows: 3,
    held: ['compute', 'memory', 'walk', 'quantise', 'wave'],
    errors: { fit: 13, rows: 13, shapes: 25.3, systems: -1 },
    systems: {
      blackwell: [0.4301, 0.8367, 0, 0.9289, 0.337, 0.3917],
      b200_sxm: [0.4379, 0.8448, 0, 0.8918, 0.4002, 0.4355],
    },
  },
  {
    op: 'gemm', dtype: 'fp8', kvDtype: '', kernelSource: 'CutlassFP8ScaledMMLinearKernel',
    framework: 'VLLM', version: '0.24.0', rows: 4, held: ['compute', 'memory', 'walk', 'quantise'],
    errors: { fit: 30.4, rows: 51.7, shapes: 34.6, systems: -1 },
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
    errors: { fit: 6.2, rows: 12.5, shapes: 11.8, systems: 9 },
    systems: {
      blackwell: [0.758, 0.9155, 15.58, 0.486, 0.2788],
      b200_sxm: [0.7566, 0.9012, 15.51, 0.4832, 0.2422],
      b300_sxm: [0.758, 0.9155, 15.58, 0.486, 0.2788],
      gb200: [0.7812, 0.9353, 15.79, 0.5793, 0.1771],
      gb300: [0.7742, 0.9088, 15.74, 0.5447, 0.5732],
    },
  },
];
