// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the hashes. */
const hash = 'assembly/hash/xxh3.ts';

const mutants = [
  [hash, 'chain: the parent is forgotten', 'bugs 3 and 24',
    'parent = i > 0 || hasParent ?', 'parent = i > 0 ?'],
  [hash, '240 bytes hashed as a long input', 'bug 19: collisions',
    'if (len > 240) return hashLong(x, len);', 'if (len >= 240) return hashLong(x, len);'],
  [hash, 'chain: the key of a seed is that of the last one', 'bug 19: collisions',
    'if (bytes > 240) deriveKey(seed);', ''],
  [hash, 'chain: the seed is forgotten in the chain', 'bug 19, vLLM 12621',
    'hash9to16(parent, local, 16, seed) : local', 'hash9to16(parent, local, 16, 0) : local'],
  [hash, 'chain: tokens overlap with those of the block before', 'bug 29, sglang 8636',
    'tokens + <usize>i * bytes', 'tokens + <usize>i * (bytes - 4)'],
  [hash, 'chain: local hashes beyond the arena', 'memory safety',
    '!inArena(localOut, blocks << 3) || ', ''],
  [hash, 'long inputs: no scramble after sixteen stripes', 'bug 19: collisions',
    'if ((i & 15) == 15 && i < count) {\n      l0', 'if (false) {\n      l0'],
  [hash, 'seeds of 64 bits: the upper half is lost', 'bug 19, vLLM 12621',
    'const seed = (<u64>seedHi << 32) | <u64>seedLo;\n  if (bytes > 240)',
    'const seed = <u64>seedLo;\n  if (bytes > 240)'],
];

export const suite = {
  kernel: 'hashes',
  logs: /^hash/,
  fuzz: [],
  tests: ['test/core/hash.test.ts'],
  mutants,
};
