// SPDX-License-Identifier: Apache-2.0
import type { Core } from '../core/core.js';
import { heapTarget } from './heap-fuzz.js';
import { managerTarget } from './manager-fuzz.js';
import { poolTarget } from './pool-fuzz.js';
import { FUZZ_KINDS } from './program.js';
import type { FuzzKind } from './program.js';
import { radixTarget } from './radix-fuzz.js';
import { routerTarget } from './router-fuzz.js';
import { suffixTarget } from './suffix-fuzz.js';
import type { FuzzTarget } from './target.js';
import { tiersTarget } from './tiers-fuzz.js';

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
export { Campaign } from './campaign.js';
export type { CampaignSettings, Job, KindRecord, KindResult } from './campaign.js';
export { parseState, stateText } from './campaign-state.js';
export { DEFAULT_EVERY, fuzz, PROGRAM_OPERATIONS, replay, runSpan } from './run.js';
export type {
  FuzzFailure, FuzzOptions, FuzzResult, SpanResult, SpanSettings,
} from './run.js';
export { tiersTarget } from './tiers-fuzz.js';
export type { MakeTiers, TiersUnderTest } from './tiers-fuzz.js';
export { shrink } from './shrink.js';
export { suffixTarget } from './suffix-fuzz.js';
export type { MakeSuffix, SuffixUnderTest } from './suffix-fuzz.js';
export type { FuzzTarget } from './target.js';

/** Parts of the operations of `kvloom fuzz all` that a kind gets; one that is not named gets 1. */
const SHARES: Partial<Record<FuzzKind, number>> = {
  pool: 120, radix: 60, heap: 40, manager: 30, router: 30, tier: 2, suffix: 2,
};

/** The kinds of a campaign with their shares. */
export function sharesOf(kind: FuzzKind | 'all'): Partial<Record<FuzzKind, number>> {
  const kinds = kind === 'all' ? FUZZ_KINDS : [kind];
  return Object.fromEntries(kinds.map((each) => [each, SHARES[each] ?? 1]));
}

/** The target for a kernel of `core`; it takes the whole instance. */
export function createTarget(kind: FuzzKind, core: Core): FuzzTarget {
  return {
    pool: poolTarget,
    radix: radixTarget,
    heap: heapTarget,
    manager: managerTarget,
    router: routerTarget,
    tier: tiersTarget,
    suffix: suffixTarget,
  }[kind](core);
}
