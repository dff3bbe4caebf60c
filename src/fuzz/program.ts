// SPDX-License-Identifier: Apache-2.0
/**
 * Fuzz programs: bytes that mean a sequence of kernel operations.
 *
 * ```
 *  ┌──────────────┬─────────┬──────┬───────────────┬────────────┬────────────┬─ ─
 *  │ "kvlf" magic │ version │ kind │ setup 4 bytes │ operation  │ operation  │
 *  └──────────────┴─────────┴──────┴───────────────┴─8 bytes────┴─8 bytes────┴─ ─
 * ```
 *
 * Decoding is total: any bytes after the header are a valid program, and what is missing at the
 * end reads as 0. Operations have one size, so taking one out leaves the others as they were,
 * which is what makes a failure shrink well.
 */
import { UserError } from '../core/user-error.js';

export const FUZZ_KINDS = [
  'pool', 'radix', 'heap', 'manager', 'router', 'tier', 'suffix',
] as const;
export type FuzzKind = (typeof FUZZ_KINDS)[number];

export const SETUP_BYTES = 4;
export const OPERATION_BYTES = 8;

const MAGIC = [0x6b, 0x76, 0x6c, 0x66];
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 2;

/** Number of operations in a program body. */
export function operationCount(body: Uint8Array): number {
  return Math.ceil(Math.max(0, body.length - SETUP_BYTES) / OPERATION_BYTES);
}

/** The program of `kind` with the given body, as it is printed. */
export function encodeProgram(kind: FuzzKind, body: Uint8Array): Uint8Array {
  return Uint8Array.from([...MAGIC, VERSION, FUZZ_KINDS.indexOf(kind), ...body]);
}

/** Takes a program apart; `file` names it in errors. */
export function decodeProgram(
  bytes: Uint8Array,
  file?: string,
): { kind: FuzzKind; body: Uint8Array } {
  const place = file === undefined ? {} : { file };
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new UserError('not a fuzz program: it must begin with 6b766c66 ("kvlf")', place);
  }
  if (bytes[4] !== VERSION) {
    const detail = { got: bytes[4], allowed: String(VERSION) };
    throw new UserError('unknown version of fuzz program', place, detail);
  }
  const kind = FUZZ_KINDS[bytes[5]];
  if (kind === undefined) {
    const allowed = FUZZ_KINDS.map((name, i) => `${i} ${name}`).join(', ');
    throw new UserError('unknown kind of fuzz program', place, { got: bytes[5], allowed });
  }
  return { kind, body: bytes.slice(HEADER_BYTES) };
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of a hex text, or null when it is none. White space is skipped. */
export function fromHex(text: string): Uint8Array | null {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}
