// SPDX-License-Identifier: Apache-2.0
export { BlockPool } from './block-pool.js';
export type { BlockPoolOptions, PoolEvent } from './block-pool.js';
export { BlockKeys } from './block-keys.js';
export type { ExtraKeys, MediaItem } from './block-keys.js';
export { U32Buffer } from './buffer.js';
export { ABI_VERSION, Core } from './core.js';
export { WasmInstance } from './instance.js';
export type { ArenaExports, CoreSource } from './instance.js';
export {
  sglangPageHash, sglangShortHash, vllmBlockHashes, vllmNoneHash, vllmShortHash,
} from './engine-hashes.js';
export { EventHeap } from './event-heap.js';
export type { CoreExports, RngAddress, RngDraw } from './exports.js';
export { BlockHasher } from './hash.js';
export type { BlockHashes } from './hash.js';
export { KvManager } from './kv-manager.js';
export type { AllocOptions, KvGroup, KvHit, KvManagerOptions, KvRequest } from './kv-manager.js';
export { loadCore, simdSupported } from './load.js';
export { sourceOf } from './bundled.js';
export type { BundledWasm, LoadOptions } from './bundled.js';
export { CoreMath } from './math.js';
export { RADIX_POLICIES, RadixLevel, RadixTtl } from './radix-policy.js';
export type { RadixEvent, RadixPolicy } from './radix-policy.js';
export { RADIX_HEADER, RadixTree } from './radix-tree.js';
export { RouterIndex } from './router-index.js';
export type {
  BlockRun, EventAnswer, Residents, RouterForm, RouterIndexOptions, WorkerState,
} from './router-index.js';
export { Rng } from './rng.js';
export { check, KernelError, Status } from './status.js';
export { KERNELS } from './integrity.js';
export type { Integrity } from './integrity.js';
export { SnapshotError } from './snapshot.js';
export type { ByteRange, ObjectChange, SnapshotDiff } from './diff.js';
export { TierStore } from './tier-store.js';
export type {
  Residency, TierBlock, TierCommand, TierEvent, TierInsert, TierMatch, TierOccupancy, TierOptions,
  TierStoreOptions,
} from './tier-store.js';
