// SPDX-License-Identifier: Apache-2.0
/** Colour only where a person reads: NO_COLOR, --no-color and pipes get plain text. */
import { styleText } from 'node:util';
import type { GlobalOptions } from './context.js';

type Format = Parameters<typeof styleText>[0];
export type Style = (format: Format, text: string) => string;

export function styleFor(stream: NodeJS.WriteStream, options: GlobalOptions): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const refused = !options.color || options.json || (NO_COLOR ?? '') !== '' || TERM === 'dumb';
  const wanted = stream.isTTY || ((FORCE_COLOR ?? '0') !== '0' && FORCE_COLOR !== '');
  if (refused || !wanted) return (_format, text) => text;
  return styleText;
}
