// SPDX-License-Identifier: Apache-2.0
// Drafters from text that was seen, as assembly/spec/{ngram,suffix}.ts.
#pragma once
#include "floats.hpp"

namespace kvloom {

/** Tokens of an agent: fresh runs of 64, one time in four up to 159 tokens seen before. */
inline std::vector<uint32_t> agent_tokens(uint32_t n, uint32_t seed) {
  Random random(seed);
  std::vector<uint32_t> tokens;
  tokens.reserve(n + 160);
  while (tokens.size() < n) {
    const auto seen = static_cast<uint32_t>(tokens.size());
    if (seen > 256 && random.below(4) == 0) {
      const uint32_t length = 32 + random.below(128);
      const uint32_t from = random.below(seen - length);
      for (uint32_t i = 0; i < length; i++) tokens.push_back(tokens[from + i]);
    } else {
      for (uint32_t i = 0; i < 64; i++) tokens.push_back(random.below(32000));
    }
  }
  tokens.resize(n);
  return tokens;
}

/** What followed the longest earlier occurrence of the ending, by the failure function. */
inline uint32_t ngram_draft(const uint32_t* tokens, uint32_t length, uint32_t min_n, uint32_t max_n,
                            uint32_t k, uint32_t* out) {
  const uint32_t most = std::min(max_n, length - 1);
  const uint32_t last = length - 1;
  std::vector<uint32_t> failure(most);
  uint32_t best = 0, best_end = 0, matched = 0;
  for (uint32_t i = 1; i < length; i++) {
    const uint32_t token = tokens[last - i];
    if (matched == most) matched = failure[most - 1];
    while (matched > 0 && tokens[last - matched] != token) matched = failure[matched - 1];
    if (tokens[last - matched] == token) matched++;
    if (i < most) failure[i] = matched;
    if (matched >= best) {
      best = matched;
      best_end = i;
    }
  }
  if (best < min_n) return 0;
  const uint32_t next = last - best_end + best;
  const uint32_t n = std::min(k, length - next);
  std::copy(tokens + next, tokens + next + n, out);
  return n;
}

/** Trie of all runs of up to `depth` tokens with their counts. */
class SuffixTrie {
 public:
  SuffixTrie(uint32_t depth, uint32_t capacity)
      : depth_(depth),
        runs_(capacity),
        mask_((1u << (33 - __builtin_clz(capacity - 1))) - 1),
        table_(mask_ + 1),
        ends_(depth) {}

  void clear() {
    std::fill(table_.begin(), table_.end(), 0);
    runs_[0] = Run{};
    used_ = 1;
    length_ = 0;
  }

  void learn(const uint32_t* tokens, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
      for (uint32_t l = std::min(length_, depth_ - 1); l > 0; l--) {
        const uint32_t node = ends_[l - 1] ? count(ends_[l - 1], tokens[i]) : 0;
        if (l < depth_ - 1) ends_[l] = node;
      }
      runs_[0].count++;
      ends_[0] = count(0, tokens[i]);
      length_ = std::min(length_ + 1, depth_ - 1);
    }
  }

  uint32_t draft(const uint32_t* tokens, uint32_t n, uint32_t k, double factor, double least,
                 uint32_t* out) const {
    uint32_t best_node = 0, best_size = 0;
    double best_score = 0;
    for (uint32_t size = std::min(n, depth_ - 1); size > 0; size--) {
      const uint32_t node = find(tokens + n - size, size);
      if (node == 0) continue;
      const double score = follow(node, limit(size, k, factor), least, nullptr).first;
      if (score > best_score) {
        best_score = score;
        best_node = node;
        best_size = size;
      }
    }
    if (best_node == 0) return 0;
    return follow(best_node, limit(best_size, k, factor), least, out).second;
  }

  uint32_t nodes() const { return used_ - 1; }

 private:
  struct Run {
    uint32_t parent = 0, token = 0, count = 0, best = 0;
  };

  static uint32_t limit(uint32_t size, uint32_t k, double factor) {
    return static_cast<uint32_t>(std::min<double>(k, factor * size));
  }

  uint32_t slot(uint32_t parent, uint32_t token) const {
    const uint64_t mixed = (static_cast<uint64_t>(parent) << 32 | token) * 0x9e3779b97f4a7c15u;
    uint32_t i = static_cast<uint32_t>(mixed >> 32) & mask_;
    for (; table_[i]; i = (i + 1) & mask_) {
      const Run& run = runs_[table_[i]];
      if (run.token == token && run.parent == parent) break;
    }
    return i;
  }

  uint32_t count(uint32_t parent, uint32_t token) {
    const uint32_t i = slot(parent, token);
    uint32_t node = table_[i];
    if (node == 0) {
      if (used_ == runs_.size()) return 0;
      node = table_[i] = used_++;
      runs_[node] = Run{parent, token, 0, 0};
    }
    const uint32_t times = ++runs_[node].count;
    Run& above = runs_[parent];
    if (above.best == 0 || times > runs_[above.best].count) above.best = node;
    return node;
  }

  uint32_t find(const uint32_t* tokens, uint32_t n) const {
    uint32_t node = 0;
    for (uint32_t i = 0; i < n; i++) {
      node = table_[slot(node, tokens[i])];
      if (node == 0) break;
    }
    return node;
  }

  std::pair<double, uint32_t> follow(uint32_t node, uint32_t most, double least,
                                     uint32_t* out) const {
    double p = 1, score = 0;
    uint32_t n = 0;
    while (n < most && runs_[node].best) {
      const Run& best = runs_[runs_[node].best];
      p *= static_cast<double>(best.count) / static_cast<double>(runs_[node].count);
      if (p < least) break;
      if (out) out[n] = best.token;
      score += p;
      node = runs_[node].best;
      n++;
    }
    return {score, n};
  }

  uint32_t depth_;
  std::vector<Run> runs_;
  uint32_t mask_;
  std::vector<uint32_t> table_, ends_;
  uint32_t used_ = 1, length_ = 0;
};

}  // namespace kvloom
