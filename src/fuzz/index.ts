// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { heapTarget } from './heap-fuzz.js';
import { managerTarget } from './manager-fuzz.js';
import { poolTarget } from './pool-fuzz.js';
import type { FuzzKind } from './program.js';
import { radixTarget } from './radix-fuzz.js';
import { routerTarget } from './router-fuzz.js';
import { suffixTarget } from './suffix-fuzz.js';
import type { FuzzTarget } from './target.js';

export { heapTarget } from './heap-fuzz.js';
export type { HeapUnderTest, MakeHeap } from './heap-fuzz.js';
export { managerTarget } from './manager-fuzz.js';
export type { MakeManager, ManagerUnderTest } from './manager-fuzz.js';
export { poolTarget } from './pool-fuzz.js';
export type { MakePool, PoolUnderTest } from './pool-fuzz.js';
export {
  decodeProgram, encodeProgram, fromHex, FUZZ_KINDS, operationCount, toHex,
} from './program.js';
export type { FuzzKind } from './program.js';
export { radixTarget } from './radix-fuzz.js';
export type { MakeTree, TreeUnderTest } from './radix-fuzz.js';
export { routerTarget } from './router-fuzz.js';
export type { MakeRouter, RouterUnderTest } from './router-fuzz.js';
export { fuzz, replay } from './run.js';
export type { FuzzFailure, FuzzOptions, FuzzResult } from './run.js';
export { shrink } from './shrink.js';
export { suffixTarget } from './suffix-fuzz.js';
export type { MakeSuffix, SuffixUnderTest } from './suffix-fuzz.js';
export type { FuzzTarget } from './target.js';

/** The target for a kernel of `core`; it takes the whole instance. */
export function createTarget(kind: FuzzKind, core: Core): FuzzTarget {
  return {
    pool: poolTarget,
    radix: radixTarget,
    heap: heapTarget,
    manager: managerTarget,
    router: routerTarget,
    suffix: suffixTarget,
  }[kind](core);
}
