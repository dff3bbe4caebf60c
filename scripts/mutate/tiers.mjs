// SPDX-License-Identifier: Apache-2.0
/** Bugs to plant in the tier store. */
const store = 'assembly/kv/tiers.ts';
const blocks = 'assembly/kv/tiers/blocks.ts';
const insert = 'assembly/kv/tiers/insert.ts';
const moves = 'assembly/kv/tiers/moves.ts';
const heaps = 'assembly/kv/tiers/heaps.ts';

const mutants = [
  [moves, 'a child is copied down before its parent', 'bug 28, sglang 22062',
    'if (index == NIL || has(b.resident | b.incoming, t + 1)) {', 'if (index == NIL || i == n) {'],
  [moves, 'the lock of a finished copy is never released', 'bug 28, sglang 20049',
    'if (source == 0 || target == 0) release(s, end);\n  if (!lands)', 'if (!lands)'],
  [moves, 'a failed copy keeps its slot', 'bug 17, vllm 44490: host leak',
    'if (awaited && !lands) tier(s, x.target).used--;', ''],
  [moves, 'a block leaves although its copy failed', 'bug 34, TRT-LLM 8830',
    'if (!lands || !leaves) {', 'if (!leaves) {'],
  [moves, 'a copy lands before what it hangs from', 'bug 28, sglang 22185',
    'lands = false;\n  }', '}'],
  [moves, 'a load evicts what it reads', 'bug 34, TRT-LLM 8813',
    'for (let t: u32 = 1; t < tiers; t++) each(s, t, 1);', ''],
  [moves, 'a load ignores the quota', 'load-back quota',
    'if (<u64>loading + total > <u64>quota) return FULL;', ''],
  [moves, 'a part too short is loaded', 'load-back threshold',
    'if (n && n < tier(s, tiers).shortest) break;', ''],
  [moves, 'write-through copies at once whatever the hits', 'write-through-selective',
    'b.hits >= least && ', ''],
  [moves, 'write-back drains more than asked for', 'eviction count',
    'while (count < most && follows', 'while (follows'],
  [moves, 'the last transfer is given twice', 'overflow',
    'if (s.open < s.maxTransfers) return <i32>drain(s, t, victim, most);',
    'return <i32>drain(s, t, victim, most);'],
  [moves, 'a victim passed over is lost', 'leaf set exact',
    'if (at(s, index).resident) settle(s, index);', ''],
  [blocks, 'an offload ignores the priority', 'TRT-LLM secondaryOffloadMinPriority',
    ' && <u32>(b.key >> STAMP_BITS) >= a.least', ''],
  [blocks, 'a use is forgotten when a child leaves', 'LRU of paths',
    'if (best > old && stamp > (p.key & STAMP_MASK))', 'if (false)'],
  [blocks, 'a device block goes while children hang from it', 'invariant 18',
    'kept || load<u32>(childrenAt(b, best)) || (leads', 'kept || (leads'],
  [blocks, 'a locked block is evicted', 'invariant 17',
    'const kept = best == 0 ? isPinned(b) : b.busy != 0;',
    'const kept = best == 0 ? b.holds != 0 : b.busy != 0;'],
  [blocks, 'a removed hash cuts off those behind it', 'hash table without repair',
    'if (((j - h) & mask) < ((j - i) & mask)) continue;', 'continue;'],
  [blocks, 'a priority does not end', 'TRT-LLM durations',
    'if (at(s, index).due > now) break;', 'if (at(s, index).due >= now) break;'],
  [blocks, 'a number outlives its block', 'stale handles', '  b.gen++;\n', ''],
  [insert, 'a block that is used again leaves', 'write-back race',
    '  stay(s, at(s, index));\n  settle', '  settle'],
  [insert, 'what was below counts as prefix', 'HiCache insert',
    'else attach(s, index);',
    'else {\n        attach(s, index);\n        prefix += <u32>(prefix == i);\n      }'],
  [insert, 'a late copy takes a second slot', 'slots partition',
    'if (has(b.incoming, 0)) b.incoming &= 0xfe;\n  else tier(s, 0).used++;', 'tier(s, 0).used++;'],
  [store, 'a path goes on from what the device has lost', 'invariant 18',
    'if (from != NIL && !has(at(s, from).resident, 0)) return NONE;', ''],
  [store, 'a transfer ends twice', 'double completion',
    'if (x.serial == 0 || x.next != FETCHED || idOf(x, slot) != id) return NONE;', ''],
  [heaps, 'the newest goes first', 'eviction order',
    'return k != l ? k < l : x.hash < y.hash;', 'return k != l ? k > l : x.hash < y.hash;'],
];

export const suite = {
  kernel: 'tier store',
  fuzz: ['tier'],
  tests: [
    'test/core/tier-store.test.ts',
    'test/core/tier-store-down.test.ts',
    'test/core/guards.test.ts',
  ],
  mutants,
};
