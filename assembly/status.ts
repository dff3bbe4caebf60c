// SPDX-License-Identifier: Apache-2.0
// Status codes shared by all kernels. Results >= 0 are values, results < 0 are one of these.
// The host mirror is src/core/status.ts; test/core/status.test.ts keeps the two equal.

export const OK: i32 = 0;
/** Not enough free blocks, heap slots or evictable pages; nothing changed. */
export const FULL: i32 = -1;
/** Key, block or entry not present. */
export const NONE: i32 = -2;
/** The handle is not one of a live object of this kind (foreign, freed or never made). */
export const BAD_HANDLE: i32 = -3;
/** An argument is out of range; nothing changed. */
export const BAD_ARGUMENT: i32 = -4;
/** The arena has no room: reserve more at a safe point and call again; nothing changed. */
export const NO_MEMORY: i32 = -5;
/** A block is freed or unlocked more often than it was taken; nothing changed. */
export const UNBALANCED: i32 = -6;
/** The operation needs an idle object (for instance a reset while blocks are in use). */
export const BUSY: i32 = -7;
/** A node handle outlived its node (evicted or reset since). */
export const STALE: i32 = -8;
