// SPDX-License-Identifier: Apache-2.0
/**
 * Bugs to plant in kernels that are not merged yet: what and why. A row becomes a mutant in a file
 * of its kernel as soon as it names `file`, `find`, `replace` and `tests`.
 */
export const laterMutants = [
  ['manager', 'hits touched before the capacity check: leak when refused', 'bug 1, vLLM 11565'],
  ['manager', 'hit blocks registered again on the first schedule', 'bug 2, vLLM 14073'],
  ['manager', 'one group evicts the untouched hits of another', 'bug 6, vLLM 44409'],
  ['manager', 'window blocks freed on the draft token count', 'bug 10, vLLM 47728'],
  ['manager', 'window cap without the block that is entered', 'bug 11, vLLM 40946'],
  ['manager', 'need predicted differs from blocks taken', 'bug 11, vLLM 41282'],
  ['manager', 'reserved blocks of another load are taken', 'bug 12, vLLM 44560'],
  ['manager', 'hybrid lookup drops the eagle block in every pass', 'bug 14, vLLM 33524'],
  ['manager', 'window run without the eagle block', 'bug 15, vLLM 44082'],
  ['manager', 'common prefix by running requests, not by holders', 'bug 18, vLLM 23485'],
  ['manager', 'lookup of n tokens, not n-1', 'invariant 7'],
  ['manager', 'draft tokens registered', 'invariant 9'],
  ['manager', 'null entries freed', 'bugs 5 and 16'],
  ['manager', 'groups freed in one list', 'order of eviction'],
  ['tiers', 'host copy before that of its parent', 'bug 28, sglang 22062'],
  ['tiers', 'lock of a finished copy stays', 'bug 28, sglang 20049'],
  ['tiers', 'an onboarded block has the data of another', 'bug 34, TRT-LLM 8830'],
  ['tiers', 'level read after the swap', 'bug 32, TRT-LLM 12834'],
  ['tiers', 'a block with children in the free queue', 'bug 35, TRT-LLM 3735'],
];
