// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of collectives and of expert all-to-all. */
export const FITTED_LINKS: readonly FittedFamily[] = [
  {
    op: 'nccl_all_gather', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 43, held: [],
    errors: { fit: 5.4, rows: 9.1, shapes: 9, systems: 8.8 },
    systems: {
      blackwell: [8.138, 3.623, 0.6209, 0.1286, 0.1883, 39.32],
      b200_sxm: [8.325, 3.676, 0.6185, 0.1286, 0.1984, 39.42],
      b300_sxm: [8.138, 3.648, 0.6172, 0.1284, 0.2042, 39.03],
      gb200: [8.56, 3.347, 0.6231, 0.1296, 0.1475, 40.17],
      gb300: [8.391, 3.295, 0.6289, 0.1298, 0.1862, 39.78],
      hopper: [5.303, 2.61, 0.5519, 0.09041, 0.2736, 14.2],
      h100_sxm: [5.477, 2.401, 0.5416, 0.08864, 0.2574, 13.99],
      h200_sxm: [5.251, 2.822, 0.5664, 0.09245, 0.2965, 13.56],
    },
  },
  {
    op: 'nccl_alltoall', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 42, held: [],
    errors: { fit: 2.9, rows: 5.6, shapes: 9.6, systems: 6.2 },
    systems: {
      blackwell: [9.409, 0.7263, 0.3929, 0.1192, 0.02, 7.584],
      b200_sxm: [9.409, 0.9146, 0.3847, 0.1154, 0.02146, 8.506],
      b300_sxm: [9.384, 0.8985, 0.3901, 0.1212, 0.02676, 6.984],
      gb200: [9.638, 0.5604, 0.4033, 0.1205, 0.02, 7.881],
      gb300: [9.652, 0.5207, 0.3949, 0.1239, 0.02, 7.194],
      hopper: [6.444, 0.8753, 0.6107, 0.03925, 0.0696, 8.931],
      h100_sxm: [6.503, 0.6025, 0.6068, 0.03736, 0.0835, 9.623],
      h200_sxm: [6.583, 0.9093, 0.6217, 0.03802, 0.05977, 7.976],
    },
  },
  {
    op: 'nccl_reduce_scatter', dtype: 'half', kvDtype: '', kernelSource: 'NCCL',
    framework: 'TRTLLM', version: '2.29.2', rows: 40, held: ['ringGain'],
    errors: { fit: 5.5, rows: 8.9, shapes: 8.9, systems: 7.7 },
    systems: {
      blackwell: [8.562, 3.372, 0.5949, 0.1, 0.1933, 31.06],
      b200_sxm: [8.45, 3.638, 0.5838, 0.1, 0.2118, 31.6],
      b300_sxm: [8.715, 3.3, 0.6025, 0.1, 0.1717, 29.46],
      gb200: [8.724, 3.372, 0.5949, 0.1, 0.1933, 31.06],
      gb300: [8.438, 3.372, 0.5949, 0.1, 0.1933, 31.06],
      hopper: [5.299, 2.504, 0.5348, 0.1, 0.2334, 11.34],
      h100_sxm: [5.435, 2.281, 0.5299, 0.1, 0.2387, 11.44],
      h200_sxm: [5.321, 2.703, 0.5355, 0.1, 0.2333, 11.06],
    },
  },
  {
    op: 'nccl_all_reduce', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 37, held: [],
    errors: { fit: 5.2, rows: 8.1, shapes: 10.5, systems: 6.4 },
    systems: {
      blackwell: [8.626, 6.636, 0.6478, 0.1355, 0.1646, 21.94],
      b200_sxm: [8.88, 6.62, 0.6511, 0.1354, 0.1745, 22.55],
      b300_sxm: [8.582, 6.715, 0.6459, 0.1362, 0.1567, 20.76],
      gb200: [8.618, 6.636, 0.6478, 0.1355, 0.1646, 21.94],
      gb300: [8.692, 6.668, 0.6511, 0.1378, 0.1484, 20.64],
      hopper: [5.898, 5.058, 0.6976, 0.1, 0.4281, 27.7],
      h100_sxm: [5.881, 5.058, 0.6976, 0.1, 0.4281, 27.7],
      h200_sxm: [6.224, 5.062, 0.7013, 0.1008, 0.4468, 27.86],
    },
  },
  {
    op: 'custom_allreduce', dtype: 'bfloat16', kvDtype: '', kernelSource: 'TRTLLM',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 48, held: [],
    errors: { fit: 3.4, rows: 5.6, shapes: 9.8, systems: 6.5 },
    systems: {
      blackwell: [4.481, 0.00215, 0.5542, 0.1383, 0.5841, 32.76],
      b200_sxm: [4.522, 0, 0.5462, 0.1361, 0.6106, 33.27],
      b300_sxm: [4.481, 0, 0.5572, 0.138, 0.5818, 33.07],
      gb200: [4.436, 0.176, 0.5582, 0.1389, 0.5903, 32.78],
      gb300: [4.385, 0.3135, 0.556, 0.1419, 0.5627, 31.94],
      hopper: [2.699, 0.3213, 0.5525, 0.2381, 0.6102, 24.62],
      h100_sxm: [2.719, 0.3057, 0.5533, 0.2382, 0.6506, 24.76],
      h200_sxm: [2.698, 0.3254, 0.5469, 0.2394, 0.5856, 25.01],
    },
  },
  {
    op: 'deepep_ll_dispatch', dtype: 'fp8', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 26, held: [],
    errors: { fit: 3.5, rows: 5.3, shapes: 5.1, systems: 4 },
    systems: {
      hopper: [15.05, 5.115, 0.541, 1.047], h100_sxm: [15.19, 5.252, 0.5389, 1.073],
      h200_sxm: [15.01, 4.995, 0.5442, 1.033],
    },
  },
  {
    op: 'deepep_ll_combine', dtype: 'bfloat16', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 25, held: [],
    errors: { fit: 4.2, rows: 6.6, shapes: 5.5, systems: 4.9 },
    systems: {
      hopper: [10.88, 6.528, 0.4671, 1.016], h100_sxm: [10.83, 5.823, 0.4619, 1.022],
      h200_sxm: [10.93, 7.139, 0.4745, 1.013],
    },
  },
  {
    op: 'deepep_normal_dispatch+combine', dtype: '', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 16, held: [],
    errors: { fit: 3.3, rows: 5.2, shapes: 6.6, systems: 11.1 },
    systems: {
      hopper: [145.6, 49.51, 1.2, 1.078, 0.3486], h100_sxm: [146.7, 49.69, 1.2, 1.071, 0.3387],
      h200_sxm: [146.5, 49.68, 1.2, 1.087, 0.3569],
    },
  },
  {
    op: 'deepep_ll_dispatch', dtype: 'fp8', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 17, held: [],
    errors: { fit: 7.3, rows: 9.4, shapes: 8.7, systems: 12.8 },
    systems: {
      blackwell: [16.07, 8, 0.5364, 0.8], b200_sxm: [17.43, 8, 0.5364, 0.8],
      b300_sxm: [17.63, 8, 0.5121, 0.8], gb200: [16.07, 8, 0.5864, 0.8],
      gb300: [15.92, 8, 0.5364, 0.8],
    },
  },
  {
    op: 'deepep_ll_combine', dtype: 'bfloat16', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 15, held: [],
    errors: { fit: 5.4, rows: 7.1, shapes: 6.6, systems: 12 },
    systems: {
      blackwell: [17.78, 8, 0.6989, 0.8], b200_sxm: [18.78, 8, 0.6989, 0.8],
      b300_sxm: [18.89, 8, 0.6989, 0.8], gb200: [17.78, 8, 0.6989, 0.8],
      gb300: [17.71, 8, 0.7462, 0.8],
    },
  },
  {
    op: 'deepep_normal_dispatch+combine', dtype: '', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 9, held: ['crowd'],
    errors: { fit: 9.6, rows: 14.2, shapes: 11.9, systems: 16.6 },
    systems: {
      blackwell: [99.32, 8, 0.5733, 0.8, 0.2], b200_sxm: [99.32, 8, 0.5733, 0.8, 0.2],
      b300_sxm: [102.7, 8, 0.5733, 0.8, 0.2], gb200: [99.32, 8, 0.5733, 0.8, 0.2],
      gb300: [95.4, 8, 0.5733, 0.8, 0.2],
    },
  },
  {
    op: 'alltoall_dispatch', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 17, held: [],
    errors: { fit: 4.6, rows: 7.2, shapes: 9.5, systems: -1 },
    systems: {
      blackwell: [9.641, 0.6275, 0.2762, 2.048], gb200: [9.761, 0.5962, 0.2756, 2.052],
    },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 14, held: ['doubling'],
    errors: { fit: 15.3, rows: 16.2, shapes: 15.5, systems: -1 },
    systems: { blackwell: [11.9, 0, 1.448, 2.567], gb200: [11.9, 0, 1.444, 2.598] },
  },
  {
    op: 'alltoall_combine_low_precision', dtype: 'nvfp4', kvDtype: '',
    kernelSource: 'NVLinkTwoSided', framework: 'TRTLLM', version: '1.2.0rc6', rows: 20,
    held: ['doubling'], errors: { fit: 10.3, rows: 11.2, shapes: 11.8, systems: -1 },
    systems: { blackwell: [15.46, 0, 0.4697, 6.897], gb200: [15.46, 0, 0.4548, 7] },
  },
  {
    op: 'alltoall_prepare', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 17, held: [],
    errors: { fit: 3.5, rows: 4.9, shapes: 3.9, systems: -1 },
    systems: { blackwell: [10.73, 0.7211, 0, 0.425], gb200: [10.85, 0.6948, 0, 0.4241] },
  },
  {
    op: 'alltoall_dispatch', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 9, held: [],
    errors: { fit: 4, rows: 9.4, shapes: 9.3, systems: -1 },
    systems: {
      blackwell: [11.03, 2.052, 0.3442, 0.2942], gb200: [11.08, 2.048, 0.3441, 0.2937],
    },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 13, held: [],
    errors: { fit: 5.6, rows: 8.3, shapes: 9.4, systems: -1 },
    systems: { blackwell: [11.29, 3.418, 1.37, 0], gb200: [11.29, 3.458, 1.369, 0] },
  },
];
