// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of collectives and of expert all-to-all. */
export const FITTED_LINKS: readonly FittedFamily[] = [
  {
    op: 'nccl_all_gather', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 43, held: ['ringGain'],
    errors: { fit: 5.6, rows: 9.1, shapes: 9.5, systems: 9.1 },
    systems: {
      blackwell: [8.138, 3.605, 0.6725, 0.1, 0.1909, 45.26],
      b200_sxm: [8.33, 3.655, 0.6727, 0.1, 0.2005, 45.25],
      b300_sxm: [8.138, 3.621, 0.6705, 0.1, 0.2077, 44.97],
      gb200: [8.577, 3.331, 0.6722, 0.1, 0.155, 45.85],
      gb300: [8.394, 3.281, 0.6778, 0.1, 0.1882, 45.59],
      hopper: [5.53, 2.473, 0.544, 0.1, 0.283, 14.88],
      h100_sxm: [5.645, 2.3, 0.5337, 0.1, 0.27, 14.77],
      h200_sxm: [5.467, 2.69, 0.5588, 0.1, 0.3034, 14.29],
    },
  },
  {
    op: 'nccl_alltoall', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 42, held: [],
    errors: { fit: 4, rows: 6.3, shapes: 21.7, systems: 7.4 },
    systems: {
      blackwell: [9.409, 0.975, 0.4026, 0.1319, 0.05, 9.465],
      b200_sxm: [9.409, 0.9502, 0.3913, 0.1269, 0.05, 10.07],
      b300_sxm: [9.351, 1.061, 0.3979, 0.1339, 0.05, 8.232],
      gb200: [9.826, 1.084, 0.4146, 0.1321, 0.05, 9.184],
      gb300: [9.801, 0.8521, 0.4024, 0.1357, 0.05, 11.62],
      hopper: [6.635, 0.7497, 0.6174, 0.03386, 0.07267, 8.971],
      h100_sxm: [6.635, 0.4746, 0.6121, 0.03267, 0.08418, 9.646],
      h200_sxm: [6.739, 0.8156, 0.6271, 0.03325, 0.06252, 8],
    },
  },
  {
    op: 'nccl_reduce_scatter', dtype: 'half', kvDtype: '', kernelSource: 'NCCL',
    framework: 'TRTLLM', version: '2.29.2', rows: 40, held: ['ringGain'],
    errors: { fit: 5.5, rows: 8.8, shapes: 8.7, systems: 7.5 },
    systems: {
      blackwell: [8.828, 3.184, 0.6025, 0.1, 0.1974, 32.78],
      b200_sxm: [8.703, 3.477, 0.5917, 0.1, 0.2155, 33.27],
      b300_sxm: [8.96, 3.194, 0.6103, 0.1, 0.1819, 31.3],
      gb200: [8.947, 3.184, 0.6025, 0.1, 0.1974, 32.78],
      gb300: [8.68, 3.184, 0.6025, 0.1, 0.1974, 32.78],
      hopper: [5.5, 2.394, 0.5336, 0.1, 0.2453, 11.54],
      h100_sxm: [5.583, 2.185, 0.529, 0.1, 0.25, 11.67],
      h200_sxm: [5.508, 2.617, 0.5349, 0.1, 0.2461, 11.36],
    },
  },
  {
    op: 'nccl_all_reduce', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 37, held: ['ringGain'],
    errors: { fit: 6.3, rows: 10.9, shapes: 11.8, systems: 10.4 },
    systems: {
      blackwell: [9.651, 6.043, 0.7126, 0.1, 0.2286, 45.67],
      b200_sxm: [9.785, 6.062, 0.7135, 0.1, 0.2602, 45.58],
      b300_sxm: [9.592, 6.214, 0.7123, 0.1, 0.2605, 45.3],
      gb200: [9.633, 6.043, 0.7126, 0.1, 0.2286, 45.67],
      gb300: [9.615, 6.016, 0.7185, 0.1, 0.1799, 46.45],
      hopper: [6.509, 4.614, 0.6622, 0.1, 0.3795, 18.43],
      h100_sxm: [6.452, 4.614, 0.6622, 0.1, 0.3795, 18.43],
      h200_sxm: [6.509, 4.743, 0.6652, 0.1, 0.3748, 17.16],
    },
  },
  {
    op: 'custom_allreduce', dtype: 'bfloat16', kvDtype: '', kernelSource: 'TRTLLM',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 48, held: [],
    errors: { fit: 3.5, rows: 5.6, shapes: 9.8, systems: 6.5 },
    systems: {
      blackwell: [4.481, 0.002066, 0.5542, 0.1383, 0.584, 32.75],
      b200_sxm: [4.521, 0, 0.5462, 0.136, 0.6098, 33.25],
      b300_sxm: [4.481, 0, 0.5572, 0.138, 0.5818, 33.06],
      gb200: [4.436, 0.1759, 0.5582, 0.1389, 0.59, 32.77],
      gb300: [4.385, 0.3134, 0.5559, 0.1419, 0.5632, 31.94],
      hopper: [2.699, 0.3213, 0.5525, 0.2381, 0.6101, 24.62],
      h100_sxm: [2.719, 0.3053, 0.5535, 0.2382, 0.6492, 24.75],
      h200_sxm: [2.698, 0.3255, 0.5469, 0.2393, 0.5861, 25.01],
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
    errors: { fit: 4.5, rows: 7, shapes: 9.8, systems: -1 },
    systems: {
      blackwell: [9.616, 0.6374, 0.2759, 2.049], gb200: [9.899, 0.5558, 0.2763, 2.049],
    },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 14, held: [],
    errors: { fit: 16.2, rows: 24.3, shapes: 18.9, systems: -1 },
    systems: { blackwell: [9.1, 2.031, 1.325, 2.898], gb200: [9.239, 1.976, 1.317, 2.964] },
  },
  {
    op: 'alltoall_combine_low_precision', dtype: 'nvfp4', kvDtype: '',
    kernelSource: 'NVLinkTwoSided', framework: 'TRTLLM', version: '1.2.0rc6', rows: 20, held: [],
    errors: { fit: 10, rows: 12.9, shapes: 14.8, systems: -1 },
    systems: { blackwell: [11.21, 2.147, 0.3185, 7.521], gb200: [11.29, 2.121, 0.2881, 7.728] },
  },
  {
    op: 'alltoall_prepare', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 17, held: [],
    errors: { fit: 3.5, rows: 4.8, shapes: 3.9, systems: -1 },
    systems: { blackwell: [10.71, 0.7254, 0, 0.425], gb200: [10.96, 0.6707, 0, 0.4235] },
  },
  {
    op: 'alltoall_dispatch', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 9, held: [],
    errors: { fit: 3.9, rows: 9.4, shapes: 11.6, systems: -1 },
    systems: { blackwell: [10.94, 2.09, 0.3438, 0.2951], gb200: [11, 2.078, 0.3438, 0.2946] },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 13, held: [],
    errors: { fit: 5.7, rows: 8.4, shapes: 9.2, systems: -1 },
    systems: { blackwell: [11.18, 3.485, 1.369, 0], gb200: [11.17, 3.524, 1.368, 0] },
  },
];
