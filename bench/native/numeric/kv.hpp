// SPDX-License-Identifier: Apache-2.0
// Formats of KV caches and the Hadamard transform, as assembly/quant/{kv-formats,hadamard}.ts.
#pragma once
#include "floats.hpp"

namespace kvloom {

inline void fp8_encode(const float* x, uint32_t n, float scale, uint8_t* out) {
  for (uint32_t i = 0; i < n; i++) out[i] = static_cast<uint8_t>(e4m3_encode(x[i] / scale));
}

inline void fp8_decode(const uint8_t* codes, uint32_t n, float scale, float* out) {
  for (uint32_t i = 0; i < n; i++) out[i] = e4m3_decode(codes[i]) * scale;
}

/** Affine codes of `levels` 255 or 15, row by row; four bits: element j + cols / 2 on top of j. */
inline void affine_encode(const float* x, uint32_t rows, uint32_t cols, float levels,
                          uint8_t* codes, float* scales, float* zeros) {
  const uint32_t half = cols / 2;
  for (uint32_t row = 0; row < rows; row++) {
    const float* from = x + row * cols;
    float low = from[0], high = from[0];
    for (uint32_t i = 1; i < cols; i++) {
      low = std::min(low, from[i]);
      high = std::max(high, from[i]);
    }
    float scale = (high - low) / levels;
    if (scale == 0) scale = 1;
    const float zero = -low / scale;
    scales[row] = scale;
    zeros[row] = zero;
    const auto code = [&](uint32_t i) {
      const float t = (from[i] / scale + zero) + 0.5f;
      return static_cast<uint8_t>(static_cast<int32_t>(std::max(0.0f, std::min(t, levels))));
    };
    if (levels == 255) {
      for (uint32_t i = 0; i < cols; i++) codes[row * cols + i] = code(i);
    } else {
      for (uint32_t i = 0; i < half; i++) {
        codes[row * half + i] = static_cast<uint8_t>(code(i) | code(i + half) << 4);
      }
    }
  }
}

inline void affine_decode(const uint8_t* codes, const float* scales, const float* zeros,
                          uint32_t rows, uint32_t cols, uint32_t bits, float* out) {
  const uint32_t half = cols / 2;
  for (uint32_t row = 0; row < rows; row++) {
    const float scale = scales[row], zero = zeros[row];
    float* to = out + row * cols;
    if (bits == 8) {
      for (uint32_t i = 0; i < cols; i++) {
        to[i] = (static_cast<float>(codes[row * cols + i]) - zero) * scale;
      }
      continue;
    }
    for (uint32_t i = 0; i < half; i++) {
      const uint32_t pair = codes[row * half + i];
      to[i] = (static_cast<float>(pair & 15) - zero) * scale;
      to[i + half] = (static_cast<float>(pair >> 4) - zero) * scale;
    }
  }
}

/** Blocks of sixteen under a power of two; ties go down. */
inline void kvfp4_encode(const float* x, uint32_t n, uint8_t* codes, uint8_t* scales) {
  for (uint32_t i = 0; i < n; i += 16) {
    float largest = 0;
    for (uint32_t j = 0; j < 16; j++) largest = std::max(largest, std::fabs(x[i + j]));
    const uint32_t bits = bits_of(std::max(largest / 6.0f, 1e-10f));
    const uint32_t exponent = std::min((bits >> 23) + ((bits & 0x7fffff) != 0), 253u);
    scales[i >> 4] = static_cast<uint8_t>(exponent);
    const float power = float_of(exponent << 23);
    const auto code = [&](uint32_t j) {
      const float y = x[i + j] / power;
      const float a = std::fabs(y);
      const uint32_t steps = (a > 0.25f) + (a > 0.75f) + (a > 1.25f) + (a > 1.75f) + (a > 2.5f) +
                             (a > 3.5f) + (a > 5.0f);
      return steps | (y < 0 ? 8u : 0u);
    };
    for (uint32_t j = 0; j < 16; j += 2) {
      codes[(i + j) >> 1] = static_cast<uint8_t>(code(j) | code(j + 1) << 4);
    }
  }
}

inline void kvfp4_decode(const uint8_t* codes, const uint8_t* scales, uint32_t n, float* out) {
  for (uint32_t i = 0; i < n; i += 16) {
    const float power = float_of(static_cast<uint32_t>(scales[i >> 4]) << 23);
    for (uint32_t j = 0; j < 16; j += 2) {
      const uint32_t pair = codes[(i + j) >> 1];
      out[i + j] = kE2m1[pair & 15] * power;
      out[i + j + 1] = kE2m1[pair >> 4] * power;
    }
  }
}

/** Butterflies over strides 1, 2, 4 and 8, then a quarter. */
inline void hadamard16(const float* x, uint32_t n, uint32_t negative, float* out) {
  for (uint32_t i = 0; i < n; i += 16) {
    float y[16];
    for (uint32_t j = 0; j < 16; j++) y[j] = negative >> j & 1 ? -x[i + j] : x[i + j];
    for (uint32_t stride = 1; stride < 16; stride <<= 1) {
      for (uint32_t j = 0; j < 16; j++) {
        if (j & stride) continue;
        const float a = y[j], b = y[j + stride];
        y[j] = a + b;
        y[j + stride] = a - b;
      }
    }
    for (uint32_t j = 0; j < 16; j++) out[i + j] = y[j] * 0.25f;
  }
}

}  // namespace kvloom
