// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of collectives and of expert all-to-all. */
export const FITTED_LINKS: readonly FittedFamily[] = [
  {
    op: 'nccl_all_gather', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 43, held: [],
    errors: { fit: 4.3, rows: 7.9, shapes: 8.3, systems: 8.3 },
    systems: {
      blackwell: [8.138, 1.446, 0.6108, 0.1299, 0.1836, 37.37],
      b200_sxm: [8.348, 1.361, 0.6078, 0.1298, 0.1963, 37.42],
      b300_sxm: [8.138, 1.35, 0.6072, 0.1298, 0.2012, 36.99],
      gb200: [8.616, 1.479, 0.6131, 0.1308, 0.1423, 38.47],
      gb300: [8.454, 1.47, 0.6188, 0.131, 0.1833, 37.96],
      hopper: [5.542, 0.9508, 0.5511, 0.08928, 0.255, 12.48],
      h100_sxm: [5.665, 0.8514, 0.5412, 0.08753, 0.2389, 12.7],
      h200_sxm: [5.524, 1.067, 0.5653, 0.09131, 0.2793, 11.2],
    },
  },
  {
    op: 'nccl_alltoall', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 42, held: [],
    errors: { fit: 2.2, rows: 4.4, shapes: 9.6, systems: 5 },
    systems: {
      blackwell: [9.409, 0.2366, 0.3851, 0.1593, 0.02, 7.666],
      b200_sxm: [9.409, 0.3068, 0.4061, 0.1622, 0.02269, 8.836],
      b300_sxm: [9.445, 0.2835, 0.3777, 0.1594, 0.02, 6.646],
      gb200: [9.637, 0.1476, 0.383, 0.1576, 0.02, 8.004],
      gb300: [9.649, 0.01025, 0.3839, 0.161, 0.02, 7.481],
      hopper: [6.492, 0.331, 0.6066, 0.06747, 0.07051, 9.125],
      h100_sxm: [6.572, 0.1996, 0.6023, 0.06519, 0.08182, 9.683],
      h200_sxm: [6.64, 0.3216, 0.6159, 0.06722, 0.06484, 8.635],
    },
  },
  {
    op: 'nccl_reduce_scatter', dtype: 'half', kvDtype: '', kernelSource: 'NCCL',
    framework: 'TRTLLM', version: '2.29.2', rows: 40, held: ['ringGain'],
    errors: { fit: 4.2, rows: 7, shapes: 9, systems: 6.2 },
    systems: {
      blackwell: [9.098, 1.181, 0.5931, 0.1, 0.1959, 30.68],
      b200_sxm: [9.022, 1.24, 0.5821, 0.1, 0.2155, 31.16],
      b300_sxm: [9.155, 1.028, 0.6004, 0.1, 0.176, 29.58],
      gb200: [9.311, 1.181, 0.5931, 0.1, 0.1959, 30.68],
      gb300: [9.11, 1.181, 0.5931, 0.1, 0.1959, 30.68],
      hopper: [5.512, 0.9107, 0.5343, 0.1, 0.2478, 11.54],
      h100_sxm: [5.635, 0.8101, 0.5301, 0.1, 0.2465, 11.62],
      h200_sxm: [5.548, 1.017, 0.5345, 0.1, 0.2537, 11.37],
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
    errors: { fit: 2.7, rows: 5.5, shapes: 9, systems: 6.5 },
    systems: {
      blackwell: [4.481, 0.00215, 0.5542, 0.1383, 0.5841, 32.76],
      b200_sxm: [4.637, 0, 0.5447, 0.1359, 0.6394, 37.24],
      b300_sxm: [4.481, 0, 0.5649, 0.1358, 0.5797, 35.03],
      gb200: [4.306, 0.3344, 0.5629, 0.1397, 0.5897, 33.17],
      gb300: [3.995, 0.7547, 0.5432, 0.159, 0.5351, 26.22],
      hopper: [2.699, 0.3213, 0.5525, 0.2381, 0.6102, 24.62],
      h100_sxm: [2.719, 0.3168, 0.5405, 0.245, 0.6858, 25.16],
      h200_sxm: [2.692, 0.3253, 0.5357, 0.2486, 0.5791, 26.59],
    },
  },
  {
    op: 'deepep_ll_dispatch', dtype: 'fp8', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 26, held: [],
    errors: { fit: 3.5, rows: 5.6, shapes: 5.7, systems: 4 },
    systems: {
      hopper: [15.05, 5.115, 0.541, 1.047], h100_sxm: [15.42, 5.295, 0.5399, 1.088],
      h200_sxm: [14.98, 4.959, 0.545, 1.029],
    },
  },
  {
    op: 'deepep_ll_combine', dtype: 'bfloat16', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 25, held: [],
    errors: { fit: 4.2, rows: 7.2, shapes: 5.6, systems: 4.9 },
    systems: {
      hopper: [10.88, 6.528, 0.4671, 1.016], h100_sxm: [10.23, 5.849, 0.4571, 1.02],
      h200_sxm: [11.25, 7.17, 0.4818, 1.014],
    },
  },
  {
    op: 'deepep_normal_dispatch+combine', dtype: '', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.0', rows: 16, held: [],
    errors: { fit: 3, rows: 5.3, shapes: 6.1, systems: 11.1 },
    systems: {
      hopper: [145.6, 49.51, 1.2, 1.078, 0.3486], h100_sxm: [156, 49.38, 1.2, 1.078, 0.3394],
      h200_sxm: [149.9, 49.99, 1.2, 1.096, 0.361],
    },
  },
  {
    op: 'deepep_ll_dispatch', dtype: 'fp8', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 17, held: [],
    errors: { fit: 3.6, rows: 5.8, shapes: 5.8, systems: 12.8 },
    systems: {
      blackwell: [16.07, 8, 0.5364, 0.8], b200_sxm: [21.04, 8, 0.5364, 0.8],
      b300_sxm: [20.58, 8, 0.5435, 0.8], gb200: [16.07, 8, 0.6106, 0.8],
      gb300: [15.7, 8, 0.5364, 0.8],
    },
  },
  {
    op: 'deepep_ll_combine', dtype: 'bfloat16', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 15, held: [],
    errors: { fit: 2.5, rows: 4.9, shapes: 4.4, systems: 12 },
    systems: {
      blackwell: [17.78, 8, 0.6989, 0.8], b200_sxm: [20.53, 8, 0.6989, 0.8],
      b300_sxm: [21.26, 8, 0.6989, 0.8], gb200: [17.78, 8, 0.6989, 0.8],
      gb300: [17.78, 8, 0.771, 0.8],
    },
  },
  {
    op: 'deepep_normal_dispatch+combine', dtype: '', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 9, held: ['crowd'],
    errors: { fit: 6.6, rows: 14.2, shapes: 11.9, systems: 16.6 },
    systems: {
      blackwell: [99.32, 8, 0.5733, 0.8, 0.2], b200_sxm: [99.32, 8, 0.5733, 0.8, 0.2],
      b300_sxm: [113, 8, 0.5733, 0.8, 0.2], gb200: [99.32, 8, 0.5733, 0.8, 0.2],
      gb300: [76.26, 8, 0.5733, 0.8, 0.2],
    },
  },
  {
    op: 'alltoall_dispatch', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 17, held: [],
    errors: { fit: 4.7, rows: 6.5, shapes: 7.7, systems: -1 },
    systems: {
      blackwell: [9.593, 0.4057, 0.2757, 2.048], gb200: [9.668, 0.4042, 0.2744, 2.053],
    },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 14, held: [],
    errors: { fit: 14, rows: 16.3, shapes: 16.1, systems: -1 },
    systems: { blackwell: [11.38, 0.5223, 1.405, 2.5], gb200: [11.48, 0.5241, 1.401, 2.515] },
  },
  {
    op: 'alltoall_combine_low_precision', dtype: 'nvfp4', kvDtype: '',
    kernelSource: 'NVLinkTwoSided', framework: 'TRTLLM', version: '1.2.0rc6', rows: 20, held: [],
    errors: { fit: 9.1, rows: 9.9, shapes: 12.2, systems: -1 },
    systems: {
      blackwell: [14.16, 0.5818, 0.3917, 7.146], gb200: [14.26, 0.5851, 0.3756, 7.245],
    },
  },
  {
    op: 'alltoall_prepare', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkTwoSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 17, held: [],
    errors: { fit: 3.4, rows: 4.3, shapes: 4.2, systems: -1 },
    systems: { blackwell: [11.18, 0.579, 0, 0.4253], gb200: [11.25, 0.5816, 0, 0.4236] },
  },
  {
    op: 'alltoall_dispatch', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 9, held: [],
    errors: { fit: 2.9, rows: 7.5, shapes: 6.5, systems: -1 },
    systems: {
      blackwell: [13.2, 0.4227, 0.3369, 0.2963], gb200: [13.31, 0.422, 0.3365, 0.2953],
    },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 13, held: [],
    errors: { fit: 4.4, rows: 6.4, shapes: 7.6, systems: -1 },
    systems: { blackwell: [14.06, 0.5185, 1.389, 0], gb200: [14.15, 0.5206, 1.388, 0] },
  },
];
