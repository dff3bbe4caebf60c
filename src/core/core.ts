// SPDX-License-Identifier: Apache-2.0
import { instantiateSync } from '@assemblyscript/loader';
import { diffSnapshots } from './diff.js';
import type { SnapshotDiff } from './diff.js';
import { integrityOf } from './integrity.js';
import type { Integrity } from './integrity.js';
import { SnapshotError, verifySnapshot } from './snapshot.js';
import { KernelError, Status } from './status.js';
import type { CoreExports } from './exports.js';

/** ABI that this host was written against. */
export const ABI_VERSION = 2;
const INITIAL_BYTES = 1 << 20;

/** Bytes or a compiled module of core.wasm, core.scalar.wasm or core.debug.wasm. */
export type CoreSource = BufferSource | WebAssembly.Module;

/**
 * One instance of the wasm core with its own memory: kernels, arena, views.
 *
 * Instances share nothing, so a simulation may use several, and a worker has its own. Views go
 * stale when the memory grows: take them from the instance at each use (`core.u32`), never keep
 * them across a call of `reserve`.
 */
export class Core {
  readonly exports: CoreExports;
  /** True when this build uses 128-bit SIMD. */
  readonly simd: boolean;
  u8!: Uint8Array;
  i32!: Int32Array;
  u32!: Uint32Array;
  f64!: Float64Array;
  readonly #module: WebAssembly.Module;

  constructor(source: CoreSource) {
    // The loader decodes abort messages of the debug build. Its wrapped exports cost 5.1 ns a
    // call against 2.0 ns of the raw ones, so every call here goes through the raw exports.
    const { instance, module } = instantiateSync(source as BufferSource, {});
    this.#module = module;
    this.exports = instance.exports as unknown as CoreExports;
    const abi = this.exports.abi_version();
    if (abi !== ABI_VERSION) throw new Error(`Got abi ${abi}, expected ${ABI_VERSION}.`);
    this.simd = this.exports.build_simd() === 1;
    this.#check('arena_init', this.exports.arena_init(INITIAL_BYTES));
    this.refresh();
  }

  /** Re-derives the views after the memory may have grown. */
  refresh(): void {
    const { buffer } = this.exports.memory;
    if (this.u8?.buffer === buffer) return;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Makes room for `bytes` more in the arena. A safe point: views are re-derived. */
  reserve(bytes: number): void {
    if (!(bytes < 0x100000000)) throw new KernelError('arena_reserve', Status.noMemory);
    this.#check('arena_reserve', this.exports.arena_reserve(bytes));
    this.refresh();
  }

  /** A zeroed buffer of `bytes` in the arena, as an offset. */
  take(bytes: number): number {
    this.reserve(bytes + (bytes >> 2) + 64);
    const at = this.exports.arena_take(bytes) >>> 0;
    if (at === 0) throw new KernelError('arena_take', Status.noMemory);
    return at;
  }

  /** Returns a buffer taken with `take` of the same size. */
  give(at: number, bytes: number): void {
    this.#check('arena_give', this.exports.arena_give(at, bytes));
  }

  /** A copy of the complete kernel state. */
  snapshot(): Uint8Array {
    const from = this.exports.arena_base() >>> 0;
    const to = this.exports.arena_top() >>> 0;
    return this.u8.slice(from, to);
  }

  /**
   * Puts a snapshot back. It must come from an instance with the same ABI; bytes that are none are
   * refused with `SnapshotError`. With `verify` every object in it is checked as well, and when one
   * breaks an invariant the state of before stays.
   */
  restore(snapshot: Uint8Array, options: { verify?: boolean } = {}): void {
    verifySnapshot('restore', snapshot, ABI_VERSION, this.exports.arena_base() >>> 0);
    const before = options.verify === true ? this.snapshot() : null;
    this.#put(snapshot);
    if (before === null) return;
    const found = this.checkIntegrity();
    if (found.ok) return;
    this.#put(before);
    const { kernel, invariant, handle } = found;
    throw new SnapshotError('restore', `${invariant} does not hold: ${kernel} at ${handle}`);
  }

  /** Another instance of the same build with the same state; from here on they share nothing. */
  fork(): Core {
    const twin = new Core(this.#module);
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

  #put(snapshot: Uint8Array): void {
    const from = this.exports.arena_base() >>> 0;
    const missing = from + snapshot.length + (1 << 16) - this.u8.length;
    if (missing > 0) {
      this.exports.memory.grow(Math.ceil(missing / 65536));
      this.refresh();
    }
    this.u8.set(snapshot, from);
    this.#check('arena_adopt', this.exports.arena_adopt());
  }

  #check(operation: string, status: number): void {
    if (status < 0) throw new KernelError(operation, status);
  }
}
