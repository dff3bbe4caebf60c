// SPDX-License-Identifier: Apache-2.0
// Options, request streams, checksums and timing of the native benchmarks.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kvloom {

/** Parameters given as key=value. */
class Options {
 public:
  Options(int argc, char** argv) : words_(argv, argv + argc) {}

  std::string text(const std::string& key) const {
    for (const std::string& word : words_) {
      if (word.rfind(key + "=", 0) == 0) return word.substr(key.size() + 1);
    }
    throw std::runtime_error("missing " + key + "=");
  }
  uint32_t number(const std::string& key) const {
    return static_cast<uint32_t>(std::stoul(text(key)));
  }

 private:
  std::vector<std::string> words_;
};

/**
 * Requests as runs of block ids, all in one array. File: u32 requests, then for each u32 n and
 * n x u64, little-endian. Ids must fit u32: the tree takes them as tokens, the pool as keys.
 */
struct Stream {
  std::vector<uint32_t> start{0};
  std::vector<uint32_t> ids;
  std::vector<uint64_t> keys;
  uint32_t longest = 0;

  explicit Stream(const std::string& path) {
    FILE* file = std::fopen(path.c_str(), "rb");
    if (!file) throw std::runtime_error("cannot open " + path);
    uint32_t requests = 0;
    bool whole = std::fread(&requests, 4, 1, file) == 1;
    for (uint32_t r = 0; whole && r < requests; r++) {
      uint32_t n = 0;
      whole = std::fread(&n, 4, 1, file) == 1;
      if (!whole) break;
      const size_t from = keys.size();
      keys.resize(from + n);
      whole = std::fread(keys.data() + from, 8, n, file) == n;
      start.push_back(static_cast<uint32_t>(keys.size()));
      longest = std::max(longest, n);
    }
    std::fclose(file);
    if (!whole) throw std::runtime_error(path + ": half a request");
    ids.assign(keys.begin(), keys.end());
  }

  uint32_t requests() const { return static_cast<uint32_t>(start.size()) - 1; }
  uint32_t length(uint32_t r) const { return start[r + 1] - start[r]; }
};

/** Order-sensitive sum; the wasm side computes the same one. */
class Checksum {
 public:
  void add(uint32_t word) { h_ = (h_ ^ word) * 0x01000193; }
  uint32_t value() const { return h_; }

 private:
  uint32_t h_ = 0x811c9dc5;
};

/** Seeded 32-bit generator, the same as in src/bench/random.ts. */
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  uint32_t below(uint32_t n) { return next() % n; }

 private:
  uint32_t state_;
};

/** One benchmark: `setup` is not timed, `run` is; `check` reads the state after the first run. */
struct Task {
  uint32_t units;
  std::function<void()> setup;
  std::function<void()> run;
  std::function<uint32_t()> check;
  /** Hits, evicted, skipped, crc of a served stream; empty where none is. */
  std::function<std::vector<uint64_t>()> totals = {};
};

/** Runs a task for `ms` milliseconds, at least 5 times; prints the samples in ns per unit. */
inline void measure(Task& task, uint32_t ms) {
  using clock = std::chrono::steady_clock;
  const auto sample = [&task] {
    task.setup();
    const auto t = clock::now();
    task.run();
    return std::chrono::duration<double, std::nano>(clock::now() - t).count();
  };
  sample();
  const uint32_t checksum = task.check();
  const std::vector<uint64_t> totals = task.totals ? task.totals() : std::vector<uint64_t>{};
  sample();
  std::vector<double> samples;
  const auto end = clock::now() + std::chrono::milliseconds(ms);
  while (samples.size() < 5 || clock::now() < end) samples.push_back(sample() / task.units);
  std::printf("{\"checksum\":%u,", checksum);
  for (size_t i = 0; i < totals.size(); i++) {
    std::printf("%s%llu", i ? "," : "\"totals\":[", static_cast<unsigned long long>(totals[i]));
  }
  std::printf("%s\"samples\":[", totals.empty() ? "" : "],");
  for (size_t i = 0; i < samples.size(); i++) std::printf(i ? ",%.4f" : "%.4f", samples[i]);
  std::printf("]}\n");
}

}  // namespace kvloom
