// SPDX-License-Identifier: Apache-2.0
/** Colour, only when the caller asks for it: reports do not know where they are printed. */

export type TextFormat = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Dresses a text; Node's `styleText` is one. */
export type TextStyle = (format: TextFormat, text: string) => string;

/** SGR parameters that turn a format on and off. */
const CODES: Readonly<Record<TextFormat, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export const plainStyle: TextStyle = (_format, text) => text;

export const ansiStyle: TextStyle = (format, text) => {
  const [on, off] = CODES[format];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};

export function styleOf(style: boolean | TextStyle): TextStyle {
  if (typeof style === 'function') return style;
  return style ? ansiStyle : plainStyle;
}
