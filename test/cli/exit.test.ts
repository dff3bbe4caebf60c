// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Exit, describeError, exitCodeOf } from '../../src/cli/exit.js';
import { UserError } from '../../src/core/user-error.js';

function named(name: string): Error {
  const error = new Error('text');
  error.name = name;
  return error;
}

test('the kind of error decides the exit code', () => {
  expect(exitCodeOf(new UserError('text'))).toBe(Exit.usage);
  expect(exitCodeOf(named('DoesNotFitError'))).toBe(Exit.failed);
  expect(exitCodeOf(named('InvariantBroken'))).toBe(Exit.invariantBroken);
  expect(exitCodeOf(named('AbortError'))).toBe(Exit.interrupted);
  expect(exitCodeOf(named('TypeError'))).toBe(Exit.failed);
  expect(exitCodeOf('text')).toBe(Exit.failed);
});

test('only a bug shows its stack', () => {
  expect(describeError(new UserError('text', { file: 'a', line: 3 }))).toBe('error: a:3: text');
  expect(describeError(named('TypeError'))).toMatch(/^internal error: .*\n +at /);
});
