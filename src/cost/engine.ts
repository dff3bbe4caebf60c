// SPDX-License-Identifier: Apache-2.0
/** Serving engine whose fitted constants are used. */
export type Engine = 'vllm' | 'sglang' | 'trtllm';
