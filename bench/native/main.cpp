// SPDX-License-Identifier: Apache-2.0
// Native side of `kvloom bench`: main CASE key=value... prints one line of JSON.
// The cases, their parameters and their checksums are those of src/bench/cases/*.ts.
#include <deque>
#include <map>
#include <memory>
#include <numeric>

#include "block_hash.hpp"
#include "block_pool.hpp"
#include "event_heap.hpp"
#include "harness.hpp"
#include "kv_stream.hpp"
#include "radix_tree.hpp"

using namespace kvloom;

namespace {

constexpr uint32_t kPerOp = 16;
constexpr uint32_t kSeed = 12345;

// ---- Block pool ----

/** A pool, one batch of ids, and a ring of keys that is longer than the pool. */
struct PoolBench {
  BlockPool pool;
  uint32_t ops;
  std::vector<uint64_t> ring;
  std::vector<uint32_t> ids = std::vector<uint32_t>(kPerOp);
  uint32_t at = 0;

  explicit PoolBench(const Options& options)
      : pool(options.number("blocks")), ops(options.number("ops")), ring(options.number("ring")) {
    std::iota(ring.begin(), ring.end(), 1);
  }

  void cycle(uint32_t times) {
    for (uint32_t i = 0; i < times; i++) {
      pool.alloc(kPerOp, ids.data());
      pool.cache(ids.data(), ring.data() + at, kPerOp);
      pool.free(ids.data(), kPerOp);
      at += kPerOp;
      if (at == ring.size()) at = 0;
    }
  }

  void fill() {
    pool.clear();
    at = 0;
    cycle(static_cast<uint32_t>(ring.size()) / kPerOp);
  }

  /** Keys that are cached after `fill`: the last blocks - 1 of the ring; runs of `run` of them. */
  std::vector<uint64_t> picks(uint32_t blocks, uint32_t run) const {
    Random random(kSeed);
    const uint32_t cached = (blocks - 1) / kPerOp * kPerOp;
    const uint32_t first = static_cast<uint32_t>(ring.size()) - cached;
    std::vector<uint64_t> keys(65536);
    for (uint32_t i = 0; i < keys.size(); i += run) {
      const uint32_t from = first + random.below(cached - run + 1);
      for (uint32_t j = 0; j < run; j++) keys[i + j] = ring[from + j];
    }
    return keys;
  }

  uint32_t check() const {
    Checksum sum;
    for (uint32_t id : ids) sum.add(id);
    sum.add(pool.free_blocks());
    sum.add(pool.hashed_blocks());
    return sum.value();
  }
};

Task pool_alloc_free(const Options& options) {
  auto b = std::make_shared<PoolBench>(options);
  const auto run = [b] {
    for (uint32_t i = 0; i < b->ops; i++) {
      b->pool.alloc(kPerOp, b->ids.data());
      b->pool.free(b->ids.data(), kPerOp);
    }
  };
  return {b->ops * kPerOp, [] {}, run, [b] { return b->check(); }};
}

Task pool_cycle(const Options& options) {
  auto b = std::make_shared<PoolBench>(options);
  b->fill();
  return {b->ops * kPerOp, [] {}, [b] { b->cycle(b->ops); }, [b] { return b->check(); }};
}

Task pool_lookup(const Options& options) {
  auto b = std::make_shared<PoolBench>(options);
  b->fill();
  auto keys = std::make_shared<std::vector<uint64_t>>(b->picks(options.number("blocks"), 1));
  const auto run = [b, keys] {
    uint32_t at = 0;
    for (uint32_t i = 0; i < b->ops; i++) {
      b->pool.lookup_run(keys->data() + at, kPerOp, b->ids.data());
      at = (at + kPerOp) & 65535;
    }
  };
  return {b->ops * kPerOp, [] {}, run, [b] { return b->check(); }};
}

Task pool_hit(const Options& options) {
  auto b = std::make_shared<PoolBench>(options);
  b->fill();
  auto keys = std::make_shared<std::vector<uint64_t>>(b->picks(options.number("blocks"), kPerOp));
  const auto run = [b, keys] {
    uint32_t at = 0;
    for (uint32_t i = 0; i < b->ops; i++) {
      b->pool.lookup_run(keys->data() + at, kPerOp, b->ids.data());
      b->pool.touch(b->ids.data(), kPerOp);
      b->pool.free(b->ids.data(), kPerOp);
      at = (at + kPerOp) & 65535;
    }
  };
  return {b->ops * kPerOp, [] {}, run, [b] { return b->check(); }};
}

/** Serves a stream with `window` requests alive at a time: hit, touch, allocate, cache, free. */
struct PoolServer {
  Stream stream;
  BlockPool pool;
  uint32_t window;
  /** Block tables of the requests alive, each in a piece of `stream.longest`. */
  std::vector<uint32_t> tables;
  Checksum sum;

  explicit PoolServer(const Options& options)
      : stream(options.text("stream")),
        pool(options.number("blocks")),
        window(options.number("window")),
        tables((window + 1ul) * stream.longest) {}

  void run() {
    const uint32_t slots = window + 1;
    uint32_t oldest = 0;
    for (uint32_t r = 0; r < stream.requests(); r++) {
      const uint32_t n = stream.length(r);
      const uint64_t* keys = stream.keys.data() + stream.start[r];
      uint32_t* table = tables.data() + (r % slots) * static_cast<size_t>(stream.longest);
      const uint32_t hit = pool.lookup_run(keys, n, table);
      pool.touch(table, hit);
      while (n - hit > pool.free_blocks() && oldest < r) release(oldest++);
      if (!pool.alloc(n - hit, table + hit)) throw std::runtime_error("pool is too small");
      pool.cache(table + hit, keys + hit, n - hit);
      sum.add(hit);
      if (r + 1 - oldest > window) release(oldest++);
    }
    while (oldest < stream.requests()) release(oldest++);
  }

  /** Tail first, so that a prefix outlives what follows it. */
  void release(uint32_t r) {
    uint32_t* table = tables.data() + (r % (window + 1)) * static_cast<size_t>(stream.longest);
    std::reverse(table, table + stream.length(r));
    pool.free(table, stream.length(r));
  }
};

Task pool_serve(const Options& options) {
  auto s = std::make_shared<PoolServer>(options);
  const auto setup = [s] {
    s->pool.clear();
    s->sum = Checksum();
  };
  const uint32_t units = static_cast<uint32_t>(s->stream.ids.size());
  return {units, setup, [s] { s->run(); }, [s] { return s->sum.value(); }};
}

// ---- Radix tree ----

struct TreeBench {
  Stream stream;
  RadixTree tree;
  uint32_t capacity;
  std::vector<uint32_t> values, out;
  Checksum sum;

  explicit TreeBench(const Options& options)
      : stream(options.text("stream")),
        tree(options.number("page")),
        capacity(options.number("capacity")),
        values(stream.longest),
        out(stream.longest + capacity) {
    std::iota(values.begin(), values.end(), 0);
  }

  Task task(std::function<void()> run, const std::shared_ptr<TreeBench>& self) {
    const auto setup = [self] {
      self->tree.clear();
      self->sum = Checksum();
    };
    const auto check = [self] {
      self->sum.add(self->tree.tokens());
      self->sum.add(self->tree.nodes());
      return self->sum.value();
    };
    return {static_cast<uint32_t>(stream.ids.size()), setup, std::move(run), check};
  }

  const uint32_t* keys(uint32_t r) const { return stream.ids.data() + stream.start[r]; }

  /** Match and insert each request; with a capacity, trim back to it. */
  void cache() {
    for (uint32_t r = 0; r < stream.requests(); r++) {
      const uint32_t n = stream.length(r);
      sum.add(tree.match(keys(r), n));
      tree.insert(keys(r), values.data(), n);
      if (capacity && tree.tokens() > capacity) tree.trim(tree.tokens() - capacity, out.data());
    }
  }

  /** As an engine does it: match, lock, evict for what is missing, insert, hold for a while. */
  void serve(uint32_t window) {
    std::deque<uint32_t> held;
    const auto release = [&] {
      tree.unlock(held.front());
      held.pop_front();
    };
    for (uint32_t r = 0; r < stream.requests(); r++) {
      const uint32_t n = stream.length(r);
      const uint32_t hit = tree.match(keys(r), n);
      const uint32_t matched = tree.end();
      tree.lock(matched);
      sum.add(hit);
      while (tree.tokens() + n - hit > capacity) {
        tree.evict(tree.tokens() + n - hit - capacity, out.data());
        if (tree.tokens() + n - hit <= capacity) break;
        if (held.empty()) throw std::runtime_error("capacity is too small");
        release();
      }
      tree.insert(keys(r), values.data(), n);
      tree.lock(tree.end());
      held.push_back(tree.end());
      tree.unlock(matched);
      if (held.size() > window) release();
    }
    while (!held.empty()) release();
  }
};

Task tree_cache(const Options& options) {
  auto b = std::make_shared<TreeBench>(options);
  return b->task([b] { b->cache(); }, b);
}

Task tree_serve(const Options& options) {
  auto b = std::make_shared<TreeBench>(options);
  const uint32_t window = options.number("window");
  return b->task([b, window] { b->serve(window); }, b);
}

// ---- Event heap: the hold model, `pending` events, each step pops one and pushes one ----

struct HeapBench {
  EventHeap heap;
  uint32_t pending, ops, seq = 0;
  std::vector<double> delays;
  double now = 0;

  explicit HeapBench(const Options& options)
      : pending(options.number("pending")), ops(options.number("ops")), delays(4096) {
    Random random(kSeed);
    for (double& delay : delays) delay = 1 + random.below(1000000);
  }

  void fill() {
    heap.clear();
    for (seq = 0; seq < pending; seq++) heap.push(delays[seq & 4095], seq & 3, seq, seq, 0);
  }

  void run() {
    Event event{};
    for (uint32_t i = 0; i < ops; i++) {
      heap.pop(event);
      now = event.at();
      heap.push(now + delays[seq & 4095], seq & 3, seq, static_cast<uint32_t>(event.payload), 0);
      seq++;
    }
  }
};

Task heap_hold(const Options& options) {
  auto b = std::make_shared<HeapBench>(options);
  const auto check = [b] {
    Checksum sum;
    Event event{};
    while (b->heap.pop(event)) sum.add(static_cast<uint32_t>(event.payload));
    return sum.value();
  };
  return {b->ops, [b] { b->fill(); }, [b] { b->run(); }, check};
}

// ---- Block hash chain ----

struct HashBench {
  BlockHash hash{1337};
  uint32_t blocks, ops;
  std::vector<uint32_t> tokens;
  std::vector<uint64_t> local, seq;

  explicit HashBench(const Options& options)
      : blocks(options.number("blocks")),
        ops(options.number("ops")),
        tokens(blocks * kPerOp),
        local(blocks),
        seq(blocks) {
    Random random(kSeed);
    for (uint32_t& token : tokens) token = random.below(128000);
  }
};

Task hash_chain(const Options& options) {
  auto b = std::make_shared<HashBench>(options);
  const auto run = [b] {
    for (uint32_t i = 0; i < b->ops; i++) {
      b->hash.chain(b->tokens.data(), b->blocks, kPerOp, b->local.data(), b->seq.data());
    }
  };
  const auto check = [b] {
    Checksum sum;
    for (uint64_t h : b->seq) sum.add(static_cast<uint32_t>(h));
    return sum.value();
  };
  return {b->ops * b->blocks, [] {}, run, check};
}

const std::map<std::string, Task (*)(const Options&)> kCases = {
    {"pool.alloc-free", pool_alloc_free}, {"pool.cycle", pool_cycle},
    {"pool.lookup", pool_lookup},         {"pool.hit", pool_hit},
    {"pool.serve", pool_serve},           {"tree.match-insert", tree_cache},
    {"tree.evict", tree_cache},           {"tree.serve", tree_serve},
    {"heap.hold", heap_hold},             {"hash.chain", hash_chain},
    {"pool.stream", serve_stream<PoolStream>}, {"tree.stream", serve_stream<TreeStream>},
    {"tree.cycle", leaves<leaf_cycle>},   {"tree.lookup", leaves<leaf_lookup>},
    {"tree.hit", leaves<leaf_hit>},
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options(argc, argv);
    const auto found = kCases.find(argc > 1 ? argv[1] : "");
    if (found == kCases.end()) throw std::runtime_error("usage: main CASE key=value...");
    Task task = found->second(options);
    measure(task, options.number("ms"));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
