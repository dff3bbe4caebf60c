// SPDX-License-Identifier: Apache-2.0
/** How the process ends, and how an error decides it. */

export const Exit = {
  ok: 0,
  /** The run failed, or nothing feasible was found. */
  failed: 1,
  /** The command line, the config or the input is wrong. */
  usage: 2,
  /** An objective was missed. */
  sloMissed: 3,
  /** A check of the simulator itself failed: a bug. */
  invariantBroken: 4,
  interrupted: 130,
} as const;

/**
 * Names, not classes: `--version` must not load the layers that define these errors. An error of
 * any other name is a bug and prints its stack.
 */
const codes: Readonly<Record<string, number>> = {
  UserError: Exit.usage,
  DoesNotFitError: Exit.failed,
  RunFailed: Exit.failed,
  InvariantBroken: Exit.invariantBroken,
  AbortError: Exit.interrupted,
};

export function exitCodeOf(error: unknown): number {
  return error instanceof Error ? (codes[error.name] ?? Exit.failed) : Exit.failed;
}

/** What stderr shows for an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  if (codes[error.name] !== undefined) return `error: ${error.message}`;
  return `internal error: ${error.stack ?? error.message}`;
}
