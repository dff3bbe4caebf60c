// SPDX-License-Identifier: Apache-2.0
// Block pool in C++: the algorithm and the contract of assembly/kv/pool.ts. Same records, same
// hash, same order of blocks, same refusals: a call that is refused returns false and changes
// nothing. Storage is std::vector instead of the arena.
#pragma once
#include <bit>
#include <cstdint>
#include <iterator>
#include <vector>

namespace kvloom {

class BlockPool {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  explicit BlockPool(uint32_t blocks)
      : blocks_(blocks),
        records_(blocks + 1),
        rings_(blocks),
        table_(std::bit_ceil(blocks < 8 ? 16u : blocks * 2)),
        mask_(static_cast<uint32_t>(table_.size()) - 1),
        shift_(64 - std::countr_zero(table_.size())) {
    clear();
  }

  void clear() {
    const uint32_t n = blocks_;
    for (uint32_t id = 0; id <= n; id++) {
      records_[id] = {id == 1 ? n : id - 1, id == n ? 1 : id + 1, 0, kNone};
    }
    records_[n].prev = n - 1;
    records_[n - 1].next = n;
    records_[0].ref = 1;
    for (Slot& slot : table_) slot.entry = kNone;
    free_ = n - 1;
    hashed_ = 0;
    evicted_ = 0;
  }

  uint32_t free_blocks() const { return free_; }
  uint32_t hashed_blocks() const { return hashed_; }
  uint32_t evicted() const { return evicted_; }

  /** Takes n blocks from the head of the free queue; false when fewer are free. */
  bool alloc(uint32_t n, uint32_t* ids) {
    if (n > free_) return false;
    Block* const records = records_.data();
    uint32_t id = records[blocks_].next;
    for (uint32_t i = 0; i < n; i++) {
      Block& b = records[id];
      const uint32_t next = b.next;
      if (b.slot != kNone) {
        unhash(id);
        evicted_++;
      }
      b.ref = 1;
      ids[i] = id;
      id = next;
    }
    records[blocks_].next = id;
    records[id].prev = blocks_;
    free_ -= n;
    return true;
  }

  /**
   * Takes a reference off each block, in eviction order: those without a hash go to the head of the
   * queue, hashed ones to its tail. False when one is freed more often than it was taken.
   */
  bool free(const uint32_t* ids, uint32_t n) { return release(ids, ids + n); }

  /** The same from the end of a block table. */
  bool free_table(const uint32_t* table, uint32_t n) {
    return release(std::reverse_iterator(table + n), std::reverse_iterator(table));
  }

  /** One more reference on each block; a free one leaves the queue. */
  bool touch(const uint32_t* ids, uint32_t n) {
    Block* const records = records_.data();
    for (uint32_t i = 0; i < n; i++) {
      const uint32_t id = ids[i];
      if (id - 1 >= blocks_ - 1 || records[id].ref == kMaxRef) {
        while (i > 0) untouch(ids[--i]);
        return false;
      }
      Block& b = records[id];
      if (b.ref == 0) {
        records[b.prev].next = b.next;
        records[b.next].prev = b.prev;
        free_--;
      }
      b.ref++;
    }
    return true;
  }

  /** Registers ids[i] under keys[i]; false when one is hashed already. */
  bool cache(const uint32_t* ids, const uint64_t* keys, uint32_t n, uint32_t group = 0) {
    if (group_ != group) group_ = hashed_ ? kManyGroups : group;
    for (uint32_t i = 0; i < n; i++) {
      const uint32_t id = ids[i];
      if (id - 1 >= blocks_ - 1 || records_[id].slot != kNone) {
        while (i > 0) unhash(ids[--i]);
        return false;
      }
      hash(id, keys[i], group);
    }
    return true;
  }

  /** Oldest block under a key, or kNone. */
  uint32_t lookup(uint64_t key, uint32_t group = 0) const {
    const uint32_t entry = table_[find(key, group)].entry;
    return entry == kNone ? kNone : entry & kIdMask;
  }

  /** Looks keys up from the left until the first miss; returns the hits. */
  uint32_t lookup_run(const uint64_t* keys, uint32_t n, uint32_t* ids, uint32_t group = 0) const {
    const uint32_t guesses_end = group_ == group ? n : 0;
    uint32_t id = 0;
    for (uint32_t i = 0; i < n;) {
      const uint32_t found = lookup(keys[i], group);
      if (found == kNone) return i;
      const uint32_t step = found - id;
      ids[i++] = id = found;
      if ((step + 1) & ~2u) continue;
      while (i < guesses_end && is_alone_under(id + step, keys[i])) ids[i++] = id += step;
    }
    return n;
  }

 private:
  static constexpr uint32_t kMaxRef = 0x7fffffff;
  static constexpr uint32_t kFollower = 0xfffffffe;
  static constexpr uint32_t kShared = 0x80000000;
  static constexpr uint32_t kManyGroups = 63;
  static constexpr uint32_t kGroupShift = 26;
  static constexpr uint32_t kIdMask = (1u << kGroupShift) - 1;

  struct Block {
    uint32_t prev, next, ref;
    /** kNone, where the hash stands, that | kShared, or kFollower of an older block. */
    uint32_t slot;
  };
  /** Neighbours among the blocks of one hash, oldest first; the key of a block without any. */
  struct Ring {
    uint32_t next, prev;
  };
  struct [[gnu::packed, gnu::aligned(4)]] Slot {
    uint64_t key;
    /** kNone, or group << kGroupShift | id of the oldest block. */
    uint32_t entry;
  };

  uint32_t blocks_, free_ = 0, hashed_ = 0, evicted_ = 0;
  /** Group of all hashes; kManyGroups where there may be several. */
  uint32_t group_ = 0;
  std::vector<Block> records_;
  std::vector<Ring> rings_;
  std::vector<Slot> table_;
  uint32_t mask_, shift_;

  uint32_t home(uint64_t key, uint32_t group) const {
    return static_cast<uint32_t>(
        ((key ^ (static_cast<uint64_t>(group) << 32)) * 0x9e3779b97f4a7c15) >> shift_);
  }

  template <typename Ids>
  bool release(const Ids first, const Ids last) {
    Block* const records = records_.data();
    const uint32_t sentinel = blocks_;
    const uint32_t old_tail = records[sentinel].prev;
    uint32_t tail = old_tail;
    // Blocks for the head hang off the null block, which is never queued, until the end.
    uint32_t last_head = 0;
    uint32_t queued = 0;
    for (Ids at = first; at != last; ++at) {
      const uint32_t id = *at;
      if (id - 1 >= sentinel - 1 || records[id].ref == 0) {
        while (at != first) records[*--at].ref++;
        records[sentinel].prev = old_tail;
        records[old_tail].next = sentinel;
        return false;
      }
      Block& b = records[id];
      if (--b.ref != 0) continue;
      queued++;
      uint32_t& end = b.slot == kNone ? last_head : tail;
      records[end].next = id;
      b.prev = end;
      end = id;
    }
    records[tail].next = sentinel;
    records[sentinel].prev = tail;
    if (last_head) {
      const uint32_t freed = records[0].next;
      const uint32_t head = records[sentinel].next;
      records[sentinel].next = freed;
      records[freed].prev = sentinel;
      records[last_head].next = head;
      records[head].prev = last_head;
    }
    free_ += queued;
    return true;
  }

  /** True when block `id` carries the key and no other one does; all hashes are of one group. */
  bool is_alone_under(uint32_t id, uint64_t key) const {
    return !(records_[id].slot & kShared) && std::bit_cast<uint64_t>(rings_[id]) == key;
  }

  uint32_t find(uint64_t key, uint32_t group) const {
    uint32_t i = home(key, group);
    while (true) {
      const Slot& slot = table_[i];
      if (slot.key == key && slot.entry >> kGroupShift == group) return i;
      if (slot.entry == kNone) return i;
      i = (i + 1) & mask_;
    }
  }

  /** A block that left the queue still knows its place: undone last first, it fits again. */
  void untouch(uint32_t id) {
    Block& b = records_[id];
    if (--b.ref != 0) return;
    records_[b.prev].next = id;
    records_[b.next].prev = id;
    free_++;
  }

  void hash(uint32_t id, uint64_t key, uint32_t group) {
    const uint32_t index = find(key, group);
    Slot& slot = table_[index];
    if (slot.entry == kNone) {
      slot = {key, group << kGroupShift | id};
      records_[id].slot = index;
      rings_[id] = std::bit_cast<Ring>(key);
    } else {
      follow(slot.entry & kIdMask, id);
    }
    hashed_++;
  }

  void follow(uint32_t oldest, uint32_t id) {
    if (!(records_[oldest].slot & kShared)) {
      records_[oldest].slot |= kShared;
      rings_[oldest] = {oldest, oldest};
    }
    records_[id].slot = kFollower;
    const uint32_t youngest = rings_[oldest].prev;
    rings_[id] = {oldest, youngest};
    rings_[youngest].next = id;
    rings_[oldest].prev = id;
  }

  void unhash(uint32_t id) {
    Block& b = records_[id];
    const uint32_t at = b.slot;
    b.slot = kNone;
    hashed_--;
    if (!(at & kShared)) return remove_slot(at);
    const Ring ring = rings_[id];
    rings_[ring.prev].next = ring.next;
    rings_[ring.next].prev = ring.prev;
    if (at != kFollower) {
      Slot& slot = table_[at ^ kShared];
      slot.entry = (slot.entry & ~kIdMask) | ring.next;
      records_[ring.next].slot = at;
    }
    if (ring.next == ring.prev) {
      uint32_t& last = records_[ring.next].slot;
      last &= ~kShared;
      rings_[ring.next] = std::bit_cast<Ring>(table_[last].key);
    }
  }

  /** Backward-shift deletion: no tombstones. */
  void remove_slot(uint32_t hole) {
    uint32_t j = hole;
    while (true) {
      j = (j + 1) & mask_;
      const Slot slot = table_[j];
      if (slot.entry == kNone) break;
      const uint32_t h = home(slot.key, slot.entry >> kGroupShift);
      if (((j - h) & mask_) < ((j - hole) & mask_)) continue;
      table_[hole] = slot;
      uint32_t& at = records_[slot.entry & kIdMask].slot;
      at = (at & kShared) | hole;
      hole = j;
    }
    table_[hole].entry = kNone;
  }
};

}  // namespace kvloom
