// SPDX-License-Identifier: Apache-2.0
import { diffSnapshots } from './diff.js';
import type { SnapshotDiff } from './diff.js';
import { integrityOf } from './integrity.js';
import { WasmInstance } from './instance.js';
import type { CoreSource } from './instance.js';
import type { Integrity } from './integrity.js';
import { SnapshotError, verifySnapshot } from './snapshot.js';
import { Status } from './status.js';
import type { CoreExports } from './exports.js';

/** ABI that this host was written against. */
export const ABI_VERSION = 2;

/** One instance of the wasm core: the KV memory kernels, the event heap, hashes, random numbers. */
export class Core extends WasmInstance<CoreExports> {
  constructor(source: CoreSource) {
    super(source, ABI_VERSION);
  }

  /**
   * Puts a snapshot back. It must come from an instance with the same ABI; bytes that are none are
   * refused with `SnapshotError`. With `verify` every object in it is checked as well, and when one
   * breaks an invariant the state of before stays.
   */
  restore(snapshot: Uint8Array, options: { verify?: boolean } = {}): void {
    verifySnapshot('restore', snapshot, ABI_VERSION, this.exports.arena_base() >>> 0);
    const before = options.verify === true ? this.snapshot() : null;
    this.put(snapshot);
    if (before === null) return;
    const found = this.checkIntegrity();
    if (found.ok) return;
    this.put(before);
    const { kernel, invariant, handle } = found;
    throw new SnapshotError('restore', `${invariant} does not hold: ${kernel} at ${handle}`);
  }

  /** Another instance of the same build with the same state; from here on they share nothing. */
  fork(): Core {
    const twin = new Core(this.module);
    twin.restore(this.snapshot());
    return twin;
  }

  /** What changed between two snapshots, or between one and now, object by object. */
  diff(from: Uint8Array, to: Uint8Array = this.snapshot()): SnapshotDiff {
    const base = this.exports.arena_base() >>> 0;
    verifySnapshot('diff', from, ABI_VERSION, base);
    verifySnapshot('diff', to, ABI_VERSION, base);
    return diffSnapshots(from, to, base);
  }

  /** Checks every invariant of every object. Changes nothing, whatever the bytes of the state. */
  checkIntegrity(): Integrity {
    let code = this.exports.check_integrity();
    // A check may need room above the objects. Reserving is legal here: the arena was sound.
    for (let room = 1 << 16; code === Status.noMemory; room *= 4) {
      this.reserve(room);
      code = this.exports.check_integrity();
    }
    const handle = code === 0 ? 0 : this.exports.check_integrity_handle() >>> 0;
    return integrityOf(code, handle);
  }
}
