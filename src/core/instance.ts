// SPDX-License-Identifier: Apache-2.0
import { instantiateSync } from '@assemblyscript/loader';
import { KernelError, Status } from './status.js';

/** What every module of kvloom exports: its version, its build, its arena. */
export interface ArenaExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  build_simd(): number;
  arena_init(bytes: number): number;
  arena_reserve(bytes: number): number;
  arena_base(): number;
  arena_top(): number;
  arena_take(bytes: number): number;
  arena_give(at: number, bytes: number): number;
  arena_adopt(): number;
}

/** Bytes or a compiled module of one of the `.wasm` files. */
export type CoreSource = BufferSource | WebAssembly.Module;

const INITIAL_BYTES = 1 << 20;

/**
 * One instance of a wasm module with its own memory: exports, arena, views.
 *
 * Instances share nothing, so a simulation may use several, and a worker has its own. Views go
 * stale when the memory grows: take them from the instance at each use (`core.u32`), never keep
 * them across a call of `reserve`.
 */
export class WasmInstance<E extends ArenaExports> {
  readonly exports: E;
  /** True when this build uses 128-bit SIMD. */
  readonly simd: boolean;
  u8!: Uint8Array;
  i32!: Int32Array;
  u32!: Uint32Array;
  f32!: Float32Array;
  f64!: Float64Array;
  protected readonly module: WebAssembly.Module;

  constructor(source: CoreSource, version: number) {
    // The loader decodes abort messages of the debug build. Its wrapped exports cost 5.1 ns a
    // call against 2.0 ns of the raw ones, so every call here goes through the raw exports.
    const { instance, module } = instantiateSync(source as BufferSource, {});
    this.module = module;
    this.exports = instance.exports as unknown as E;
    const abi = this.exports.abi_version();
    if (abi !== version) throw new Error(`Got abi ${abi}, expected ${version}.`);
    this.simd = this.exports.build_simd() === 1;
    this.check('arena_init', this.exports.arena_init(INITIAL_BYTES));
    this.refresh();
  }

  /** Re-derives the views after the memory may have grown. */
  refresh(): void {
    const { buffer } = this.exports.memory;
    if (this.u8?.buffer === buffer) return;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Makes room for `bytes` more in the arena. A safe point: views are re-derived. */
  reserve(bytes: number): void {
    if (!(bytes < 0x100000000)) throw new KernelError('arena_reserve', Status.noMemory);
    this.check('arena_reserve', this.exports.arena_reserve(bytes));
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
    this.check('arena_give', this.exports.arena_give(at, bytes));
  }

  /** A copy of the complete kernel state. */
  snapshot(): Uint8Array {
    const from = this.exports.arena_base() >>> 0;
    const to = this.exports.arena_top() >>> 0;
    return this.u8.slice(from, to);
  }

  /** Puts the bytes of a snapshot in place. They must have been verified. */
  protected put(snapshot: Uint8Array): void {
    const from = this.exports.arena_base() >>> 0;
    const missing = from + snapshot.length + (1 << 16) - this.u8.length;
    if (missing > 0) {
      this.exports.memory.grow(Math.ceil(missing / 65536));
      this.refresh();
    }
    this.u8.set(snapshot, from);
    this.check('arena_adopt', this.exports.arena_adopt());
  }

  protected check(operation: string, status: number): void {
    if (status < 0) throw new KernelError(operation, status);
  }
}
