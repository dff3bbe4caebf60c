// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the hashes. */
const hash = 'assembly/hash/xxh3.ts';

const mutants = [
  [hash, 'chain: the parent is forgotten', 'bugs 3 and 24',
    'parent = i > 0 || hasParent ?', 'parent = i > 0 ?'],
  [hash, '240 bytes hashed as a long input', 'bug 19: collisions',
    'if (len > 240) return hashLong(x, len);', 'if (len >= 240) return hashLong(x, len);'],
];

export const suite = {
  kernel: 'hashes',
  logs: /^hash/,
  fuzz: [],
  tests: ['test/core/hash.test.ts'],
  mutants,
};
