// SPDX-License-Identifier: Apache-2.0
// Grouped top-k of DeepSeek-V3 over scores, and placement of experts, as assembly/moe.
#pragma once
#include <array>
#include <limits>
#include <numeric>

#include "floats.hpp"
#if KVLOOM_LANES == 8
#include <immintrin.h>
#endif

namespace kvloom {

constexpr uint32_t kExperts = 256;
constexpr uint32_t kGroups = 8;
constexpr uint32_t kKeptGroups = 4;
constexpr uint32_t kGroupSize = kExperts / kGroups;
constexpr uint32_t kTop = 8;

/** Candidates best first, the lowest index on ties. */
struct Best {
  float score[kTop];
  uint32_t index[kTop];
  uint32_t used = 0;

  bool full() const { return used == kTop; }
  float least() const { return score[kTop - 1]; }
  void offer(float x, uint32_t i) {
    uint32_t place = full() ? kTop - 1 : used++;
    for (; place > 0 && x > score[place - 1]; place--) {
      score[place] = score[place - 1];
      index[place] = index[place - 1];
    }
    score[place] = x;
    index[place] = i;
  }
};

#if KVLOOM_LANES == 8

inline void add_bias(const float* scores, const float* bias, float* choice) {
  for (uint32_t e = 0; e < kExperts; e += 8) {
    _mm256_storeu_ps(choice + e,
                     _mm256_add_ps(_mm256_loadu_ps(scores + e), _mm256_loadu_ps(bias + e)));
  }
}

/** Sum of the two largest of a group. */
inline float group_score(const float* x) {
  const __m256 least = _mm256_set1_ps(-FLT_MAX);
  __m256 first = least;
  __m256 second = least;
  for (uint32_t i = 0; i < kGroupSize; i += 8) {
    const __m256 v = _mm256_loadu_ps(x + i);
    second = _mm256_max_ps(second, _mm256_min_ps(first, v));
    first = _mm256_max_ps(first, v);
  }
  __m128 a = _mm256_castps256_ps128(first);
  __m128 b = _mm256_castps256_ps128(second);
  const auto merge = [&a, &b](__m128 c, __m128 d) {
    b = _mm_max_ps(_mm_max_ps(b, d), _mm_min_ps(a, c));
    a = _mm_max_ps(a, c);
  };
  merge(_mm256_extractf128_ps(first, 1), _mm256_extractf128_ps(second, 1));
  merge(_mm_movehl_ps(a, a), _mm_movehl_ps(b, b));
  merge(_mm_shuffle_ps(a, a, 1), _mm_shuffle_ps(b, b, 1));
  return _mm_cvtss_f32(a) + _mm_cvtss_f32(b);
}

inline void select_group(const float* choice, uint32_t group, Best& best) {
  for (uint32_t e = group * kGroupSize; e < (group + 1) * kGroupSize; e += 8) {
    if (!best.full()) {
      for (uint32_t i = e; i < e + 8; i++) best.offer(choice[i], i);
      continue;
    }
    const __m256 above =
        _mm256_cmp_ps(_mm256_loadu_ps(choice + e), _mm256_set1_ps(best.least()), _CMP_GT_OQ);
    for (auto mask = static_cast<uint32_t>(_mm256_movemask_ps(above)); mask; mask &= mask - 1) {
      const uint32_t i = e + static_cast<uint32_t>(__builtin_ctz(mask));
      if (choice[i] > best.least()) best.offer(choice[i], i);
    }
  }
}

#else

inline void add_bias(const float* scores, const float* bias, float* choice) {
  for (uint32_t e = 0; e < kExperts; e++) choice[e] = scores[e] + bias[e];
}

/** Sum of the two largest of a group: of four columns apart, so that they need not wait. */
inline float group_score(const float* x) {
  float first[4], second[4];
  for (uint32_t c = 0; c < 4; c++) first[c] = second[c] = -FLT_MAX;
  for (uint32_t i = 0; i < kGroupSize; i += 4) {
    for (uint32_t c = 0; c < 4; c++) {
      const float v = x[i + c];
      const float low = v < first[c] ? v : first[c];
      first[c] = v > first[c] ? v : first[c];
      second[c] = low > second[c] ? low : second[c];
    }
  }
  float a = first[0], b = second[0];
  for (uint32_t c = 1; c < 4; c++) {
    const float low = first[c] < a ? first[c] : a;
    a = first[c] > a ? first[c] : a;
    b = std::max(b, std::max(low, second[c]));
  }
  return a + b;
}

inline void select_group(const float* choice, uint32_t group, Best& best) {
  for (uint32_t e = group * kGroupSize; e < (group + 1) * kGroupSize; e++) {
    if (!best.full() || choice[e] > best.least()) best.offer(choice[e], e);
  }
}

#endif

/** One token: ids by descending score + bias, weights renormalised times `scale`. */
inline void route(const float* scores, const float* bias, float scale, uint32_t* ids,
                  float* weights) {
  float choice[kExperts];
  add_bias(scores, bias, choice);
  float groups[kGroups];
  for (uint32_t g = 0; g < kGroups; g++) groups[g] = group_score(choice + g * kGroupSize);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < kKeptGroups; i++) {
    uint32_t best = kGroups;
    for (uint32_t g = 0; g < kGroups; g++) {
      if (kept >> g & 1) continue;
      if (best == kGroups || groups[g] > groups[best]) best = g;
    }
    kept |= 1u << best;
  }
  Best best;
  for (uint32_t g = 0; g < kGroups; g++) {
    if (kept >> g & 1) select_group(choice, g, best);
  }
  double sum = 0;
  for (uint32_t i = 0; i < kTop; i++) sum += static_cast<double>(scores[best.index[i]]);
  for (uint32_t i = 0; i < kTop; i++) {
    ids[i] = best.index[i];
    const double share = static_cast<double>(scores[best.index[i]]) / sum;
    weights[i] = static_cast<float>(share * static_cast<double>(scale));
  }
}

// ---- Placement of experts ----

using Words = std::vector<uint32_t>;

/** Packs items into packs of equal count: descending weight, to the lightest pack with room. */
inline void pack(const std::vector<float>& weight, uint32_t packs, Words& index, Words& rank) {
  const auto n = static_cast<uint32_t>(weight.size());
  const uint32_t size = n / packs;
  index.resize(n);
  rank.resize(n);
  if (size == 1) {
    std::iota(index.begin(), index.end(), 0);
    std::fill(rank.begin(), rank.end(), 0);
    return;
  }
  Words order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return weight[a] > weight[b]; });
  std::vector<float> load(packs);
  Words count(packs);
  for (uint32_t item : order) {
    uint32_t best = packs;
    for (uint32_t p = 0; p < packs; p++) {
      if (count[p] < size && (best == packs || load[p] < load[best])) best = p;
    }
    index[item] = best;
    rank[item] = count[best]++;
    load[best] += weight[item];
  }
}

/** Each slot behind the first n goes to the largest weight a copy. */
inline void replicate(const std::vector<float>& weight, uint32_t slots, Words& owner, Words& rank,
                      Words& count) {
  const auto n = static_cast<uint32_t>(weight.size());
  owner.resize(slots);
  rank.assign(slots, 0);
  count.assign(n, 1);
  std::iota(owner.begin(), owner.begin() + n, 0);
  for (uint32_t slot = n; slot < slots; slot++) {
    uint32_t best = 0;
    float most = -1;
    for (uint32_t i = 0; i < n; i++) {
      const float share = weight[i] / static_cast<float>(count[i]);
      if (share > most) {
        most = share;
        best = i;
      }
    }
    owner[slot] = best;
    rank[slot] = count[best]++;
  }
}

struct Placement {
  Words phy2log, rank, count;
};

inline void rebalance(const float* weight, uint32_t experts, uint32_t slots, uint32_t groups,
                      uint32_t nodes, uint32_t gpus, Placement& out) {
  const uint32_t size = experts / groups, local = experts / nodes;
  const uint32_t node_slots = slots / nodes, gpu_slots = slots / gpus;
  std::vector<float> sums(groups);
  for (uint32_t g = 0; g < groups; g++) {
    for (uint32_t i = 0; i < size; i++) sums[g] += weight[g * size + i];
  }
  Words node_of, rank_of;
  pack(sums, nodes, node_of, rank_of);
  Words expert_at(experts);
  for (uint32_t g = 0; g < groups; g++) {
    const uint32_t first = (node_of[g] * (groups / nodes) + rank_of[g]) * size;
    for (uint32_t i = 0; i < size; i++) expert_at[first + i] = g * size + i;
  }
  out.phy2log.resize(slots);
  out.rank.resize(slots);
  out.count.resize(experts);
  std::vector<float> mine(local), loads(node_slots);
  Words owner, copy, count, gpu, place;
  for (uint32_t node = 0; node < nodes; node++) {
    const uint32_t* names = expert_at.data() + node * local;
    for (uint32_t i = 0; i < local; i++) mine[i] = weight[names[i]];
    replicate(mine, node_slots, owner, copy, count);
    for (uint32_t s = 0; s < node_slots; s++) {
      loads[s] = mine[owner[s]] / static_cast<float>(count[owner[s]]);
    }
    pack(loads, gpus / nodes, gpu, place);
    for (uint32_t s = 0; s < node_slots; s++) {
      const uint32_t at = node * node_slots + gpu[s] * gpu_slots + place[s];
      out.phy2log[at] = names[owner[s]];
      out.rank[at] = copy[s];
    }
    for (uint32_t i = 0; i < local; i++) out.count[names[i]] = count[i];
  }
}

}  // namespace kvloom
