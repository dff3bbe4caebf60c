// SPDX-License-Identifier: Apache-2.0
/** What every verb shares: the global options, the two streams, and the interrupt. */
import type { Command } from 'commander';

export interface GlobalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly progress: boolean;
}

interface Parsed {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly progress?: boolean;
}

/** `--no-x` options are true unless given. */
export function globalOptions(command: Command): GlobalOptions {
  const given: Parsed = command.optsWithGlobals();
  return {
    json: given.json ?? false,
    quiet: given.quiet ?? false,
    color: given.color ?? true,
    progress: given.progress ?? true,
  };
}

/** Results, and nothing else, go to stdout. */
export function printResult(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Remarks for a person; `--quiet` drops them. */
export function printNote(text: string, options: GlobalOptions): void {
  if (!options.quiet) process.stderr.write(`${text}\n`);
}

const controller = new AbortController();

/** Set on Ctrl-C, for verbs that clean up or stop between slices of work. */
export const interrupted: AbortSignal = controller.signal;

export function interrupt(): void {
  controller.abort();
}

/**
 * Lets pending signals and streams in. A verb that computes for longer than a moment awaits this
 * a few times a second: otherwise Ctrl-C would not be seen until it is done.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
