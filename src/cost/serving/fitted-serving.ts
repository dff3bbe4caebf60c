// SPDX-License-Identifier: Apache-2.0
// Written by scripts/fitted-serving.mjs: refit instead of editing.
import type { FittedServing } from './fitted.js';

/** Constants on top of operation costs that the package ships. */
export const FITTED_SERVING: FittedServing = {
  date: '2026-11-21',
  source: 'InferenceX and aiconfigurator aggregated rows (Apache-2.0): 454 of 731',
  fit: { n: 411, median: 5.4, mean: 8 },
  rows: { n: 411, median: 6.3, mean: 9.1 },
  groups: { n: 411, median: 11.8, mean: 14.5 },
  cells: {
    'sglang blackwell hybrid': 69,
    'sglang blackwell mla-moe': 5,
    'sglang hopper dense': 26,
    'sglang hopper hybrid': 9,
    'sglang hopper mla-moe': 18,
    'trtllm blackwell dense': 28,
    'trtllm blackwell gqa-moe': 14,
    'trtllm blackwell mla-moe': 28,
    'trtllm hopper dense': 66,
    'trtllm hopper gqa-moe': 40,
    'trtllm hopper mla-moe': 8,
    'vllm blackwell dense': 24,
    'vllm blackwell gqa-moe': 37,
    'vllm blackwell mla-moe': 10,
    'vllm hopper dense': 26,
    'vllm hopper gqa-moe': 46,
  },
  effects: {
    all: [-0.182, 0.123, -0.222, 0.758, 0.00154, -0.086, 24.2, -218, 8.06, -5.27],
    'vllm blackwell': [-0.0724, 0.0467, 0.064, 0.00624, 0.0377, 0.328, -11.6, -37.9, 3.39, 0],
    'gqa-moe': [0.0194, 0.105, -0.0332, 0.134, -0.05, -0.0221, 4.67, -103, 1.45, 0],
    'vllm gqa-moe': [-0.0067, 0.0587, 0.143, -0.0198, 0.053, 0.0294, 4.21, -22, -1.38, 0],
    'sglang blackwell': [-0.185, 0.0898, -0.265, 0.265, 0.061, 0.252, -5.59, 20.2, 2.41, 6.06e-11],
    hybrid: [-0.0631, 0.0381, 0.0323, 0.307, 0.104, 0.242, 6.54, 50.2, 1.71, 0],
    'sglang hybrid': [-0.0317, 0.0221, 0.015, 0.169, 0.054, 0.131, 4.23, 26.5, 0.905, 0],
    'trtllm blackwell': [0.0566, 0.016, 0.0337, -0.089, -0.125, 0.0135, -8.64, -141, -2.84, 0],
    'mla-moe': [-0.044, -0.187, -0.047, -0.0561, -0.00204, 0.12, -0.882, -4.39, -1.18, -2.8e-12],
    'trtllm mla-moe': [0.0164, 0.0195, 0.155, 0.0454, 0.0442, 0.239, 4.54, 20.7, -0.307, 0],
    dense: [0.0475, 0.0645, 0, -0.362, -0.0585, -0.456, -3.64, 4.99, -1.07, 0],
    'trtllm dense': [-0.0152, -0.0978, 0, -0.218, 0.0708, -0.146, -2.28, -0.0464, -2.02, 0],
    'vllm dense': [0.0237, 0.106, 0, 0.0231, 0.0279, -0.126, -0.311, -0.285, 0.324, 0],
    'trtllm gqa-moe': [0.0149, -0.00701, -0.16, 0.083, -0.0775, -0.034, -2.45, -28.7, 2.07, 0],
    'vllm mla-moe': [-0.0205, -0.0726, -0.0874, -0.0207, -0.0917, -0.0895, -2.85, -13.3, -0.202, 0],
    'sglang mla-moe': [
      -0.0191, -0.0431, -0.0949, -0.0581, 0.0455, -0.0876, -2.14, -9.81, -0.0949, -1.43e-12,
    ],
    'vllm hopper': [0.103, 0.314, 0.174, -0.0429, -0.0793, -0.704, 17.7, -54, -8.41, 0],
    'trtllm hopper': [0.00791, -0.347, -0.0335, -0.279, 0.275, 0.102, 8.82, 98.1, 1.67, 0],
    'sglang hopper': [0.0479, -0.0851, -0.0469, 0.269, -0.176, 0.0645, 8.49, 63.6, 4.92, -6.63e-11],
    'sglang dense': [0.0169, 0.0286, 0, 0.00855, -0.137, 0.0219, 0.66, 5.72, 1.1, 0],
  },
};
