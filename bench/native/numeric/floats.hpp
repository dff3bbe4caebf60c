// SPDX-License-Identifier: Apache-2.0
// Bits of floats, the codecs of eight and four bits one element at a time, and seeded inputs.
#pragma once
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../harness.hpp"

namespace kvloom {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

inline float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

constexpr uint32_t kInfinite = 0x7f800000;

/** Saturating E4M3; NaN gives 0x7f. */
inline uint32_t e4m3_encode(float x) {
  const uint32_t bits = bits_of(x);
  const uint32_t a = bits & 0x7fffffff;
  if (a > kInfinite) return 0x7f;
  uint32_t code;
  if (a >= 121u << 23) {
    code = ((a + 0x7ffff + (a >> 20 & 1)) >> 20) - (120u << 3);
  } else {
    code = bits_of(float_of(a) + 16384.0f) - 0x46800000;
  }
  return std::min(code, 0x7eu) | (bits >> 24 & 0x80);
}

inline float e4m3_decode(uint32_t code) {
  const uint32_t sign = (code & 0x80) << 24;
  const uint32_t rest = code & 0x7f;
  if (rest == 0x7f) return float_of(0x7fc00000);
  const float magnitude = rest < 8 ? static_cast<float>(rest) * 0x1p-9f
                                   : float_of((rest << 20) + (120u << 23));
  return float_of(bits_of(magnitude) | sign);
}

/** E2M1 with ties to the even code; NaN gives 7. */
inline uint32_t e2m1_encode(float x) {
  const uint32_t bits = bits_of(x);
  const uint32_t magnitude = bits & 0x7fffffff;
  const float a = std::min(float_of(magnitude), 6.0f);
  const uint32_t steps = (a >= 2.0f) + (a >= 4.0f);
  const uint32_t magic = 0x4a800000 + (steps << 23);
  const uint32_t code = bits_of(a + float_of(magic)) - magic + (steps << 1);
  return magnitude > kInfinite ? 7 : code | (bits >> 28 & 8);
}

constexpr float kE2m1[16] = {0.0f,  0.5f,  1.0f,  1.5f,  2.0f,  3.0f,  4.0f,  6.0f,
                             -0.0f, -0.5f, -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f};

/** Seeded numbers in [0, 1) and about N(0, 1): those of src/bench/numeric/inputs.ts. */
class Floats {
 public:
  explicit Floats(uint32_t seed) : random_(seed) {}
  float uniform() { return static_cast<float>(random_.next() >> 8) * 0x1p-24f; }
  float normal() {
    float sum = uniform();
    for (int i = 0; i < 3; i++) sum = sum + uniform();
    return (sum - 2.0f) * 1.73f;
  }
  Random& random() { return random_; }

 private:
  Random random_;
};

inline std::vector<float> normals(uint32_t n, uint32_t seed) {
  Floats floats(seed);
  std::vector<float> x(n);
  for (float& v : x) v = floats.normal();
  return x;
}

inline float largest_magnitude(const std::vector<float>& x) {
  float largest = 0;
  for (float v : x) largest = std::max(largest, std::fabs(v));
  return largest;
}

/** Adds whole words of bytes to a checksum; the last one is filled up with zeros. */
inline void add_bytes(Checksum& sum, const void* at, size_t bytes) {
  const auto* from = static_cast<const uint8_t*>(at);
  for (size_t i = 0; i < bytes; i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, from + i, std::min<size_t>(4, bytes - i));
    sum.add(word);
  }
}

}  // namespace kvloom
