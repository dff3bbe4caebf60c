// SPDX-License-Identifier: Apache-2.0
// NVFP4 under a given absolute maximum: scalar code, and the same in lanes of 128 and 256 bits as
// assembly/quant/nvfp4/lanes.ts has it. KVLOOM_LANES is 1 (scalar), 4 (SSE4.1) or 8 (AVX2).
#pragma once
#include "floats.hpp"
#if KVLOOM_LANES > 1
#include <immintrin.h>
#endif

namespace kvloom {

/** Multipliers of the 127 scale codes that are numbers, and values of a unit code under them. */
struct Nvfp4Scales {
  float mult;
  float encode[128];
  float decode[128];

  explicit Nvfp4Scales(float amax) {
    const float s = std::min(2688.0f / amax, FLT_MAX);
    const float d = 1.0f / s;
    mult = s * (1.0f / 6.0f);
    for (uint32_t code = 0; code < 128; code++) {
      const float f = e4m3_decode(code);
      encode[code] = std::min(1.0f / (f * d), FLT_MAX);
      decode[code] = (f * amax) * (1.0f / 2688.0f);
    }
  }
};

#if KVLOOM_LANES == 1

inline void nvfp4_quantize(const float* x, uint32_t n, const Nvfp4Scales& table, uint8_t* codes,
                           uint8_t* scales) {
  for (uint32_t i = 0; i < n; i += 16) {
    uint32_t largest = 0;
    for (uint32_t j = 0; j < 16; j++) largest = std::max(largest, bits_of(x[i + j]) & 0x7fffffff);
    const uint32_t scale = e4m3_encode(std::min(float_of(largest) * table.mult, 448.0f));
    const float factor = table.encode[scale];
    scales[i >> 4] = static_cast<uint8_t>(scale);
    uint8_t code[16];
    for (uint32_t j = 0; j < 16; j++) {
      code[j] = static_cast<uint8_t>(e2m1_encode(x[i + j] * factor));
    }
    for (uint32_t j = 0; j < 8; j++) {
      codes[(i >> 1) + j] = static_cast<uint8_t>(code[2 * j] | code[2 * j + 1] << 4);
    }
  }
}

inline void nvfp4_dequantize(const uint8_t* codes, const uint8_t* scales, uint32_t n,
                             const Nvfp4Scales& table, float* out) {
  for (size_t i = 0; i < n; i += 16) {
    const float factor = table.decode[scales[i >> 4] & 127];
    uint64_t pairs;
    std::memcpy(&pairs, codes + (i >> 1), 8);
    for (int j = 0; j < 16; j++) out[i + j] = kE2m1[pairs >> (4 * j) & 15] * factor;
  }
}

#else

/** Scale codes of the four largest magnitudes of four blocks. */
inline __m128i e4m3_codes(__m128 x) {
  const __m128 d = _mm_min_ps(x, _mm_set1_ps(448.0f));
  const __m128i bits = _mm_castps_si128(d);
  const __m128i odd = _mm_and_si128(_mm_srli_epi32(bits, 20), _mm_set1_epi32(1));
  const __m128i up = _mm_add_epi32(_mm_add_epi32(bits, _mm_set1_epi32(0x7ffff)), odd);
  const __m128i normal = _mm_sub_epi32(_mm_srli_epi32(up, 20), _mm_set1_epi32(120 << 3));
  const __m128i sum = _mm_castps_si128(_mm_add_ps(d, _mm_set1_ps(16384.0f)));
  const __m128i small = _mm_sub_epi32(sum, _mm_set1_epi32(0x46800000));
  const __m128i is_normal = _mm_cmpgt_epi32(bits, _mm_set1_epi32((121 << 23) - 1));
  return _mm_blendv_epi8(small, normal, is_normal);
}

/** Largest magnitudes of four blocks from vectors that hold four candidates of each. */
inline __m128 largest4(__m128 a, __m128 b, __m128 c, __m128 d) {
  const __m128 x = _mm_max_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
  const __m128 y = _mm_max_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
  return _mm_max_ps(_mm_movelh_ps(x, y), _mm_movehl_ps(y, x));
}

inline uint32_t bytes4(__m128i codes) {
  const __m128i halves = _mm_packs_epi32(codes, codes);
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(halves, halves)));
}

#if KVLOOM_LANES == 4

inline __m128 magnitudes(__m128 x) {
  return _mm_and_ps(x, _mm_castsi128_ps(_mm_set1_epi32(0x7fffffff)));
}

inline __m128 candidates(const float* x) {
  const __m128 a = _mm_max_ps(magnitudes(_mm_loadu_ps(x)), magnitudes(_mm_loadu_ps(x + 4)));
  const __m128 b = _mm_max_ps(magnitudes(_mm_loadu_ps(x + 8)), magnitudes(_mm_loadu_ps(x + 12)));
  return _mm_max_ps(a, b);
}

inline __m128i codes4(__m128 a) {
  const auto step = [a](float magic, int bias) {
    const __m128 sum = _mm_add_ps(a, _mm_set1_ps(magic));
    return _mm_sub_epi32(_mm_castps_si128(sum), _mm_set1_epi32(bias));
  };
  const __m128i halves = step(0x1p22f, 0x4a800000);
  const __m128i ones = step(0x1p23f, 0x4b000000 - 2);
  const __m128i twos = step(0x1p24f, 0x4b800000 - 4);
  return _mm_min_epi32(halves, _mm_min_epi32(ones, twos));
}

/** Codes of a block in pairs: eight bytes, each in sixteen bits. */
inline __m128i pairs(const float* x, float factor) {
  const __m128 f = _mm_set1_ps(factor);
  const __m128 a = _mm_mul_ps(_mm_loadu_ps(x), f);
  const __m128 b = _mm_mul_ps(_mm_loadu_ps(x + 4), f);
  const __m128 c = _mm_mul_ps(_mm_loadu_ps(x + 8), f);
  const __m128 d = _mm_mul_ps(_mm_loadu_ps(x + 12), f);
  const __m128i codes =
      _mm_packs_epi16(_mm_packs_epi32(codes4(magnitudes(a)), codes4(magnitudes(b))),
                      _mm_packs_epi32(codes4(magnitudes(c)), codes4(magnitudes(d))));
  const __m128i signs =
      _mm_packs_epi16(_mm_packs_epi32(_mm_castps_si128(a), _mm_castps_si128(b)),
                      _mm_packs_epi32(_mm_castps_si128(c), _mm_castps_si128(d)));
  const __m128i eights = _mm_srli_epi16(_mm_and_si128(signs, _mm_set1_epi8(-128)), 4);
  const __m128i both = _mm_or_si128(_mm_min_epu8(codes, _mm_set1_epi8(7)), eights);
  return _mm_and_si128(_mm_or_si128(both, _mm_srli_epi16(both, 4)), _mm_set1_epi16(255));
}

inline void nvfp4_quantize(const float* x, uint32_t n, const Nvfp4Scales& table, uint8_t* codes,
                           uint8_t* scales) {
  const __m128 mult = _mm_set1_ps(table.mult);
  for (uint32_t i = 0; i < n; i += 64) {
    const float* at = x + i;
    const __m128 largest =
        largest4(candidates(at), candidates(at + 16), candidates(at + 32), candidates(at + 48));
    const __m128i scale = e4m3_codes(_mm_mul_ps(largest, mult));
    const uint32_t word = bytes4(scale);
    std::memcpy(scales + (i >> 4), &word, 4);
    auto* out = reinterpret_cast<__m128i*>(codes + (i >> 1));
    _mm_storeu_si128(out, _mm_packus_epi16(
        pairs(at, table.encode[_mm_extract_epi32(scale, 0)]),
        pairs(at + 16, table.encode[_mm_extract_epi32(scale, 1)])));
    _mm_storeu_si128(out + 1, _mm_packus_epi16(
        pairs(at + 32, table.encode[_mm_extract_epi32(scale, 2)]),
        pairs(at + 48, table.encode[_mm_extract_epi32(scale, 3)])));
  }
}

/**
 * Sixteen values of codes, one a byte, in the order 0 4 1 5 2 6 3 7 of each eight: the halves of 32
 * bits belong into two vectors, a shift and a mask take them apart.
 */
inline void decode16(__m128i codes, float factor, float* out) {
  const __m128i tops = _mm_setr_epi8(0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40, -128, -65, -65,
                                     -65, -64, -64, -64, -64);
  const __m128i nexts =
      _mm_setr_epi8(0, 0, -128, -64, 0, 64, -128, -64, 0, 0, -128, -64, 0, 64, -128, -64);
  const __m128i top = _mm_shuffle_epi8(tops, codes);
  const __m128i next = _mm_shuffle_epi8(nexts, codes);
  const __m128i first = _mm_unpacklo_epi8(next, top);
  const __m128i second = _mm_unpackhi_epi8(next, top);
  const __m128i upper = _mm_set1_epi32(static_cast<int>(0xffff0000));
  const __m128 f = _mm_set1_ps(factor);
  const auto put = [f, out](int at, __m128i x) {
    _mm_storeu_ps(out + at, _mm_mul_ps(_mm_castsi128_ps(x), f));
  };
  put(0, _mm_slli_epi32(first, 16));
  put(4, _mm_and_si128(first, upper));
  put(8, _mm_slli_epi32(second, 16));
  put(12, _mm_and_si128(second, upper));
}

inline void nvfp4_dequantize(const uint8_t* codes, const uint8_t* scales, uint32_t n,
                             const Nvfp4Scales& table, float* out) {
  const __m128i nibble = _mm_set1_epi8(15);
  const __m128i order = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
  for (uint32_t i = 0; i < n; i += 32) {
    const auto* at = reinterpret_cast<const __m128i*>(codes + (i >> 1));
    const __m128i packed = _mm_shuffle_epi8(_mm_loadu_si128(at), order);
    const __m128i low = _mm_and_si128(packed, nibble);
    const __m128i high = _mm_and_si128(_mm_srli_epi16(packed, 4), nibble);
    const uint8_t* scale = scales + (i >> 4);
    decode16(_mm_unpacklo_epi16(low, high), table.decode[scale[0] & 127], out + i);
    decode16(_mm_unpackhi_epi16(low, high), table.decode[scale[1] & 127], out + i + 16);
  }
}

#else

inline __m256 magnitudes(__m256 x) {
  return _mm256_and_ps(x, _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff)));
}

inline __m128 candidates(const float* x) {
  const __m256 m =
      _mm256_max_ps(magnitudes(_mm256_loadu_ps(x)), magnitudes(_mm256_loadu_ps(x + 8)));
  return _mm_max_ps(_mm256_castps256_ps128(m), _mm256_extractf128_ps(m, 1));
}

inline __m256i codes8(__m256 a) {
  const auto step = [a](float magic, int bias) {
    const __m256 sum = _mm256_add_ps(a, _mm256_set1_ps(magic));
    return _mm256_sub_epi32(_mm256_castps_si256(sum), _mm256_set1_epi32(bias));
  };
  const __m256i halves = step(0x1p22f, 0x4a800000);
  const __m256i ones = step(0x1p23f, 0x4b000000 - 2);
  const __m256i twos = step(0x1p24f, 0x4b800000 - 4);
  return _mm256_min_epi32(halves, _mm256_min_epi32(ones, twos));
}

/** Codes of two blocks in pairs, each byte in sixteen bits; the halves take turns by fours. */
inline __m256i pairs2(const float* x, float factor, float next) {
  const __m256 f = _mm256_set1_ps(factor);
  const __m256 g = _mm256_set1_ps(next);
  const __m256 a = _mm256_mul_ps(_mm256_loadu_ps(x), f);
  const __m256 b = _mm256_mul_ps(_mm256_loadu_ps(x + 8), f);
  const __m256 c = _mm256_mul_ps(_mm256_loadu_ps(x + 16), g);
  const __m256 d = _mm256_mul_ps(_mm256_loadu_ps(x + 24), g);
  const __m256i codes =
      _mm256_packs_epi16(_mm256_packs_epi32(codes8(magnitudes(a)), codes8(magnitudes(b))),
                         _mm256_packs_epi32(codes8(magnitudes(c)), codes8(magnitudes(d))));
  const __m256i signs =
      _mm256_packs_epi16(_mm256_packs_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)),
                         _mm256_packs_epi32(_mm256_castps_si256(c), _mm256_castps_si256(d)));
  const __m256i eights = _mm256_srli_epi16(_mm256_and_si256(signs, _mm256_set1_epi8(-128)), 4);
  const __m256i both = _mm256_or_si256(_mm256_min_epu8(codes, _mm256_set1_epi8(7)), eights);
  const __m256i merged = _mm256_or_si256(both, _mm256_srli_epi16(both, 4));
  return _mm256_and_si256(merged, _mm256_set1_epi16(255));
}

inline void nvfp4_quantize(const float* x, uint32_t n, const Nvfp4Scales& table, uint8_t* codes,
                           uint8_t* scales) {
  const __m128 mult = _mm_set1_ps(table.mult);
  const __m256i order = _mm256_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15,
                                         0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
  for (uint32_t i = 0; i < n; i += 64) {
    const float* at = x + i;
    const __m128 largest =
        largest4(candidates(at), candidates(at + 16), candidates(at + 32), candidates(at + 48));
    const __m128i scale = e4m3_codes(_mm_mul_ps(largest, mult));
    const uint32_t word = bytes4(scale);
    std::memcpy(scales + (i >> 4), &word, 4);
    const __m256i first = pairs2(at, table.encode[_mm_extract_epi32(scale, 0)],
                                 table.encode[_mm_extract_epi32(scale, 1)]);
    const __m256i second = pairs2(at + 32, table.encode[_mm_extract_epi32(scale, 2)],
                                  table.encode[_mm_extract_epi32(scale, 3)]);
    // Packing worked on each half of a vector: two bytes of a low half, then two of a high one.
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes + (i >> 1)),
                        _mm256_shuffle_epi8(packed, order));
  }
}

inline void nvfp4_dequantize(const uint8_t* codes, const uint8_t* scales, uint32_t n,
                             const Nvfp4Scales& table, float* out) {
  const __m256 halves = _mm256_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f);
  const __m256i shifts = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
  const __m256i sign = _mm256_set1_epi32(static_cast<int>(0x80000000));
  for (uint32_t i = 0; i < n; i += 16) {
    const __m256 f = _mm256_set1_ps(table.decode[scales[i >> 4] & 127]);
    for (uint32_t half = 0; half < 2; half++) {
      uint32_t word;
      std::memcpy(&word, codes + (i >> 1) + 4 * half, 4);
      // Each lane sees its code in the lowest bits; a permutation reads only three of them.
      const __m256i code = _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word)), shifts);
      const __m256 value = _mm256_permutevar8x32_ps(halves, code);
      const __m256i minus = _mm256_and_si256(_mm256_slli_epi32(code, 28), sign);
      const __m256 signed_value = _mm256_or_ps(value, _mm256_castsi256_ps(minus));
      _mm256_storeu_ps(out + i + 8 * half, _mm256_mul_ps(signed_value, f));
    }
  }
}

#endif
#endif

/** The same of bf16 input: widened a run at a time. */
inline void nvfp4_quantize_bf16(const uint16_t* x, uint32_t n, const Nvfp4Scales& table,
                                uint8_t* codes, uint8_t* scales) {
  constexpr uint32_t size = 1024;
  float run[size];
  for (uint32_t i = 0; i < n; i += size) {
    for (uint32_t j = 0; j < size; j++) run[j] = float_of(static_cast<uint32_t>(x[i + j]) << 16);
    nvfp4_quantize(run, size, table, codes + (i >> 1), scales + (i >> 4));
  }
}

}  // namespace kvloom
