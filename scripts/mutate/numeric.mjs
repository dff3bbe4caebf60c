// SPDX-License-Identifier: Apache-2.0
/** Mutants of the numeric module: the tests of their kernel alone look for them. */

/** Suites of rows [kernel, file, what, reference, find, replace]; a kernel has a test file. */
export function numericSuites(folder, rows) {
  const kernels = [...new Set(rows.map(([kernel]) => kernel))];
  return kernels.map((kernel) => ({
    kernel,
    module: 'numeric',
    tests: [`test/numeric/${kernel}.test.ts`],
    mutants: rows
      .filter(([name]) => name === kernel)
      .map(([, file, ...rest]) => [`assembly/${folder}/${file}.ts`, ...rest]),
  }));
}
