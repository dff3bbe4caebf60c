// SPDX-License-Identifier: Apache-2.0
/**
 * Snapshots: the bytes [arena_base, arena_top) of an instance.
 *
 * ```
 *  0        4       8      12       16        20      24                    536
 *  ┌────────┬───────┬──────┬────────┬─────────┬───────┬─────────────────────┬─────────┬─ ─
 *  │ magic  │ abi   │ top  │ limit  │ newest  │ spare │ free list heads,    │ padding │ objects
 *  │ "kvl"1 │       │      │        │ object  │       │ 128 words           │ to 64   │
 *  └────────┴───────┴──────┴────────┴─────────┴───────┴─────────────────────┴─────────┴─ ─
 * ```
 *
 * Words are little-endian. `top` and all offsets inside are absolute: the size of a snapshot is
 * top minus arena_base, which is the same in every build. `limit` belongs to the memory around it,
 * not to the state, and is refitted when a snapshot is put back.
 */
import { KernelError, Status } from './status.js';

/** First word of the arena: "kvl" and the version of its layout. */
export const SNAPSHOT_MAGIC = 0x6b766c01;
const HEADER_BYTES = 576;

/** Bytes that cannot be restored: the message says what is wrong with them. */
export class SnapshotError extends KernelError {
  constructor(operation: string, why: string) {
    super(operation, Status.badArgument);
    this.message = `${operation}: ${why}`;
  }
}

/** Throws unless `bytes` are a whole snapshot of ABI `abi` for an arena that begins at `base`. */
export function verifySnapshot(
  operation: string,
  bytes: Uint8Array,
  abi: number,
  base: number,
): void {
  if (bytes.length < 16) {
    throw new SnapshotError(operation, `not a snapshot: ${bytes.length} bytes, too few`);
  }
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = words.getUint32(0, true);
  if (magic >>> 8 !== SNAPSHOT_MAGIC >>> 8) {
    const got = magic.toString(16).padStart(8, '0');
    throw new SnapshotError(operation, `not a snapshot: begins with ${got}, expected 6b766c01`);
  }
  const layout = magic & 255;
  if (layout !== (SNAPSHOT_MAGIC & 255)) {
    const known = SNAPSHOT_MAGIC & 255;
    throw new SnapshotError(operation, `snapshot has layout ${layout}, this core reads ${known}`);
  }
  const version = words.getUint32(4, true);
  if (version !== abi) {
    throw new SnapshotError(operation, `snapshot has ABI ${version}, this core has ABI ${abi}`);
  }
  const size = words.getUint32(8, true) - base;
  if (size !== bytes.length || size < HEADER_BYTES) {
    const got = bytes.length;
    throw new SnapshotError(operation, `snapshot is ${got} bytes, its header says ${size}`);
  }
}
