// SPDX-License-Identifier: Apache-2.0
// The drivers of src/bench/cases/kv-stream.ts and tree-micro.ts in C++.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <vector>

#include "block_pool.hpp"
#include "harness.hpp"
#include "radix_tree.hpp"

namespace kvloom {

/** What a served stream came to; printed as [hits, evicted, skipped, crc]. */
struct StreamTotals {
  uint64_t hits = 0, evicted = 0;
  uint32_t skipped = 0;
};

/** CRC-32 (zlib polynomial) of words as little-endian u32. */
inline uint32_t crc_of_words(const std::vector<uint32_t>& words) {
  uint32_t crc = ~0u;
  for (uint32_t word : words) {
    for (int byte = 0; byte < 4; byte++) {
      crc ^= (word >> (8 * byte)) & 255;
      for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
    }
  }
  return ~crc;
}

/** Look up, touch the hits, allocate the rest, cache it; freed from the end of the table. */
struct PoolStream {
  Stream stream;
  BlockPool pool;
  uint32_t window;
  std::vector<uint32_t> tables, held, hits_of;
  StreamTotals totals;

  explicit PoolStream(const Options& options)
      : stream(options.text("stream")),
        pool(options.number("blocks")),
        window(options.number("window")),
        tables((window + 1ul) * stream.longest),
        held(window + 1),
        hits_of(stream.requests()) {}

  void reset() {
    pool.clear();
    totals = StreamTotals();
  }

  void run() {
    const uint32_t slots = window + 1;
    uint32_t oldest = 0;
    uint64_t cached = 0;
    for (uint32_t r = 0; r < stream.requests(); r++) {
      const uint32_t n = stream.length(r);
      const uint64_t* keys = stream.keys.data() + stream.start[r];
      uint32_t* table = tables.data() + (r % slots) * static_cast<size_t>(stream.longest);
      const uint32_t hit = pool.lookup_run(keys, n, table);
      hits_of[r] = hit;
      pool.touch(table, hit);
      while (n - hit > pool.free_blocks() && oldest < r) release(oldest++);
      held[r % slots] = n;
      if (pool.alloc(n - hit, table + hit)) {
        pool.cache(table + hit, keys + hit, n - hit);
        totals.hits += hit;
        cached += n - hit;
      } else {
        held[r % slots] = hit;
        totals.skipped++;
      }
      if (r + 1 - oldest > window) release(oldest++);
    }
    while (oldest < stream.requests()) release(oldest++);
    totals.evicted = cached - pool.hashed_blocks();
  }

  void release(uint32_t r) {
    const uint32_t slot = r % (window + 1);
    pool.free_table(tables.data() + slot * static_cast<size_t>(stream.longest), held[slot]);
  }
};

/** Match, lock, evict what is missing, insert, lock the end. */
struct TreeStream {
  Stream stream;
  RadixTree tree{1};
  uint32_t capacity, window;
  std::vector<uint32_t> values, out, hits_of;
  std::deque<uint32_t> held;
  StreamTotals totals;

  explicit TreeStream(const Options& options)
      : stream(options.text("stream")),
        capacity(options.number("blocks")),
        window(options.number("window")),
        values(stream.longest),
        out(stream.longest + capacity),
        hits_of(stream.requests()) {
    std::iota(values.begin(), values.end(), 0);
  }

  void reset() {
    tree.clear();
    totals = StreamTotals();
  }

  void run() {
    for (uint32_t r = 0; r < stream.requests(); r++) {
      const uint32_t n = stream.length(r);
      const uint32_t* keys = stream.ids.data() + stream.start[r];
      const uint32_t hit = tree.match(keys, n);
      const uint32_t matched = tree.end();
      tree.lock(matched);
      hits_of[r] = hit;
      if (make_room(n - hit)) {
        tree.insert(keys, values.data(), n);
        tree.lock(tree.end());
        held.push_back(tree.end());
        totals.hits += hit;
      } else {
        totals.skipped++;
      }
      tree.unlock(matched);
      if (held.size() > window) release();
    }
    while (!held.empty()) release();
  }

  bool make_room(uint32_t need) {
    while (tree.tokens() + need > capacity) {
      const uint32_t over = tree.tokens() + need - capacity;
      const uint32_t freed = tree.evict(over, out.data());
      totals.evicted += freed;
      if (freed >= over) return true;
      if (held.empty()) return false;
      release();
    }
    return true;
  }

  void release() {
    tree.unlock(held.front());
    held.pop_front();
  }
};

template <class Server>
Task serve_stream(const Options& options) {
  auto s = std::make_shared<Server>(options);
  Task task{static_cast<uint32_t>(s->stream.ids.size()), [s] { s->reset(); }, [s] { s->run(); },
            [s] { return crc_of_words(s->hits_of); }};
  task.totals = [s] {
    const StreamTotals& t = s->totals;
    return std::vector<uint64_t>{t.hits, t.evicted, t.skipped, crc_of_words(s->hits_of)};
  };
  return task;
}

/** A tree of leaves of 16 tokens from a ring that is longer than the tree is large. */
struct LeafBench {
  static constexpr uint32_t kRun = 16, kPicks = 4096;
  RadixTree tree{1};
  uint32_t tokens, ops;
  std::vector<uint32_t> ring, picks;
  std::vector<uint32_t> out = std::vector<uint32_t>(kRun);
  size_t at = 0;
  Checksum sum;

  explicit LeafBench(const Options& options)
      : tokens(options.number("tokens")),
        ops(options.number("ops")),
        ring(options.number("ring")),
        picks(kPicks) {
    std::iota(ring.begin(), ring.end(), 1);
    cycle(static_cast<uint32_t>(ring.size()) / kRun);
    Random random(12345);
    const uint32_t runs = tokens / kRun;
    const uint32_t first = static_cast<uint32_t>(ring.size()) / kRun - runs;
    for (uint32_t& pick : picks) pick = (first + random.below(runs)) * kRun;
  }

  void cycle(uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
      if (tree.evictable() + kRun > tokens) tree.evict(kRun, out.data());
      tree.insert(ring.data() + at, ring.data() + at, kRun);
      at += kRun;
      if (at == ring.size()) at = 0;
    }
  }

  void lookup() {
    uint32_t hits = 0;
    for (uint32_t i = 0; i < ops; i++) {
      hits += tree.match(ring.data() + picks[i & (kPicks - 1)], kRun);
    }
    sum.add(hits);
  }

  void hit() {
    for (uint32_t i = 0; i < ops; i++) {
      tree.match(ring.data() + picks[i & (kPicks - 1)], kRun);
      tree.lock(tree.end());
      tree.unlock(tree.end());
    }
  }

  uint32_t check() {
    sum.add(tree.evictable());
    sum.add(out[0]);
    return sum.value();
  }
};

template <void (*run)(LeafBench&)>
Task leaves(const Options& options) {
  auto b = std::make_shared<LeafBench>(options);
  return {b->ops * LeafBench::kRun, [] {}, [b] { run(*b); }, [b] { return b->check(); }};
}

inline void leaf_cycle(LeafBench& b) { b.cycle(b.ops); }
inline void leaf_lookup(LeafBench& b) { b.lookup(); }
inline void leaf_hit(LeafBench& b) { b.hit(); }

}  // namespace kvloom
