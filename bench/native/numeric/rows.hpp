// SPDX-License-Identifier: Apache-2.0
// Verification of drafts over a vocabulary, as assembly/spec/{rows,verify}.ts.
#pragma once
#include "floats.hpp"
#if KVLOOM_LANES > 1
#include <immintrin.h>
#endif

namespace kvloom {

/** Index of the largest max(p - q, 0) * r from `from` on; the first of equals. */
inline uint32_t residual_rest(const float* p, const float* q, const float* r, uint32_t from,
                              uint32_t vocab, float best, uint32_t index) {
  for (uint32_t v = from; v < vocab; v++) {
    const float w = p[v] - q[v];
    const float product = (w > 0 ? w : 0) * r[v];
    if (product > best) {
      best = product;
      index = v;
    }
  }
  return index;
}

#if KVLOOM_LANES == 1

inline uint32_t residual_argmax(const float* p, const float* q, const float* r, uint32_t vocab) {
  // Maxima of runs first, then the best run again. Integers order floats that are not negative,
  // and without indices the compiler can use lanes.
  constexpr uint32_t kRun = 1024;
  int32_t best = 0;
  uint32_t first = vocab;
  for (uint32_t run = 0; run < vocab; run += kRun) {
    const uint32_t end = std::min(run + kRun, vocab);
    int32_t largest = 0;
    for (uint32_t v = run; v < end; v++) {
      const int32_t w = std::max(static_cast<int32_t>(bits_of(p[v] - q[v])), 0);
      const float product = float_of(static_cast<uint32_t>(w)) * r[v];
      largest = std::max(largest, static_cast<int32_t>(bits_of(product)));
    }
    if (largest > best) {
      best = largest;
      first = run;
    }
  }
  if (first == vocab) return 0;
  return residual_rest(p, q, r, first, std::min(first + kRun, vocab), 0, 0);
}

#elif KVLOOM_LANES == 4

inline uint32_t residual_argmax(const float* p, const float* q, const float* r, uint32_t vocab) {
  const __m128 zero = _mm_setzero_ps();
  __m128 best[4] = {zero, zero, zero, zero};
  __m128i index[4] = {};
  __m128i at = _mm_setr_epi32(0, 1, 2, 3);
  uint32_t v = 0;
  for (; v + 16 <= vocab; v += 16) {
    for (uint32_t k = 0; k < 4; k++) {
      const uint32_t o = v + 4 * k;
      const __m128 w = _mm_max_ps(_mm_sub_ps(_mm_loadu_ps(p + o), _mm_loadu_ps(q + o)), zero);
      const __m128 product = _mm_mul_ps(w, _mm_loadu_ps(r + o));
      const __m128i better = _mm_castps_si128(_mm_cmpgt_ps(product, best[k]));
      index[k] = _mm_blendv_epi8(index[k], at, better);
      best[k] = _mm_max_ps(product, best[k]);
      at = _mm_add_epi32(at, _mm_set1_epi32(4));
    }
  }
  float top = 0;
  uint32_t winner = 0;
  for (uint32_t k = 0; k < 4; k++) {
    float values[4];
    uint32_t places[4];
    _mm_storeu_ps(values, best[k]);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(places), index[k]);
    for (uint32_t lane = 0; lane < 4; lane++) {
      if (values[lane] > top || (values[lane] == top && places[lane] < winner)) {
        top = values[lane];
        winner = places[lane];
      }
    }
  }
  return residual_rest(p, q, r, v, vocab, top, winner);
}

#else

inline uint32_t residual_argmax(const float* p, const float* q, const float* r, uint32_t vocab) {
  const __m256 zero = _mm256_setzero_ps();
  __m256 best[2] = {zero, zero};
  __m256i index[2] = {};
  __m256i at = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  uint32_t v = 0;
  for (; v + 16 <= vocab; v += 16) {
    for (uint32_t k = 0; k < 2; k++) {
      const uint32_t o = v + 8 * k;
      const __m256 difference = _mm256_sub_ps(_mm256_loadu_ps(p + o), _mm256_loadu_ps(q + o));
      const __m256 product = _mm256_mul_ps(_mm256_max_ps(difference, zero), _mm256_loadu_ps(r + o));
      const __m256i better = _mm256_castps_si256(_mm256_cmp_ps(product, best[k], _CMP_GT_OQ));
      index[k] = _mm256_blendv_epi8(index[k], at, better);
      best[k] = _mm256_max_ps(product, best[k]);
      at = _mm256_add_epi32(at, _mm256_set1_epi32(8));
    }
  }
  float top = 0;
  uint32_t winner = 0;
  for (uint32_t k = 0; k < 2; k++) {
    float values[8];
    uint32_t places[8];
    _mm256_storeu_ps(values, best[k]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(places), index[k]);
    for (uint32_t lane = 0; lane < 8; lane++) {
      if (values[lane] > top || (values[lane] == top && places[lane] < winner)) {
        top = values[lane];
        winner = places[lane];
      }
    }
  }
  return residual_rest(p, q, r, v, vocab, top, winner);
}

#endif

/** Rejection sampling of a batch of `k` drafts each; the division form. */
inline void verify(const int32_t* drafts, uint32_t batch, uint32_t k, uint32_t vocab,
                   const float* target, const float* draft, const float* exponentials,
                   const float* uniform, const int32_t* bonus, int32_t* out) {
  for (uint32_t r = 0; r < batch; r++) {
    int32_t* row = out + r * (k + 1);
    const float* noise = exponentials + static_cast<size_t>(r) * vocab;
    uint32_t kept = 0;
    for (; kept < k; kept++) {
      const uint32_t i = r * k + kept;
      const size_t at = static_cast<size_t>(i) * vocab + static_cast<uint32_t>(drafts[i]);
      if (!(draft[at] > 0) || !(target[at] / draft[at] >= uniform[i])) break;
      row[kept] = drafts[i];
    }
    const size_t at = static_cast<size_t>(r * k + kept) * vocab;
    row[kept] = kept == k ? bonus[r]
                          : static_cast<int32_t>(
                                residual_argmax(target + at, draft + at, noise, vocab));
    std::fill(row + kept + 1, row + k + 1, -1);
  }
}

}  // namespace kvloom
