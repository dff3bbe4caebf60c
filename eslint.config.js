// SPDX-License-Identifier: Apache-2.0
// Lint rules are the quick half of the house rules; test/tidy.test.ts holds the rest.
import tseslint from 'typescript-eslint';

/** Engines differ in their last bits; the wasm core has one answer for everybody. */
const inexact = ['exp', 'log', 'log2', 'log10', 'log1p', 'expm1', 'pow', 'sin', 'cos', 'tan'];
const moreInexact = ['asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh', 'cbrt', 'hypot'];

const bannedMath = [...inexact, ...moreInexact].map((property) => ({
  object: 'Math',
  property,
  message: 'Results differ between engines: use the wasm core.',
}));
const bannedRandom = {
  object: 'Math',
  property: 'random',
  message: 'Draws are addressed by (seed, purpose, entity, index): use the wasm core.',
};

const noDefault = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only: one name everywhere.',
};
/** Powers of constants (2 ** 32) are exact and fold at compile time. */
const noPower = {
  selector: "BinaryExpression[operator='**']:not([left.type='Literal'][right.type='Literal'])",
  message: 'As Math.pow: results differ between engines, use the wasm core.',
};

export default tseslint.config(
  { ignores: ['dist/', 'assembly/', 'coverage/', '.cache/', 'src/core/generated/', 'out/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [tseslint.configs.recommended],
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-redeclare': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-restricted-syntax': ['error', noDefault],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/node/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'Only src/node and src/cli know Node.' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    // Reference twins only check kernels in tests, within a stated error.
    ignores: ['src/{cli,node,worker,bench}/**', 'src/*/reference/**'],
    rules: {
      'no-restricted-properties': ['error', ...bannedMath, bannedRandom],
      'no-restricted-syntax': ['error', noDefault, noPower],
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Simulated time only.' },
        { name: 'performance', message: 'Simulated time only.' },
        { name: 'process', message: 'Only src/node and src/cli know Node.' },
        { name: 'Buffer', message: 'Only src/node and src/cli know Node.' },
      ],
    },
  },
);
