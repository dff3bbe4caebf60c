// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted.mjs: refit instead of editing.
import type { FittedFamily } from './fitted-family.js';

/** Constants of collectives and of expert all-to-all. */
export const FITTED_LINKS: readonly FittedFamily[] = [
  {
    op: 'nccl_all_gather', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 43, held: ['ringGain'],
    errors: { fit: 5.3, rows: 9.5, shapes: 9.7, systems: 9.1 },
    systems: {
      hopper: [5.53, 2.473, 0.544, 0.1, 0.283, 14.88],
      h100_sxm: [5.665, 2.266, 0.5309, 0.1, 0.2646, 14.54],
      h200_sxm: [5.402, 2.806, 0.5648, 0.1, 0.3165, 13.96],
      blackwell: [8.138, 3.605, 0.6725, 0.1, 0.1909, 45.26],
      b200_sxm: [8.483, 3.619, 0.6732, 0.1, 0.2031, 45.27],
      b300_sxm: [8.138, 3.627, 0.6687, 0.1, 0.2089, 44.74],
      gb200: [8.84, 3.054, 0.6735, 0.1, 0.1537, 46.11],
      gb300: [8.537, 3.085, 0.6818, 0.1, 0.1886, 45.98],
    },
  },
  {
    op: 'nccl_alltoall', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 42, held: [],
    errors: { fit: 3.8, rows: 6.4, shapes: 22.4, systems: 7.4 },
    systems: {
      hopper: [6.635, 0.7481, 0.62, 0.03257, 0.07302, 9.026],
      h100_sxm: [6.635, 0.4188, 0.6134, 0.0312, 0.08492, 9.765],
      h200_sxm: [6.794, 0.794, 0.6305, 0.03097, 0.06144, 7.811],
      blackwell: [9.409, 0.9716, 0.4043, 0.1306, 0.05, 9.481],
      b200_sxm: [9.409, 0.8871, 0.3901, 0.1227, 0.05, 10.04],
      b300_sxm: [9.298, 1.105, 0.3964, 0.1346, 0.05, 8.165],
      gb200: [9.942, 1.138, 0.4202, 0.1301, 0.05, 9.092],
      gb300: [10, 0.6532, 0.4034, 0.1378, 0.05, 12.15],
    },
  },
  {
    op: 'nccl_reduce_scatter', dtype: 'half', kvDtype: '', kernelSource: 'NCCL',
    framework: 'TRTLLM', version: '2.29.2', rows: 40, held: ['ringGain'],
    errors: { fit: 5.3, rows: 9.1, shapes: 8.9, systems: 7.5 },
    systems: {
      hopper: [5.5, 2.394, 0.5336, 0.1, 0.2453, 11.54],
      h100_sxm: [5.633, 2.136, 0.5267, 0.1, 0.2541, 11.74],
      h200_sxm: [5.506, 2.656, 0.535, 0.1, 0.2467, 11.32],
      blackwell: [8.828, 3.184, 0.6025, 0.1, 0.1974, 32.78],
      b200_sxm: [8.567, 3.595, 0.5877, 0.1, 0.2171, 33.48],
      b300_sxm: [9.009, 3.144, 0.6104, 0.1, 0.1748, 30.02],
      gb200: [9.002, 3.184, 0.6025, 0.1, 0.1974, 32.78],
      gb300: [8.595, 3.184, 0.6025, 0.1, 0.1974, 32.78],
    },
  },
  {
    op: 'nccl_all_reduce', dtype: 'half', kvDtype: '', kernelSource: 'NCCL', framework: 'TRTLLM',
    version: '2.29.2', rows: 37, held: ['ringGain'],
    errors: { fit: 6.2, rows: 11.1, shapes: 12.1, systems: 10.4 },
    systems: {
      hopper: [6.509, 4.614, 0.6622, 0.1, 0.3795, 18.43],
      h100_sxm: [6.4, 4.614, 0.6622, 0.1, 0.3795, 18.43],
      h200_sxm: [6.509, 4.764, 0.6659, 0.1, 0.3682, 16.54],
      blackwell: [9.651, 6.043, 0.7126, 0.1, 0.2286, 45.67],
      b200_sxm: [9.864, 6.049, 0.714, 0.1, 0.2651, 45.74],
      b300_sxm: [9.532, 6.334, 0.7115, 0.1, 0.2661, 45.22],
      gb200: [9.619, 6.043, 0.7126, 0.1, 0.2286, 45.67],
      gb300: [9.552, 6.012, 0.7221, 0.1, 0.1728, 46.71],
    },
  },
  {
    op: 'custom_allreduce', dtype: 'bfloat16', kvDtype: '', kernelSource: 'TRTLLM',
    framework: 'TRTLLM', version: '1.3.0rc20', rows: 48, held: [],
    errors: { fit: 3.3, rows: 5.8, shapes: 9.8, systems: 6.6 },
    systems: {
      hopper: [2.671, 0.3364, 0.5786, 0.2169, 0.6012, 24.31],
      h100_sxm: [2.719, 0.307, 0.5759, 0.2188, 0.6547, 24.6],
      h200_sxm: [2.682, 0.331, 0.569, 0.2211, 0.5771, 25.05],
      blackwell: [4.452, 0.02348, 0.5594, 0.1315, 0.58, 30.64],
      b200_sxm: [4.535, 0, 0.5511, 0.1292, 0.615, 31.84],
      b300_sxm: [4.481, 0, 0.5629, 0.1307, 0.5793, 31.31],
      gb200: [4.381, 0.2425, 0.5656, 0.1324, 0.5887, 30.71],
      gb300: [4.266, 0.4527, 0.559, 0.1381, 0.5515, 29.05],
    },
  },
  {
    op: 'deepep_ll_dispatch', dtype: 'fp8', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 43, held: [],
    errors: { fit: 4.5, rows: 6.6, shapes: 6.2, systems: 7.5 },
    systems: {
      hopper: [15.05, 5.115, 0.541, 1.047], h100_sxm: [15.25, 5.287, 0.539, 1.079],
      h200_sxm: [15, 4.977, 0.5446, 1.031], blackwell: [16.07, 8, 0.5364, 0.8],
      b200_sxm: [18.38, 8, 0.5364, 0.8], b300_sxm: [18.57, 8, 0.5184, 0.8],
      gb200: [16.07, 8, 0.5964, 0.8], gb300: [15.85, 8, 0.5364, 0.8],
    },
  },
  {
    op: 'deepep_ll_combine', dtype: 'bfloat16', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 40, held: [],
    errors: { fit: 4.3, rows: 6.6, shapes: 5.6, systems: 7.6 },
    systems: {
      hopper: [10.88, 6.528, 0.4671, 1.016], h100_sxm: [10.79, 5.757, 0.4612, 1.021],
      h200_sxm: [10.97, 7.203, 0.476, 1.013], blackwell: [17.78, 8, 0.6989, 0.8],
      b200_sxm: [19.32, 8, 0.6989, 0.8], b300_sxm: [19.64, 8, 0.6989, 0.8],
      gb200: [17.78, 8, 0.6989, 0.8], gb300: [17.75, 8, 0.7567, 0.8],
    },
  },
  {
    op: 'deepep_normal_dispatch+combine', dtype: '', kvDtype: '', kernelSource: 'deepep',
    framework: 'sglang', version: '0.5.12', rows: 25, held: [],
    errors: { fit: 5.3, rows: 8.5, shapes: 8.5, systems: 13.1 },
    systems: {
      hopper: [145.6, 49.51, 1.2, 1.078, 0.3486], h100_sxm: [147.6, 49.82, 1.2, 1.071, 0.3378],
      h200_sxm: [147.1, 49.79, 1.2, 1.09, 0.3582], blackwell: [99.32, 8, 0.5733, 0.8, 0.2],
      b200_sxm: [99.32, 8, 0.5733, 0.8, 0.2], b300_sxm: [104.9, 8, 0.5733, 0.8, 0.2],
      gb200: [99.32, 8, 0.5733, 0.8, 0.2], gb300: [91.63, 8, 0.5733, 0.8, 0.2],
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
    errors: { fit: 16.2, rows: 24.3, shapes: 19, systems: -1 },
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
    errors: { fit: 3.9, rows: 9.4, shapes: 12.8, systems: -1 },
    systems: { blackwell: [10.94, 2.09, 0.3438, 0.2951], gb200: [11.04, 2.063, 0.3439, 0.2941] },
  },
  {
    op: 'alltoall_combine', dtype: 'nvfp4', kvDtype: '', kernelSource: 'NVLinkOneSided',
    framework: 'TRTLLM', version: '1.2.0rc6', rows: 13, held: [],
    errors: { fit: 5.7, rows: 8.4, shapes: 9.2, systems: -1 },
    systems: { blackwell: [11.18, 3.485, 1.369, 0], gb200: [11.17, 3.524, 1.368, 0] },
  },
];
