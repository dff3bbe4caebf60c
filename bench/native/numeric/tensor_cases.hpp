// SPDX-License-Identifier: Apache-2.0
// Cases of bench numeric that turn a tensor into codes or back.
#pragma once
#include <functional>
#include <memory>

#include "floats.hpp"
#include "kv.hpp"
#include "nvfp4.hpp"

namespace kvloom {

constexpr uint32_t kSeed = 12345;

/** A task that does the same at each run. */
inline Task task(uint32_t units, std::function<void()> run, std::function<void(Checksum&)> add) {
  const auto check = [add] {
    Checksum sum;
    add(sum);
    return sum.value();
  };
  return {units, [] {}, std::move(run), check};
}

template <class T>
void add_all(Checksum& sum, const std::vector<T>& values) {
  add_bytes(sum, values.data(), values.size() * sizeof(T));
}

template <class T>
std::shared_ptr<std::vector<T>> shared(std::vector<T> values) {
  return std::make_shared<std::vector<T>>(std::move(values));
}

/** A tensor with room for its codes, scales and values. */
struct Tensor {
  uint32_t n;
  uint32_t ops;
  std::vector<float> x, out;
  std::vector<uint8_t> codes, scales;
  float amax;

  explicit Tensor(const Options& options)
      : n(options.number("n")),
        ops(options.number("ops")),
        x(normals(n, kSeed)),
        out(n),
        codes(n),
        scales(n / 16),
        amax(largest_magnitude(x)) {}

  template <class F>
  static Task each(const std::shared_ptr<Tensor>& t, F run, std::function<void(Checksum&)> add) {
    const auto all = [t, run] {
      for (uint32_t i = 0; i < t->ops; i++) run(*t);
    };
    return task(t->n * t->ops, all, std::move(add));
  }
};

inline Task copy(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) { std::memcpy(a.out.data(), a.x.data(), a.n * 4ul); };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

inline void add_codes(Checksum& sum, const Tensor& t) {
  add_bytes(sum, t.codes.data(), t.n / 2);
  add_all(sum, t.scales);
}

inline Task quantize(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) {
    nvfp4_quantize(a.x.data(), a.n, Nvfp4Scales(a.amax), a.codes.data(), a.scales.data());
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_codes(sum, *t); });
}

inline Task quantize_bf16(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  auto halves = shared(std::vector<uint16_t>(t->n));
  for (uint32_t i = 0; i < t->n; i++) {
    (*halves)[i] = static_cast<uint16_t>(bits_of(t->x[i]) >> 16);
  }
  const auto run = [halves](Tensor& a) {
    nvfp4_quantize_bf16(halves->data(), a.n, Nvfp4Scales(a.amax), a.codes.data(),
                        a.scales.data());
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_codes(sum, *t); });
}

inline Task dequantize(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  nvfp4_quantize(t->x.data(), t->n, Nvfp4Scales(t->amax), t->codes.data(), t->scales.data());
  const auto run = [](Tensor& a) {
    nvfp4_dequantize(a.codes.data(), a.scales.data(), a.n, Nvfp4Scales(a.amax), a.out.data());
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

template <uint32_t (*encode)(float)>
inline Task codec_encode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) {
    for (uint32_t i = 0; i < a.n; i++) a.codes[i] = static_cast<uint8_t>(encode(a.x[i]));
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->codes); });
}

inline float e2m1_decode(uint32_t code) { return kE2m1[code & 15]; }

template <uint32_t (*encode)(float), float (*decode)(uint32_t)>
inline Task codec_decode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  for (uint32_t i = 0; i < t->n; i++) t->codes[i] = static_cast<uint8_t>(encode(t->x[i]));
  const auto run = [](Tensor& a) {
    for (uint32_t i = 0; i < a.n; i++) a.out[i] = decode(a.codes[i]);
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

inline Task hadamard(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) { hadamard16(a.x.data(), a.n, 0x17e8, a.out.data()); };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

constexpr float kFp8Scale = 0.05f;

inline Task kv_fp8_encode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) { fp8_encode(a.x.data(), a.n, kFp8Scale, a.codes.data()); };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->codes); });
}

inline Task kv_fp8_decode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  fp8_encode(t->x.data(), t->n, kFp8Scale, t->codes.data());
  const auto run = [](Tensor& a) { fp8_decode(a.codes.data(), a.n, kFp8Scale, a.out.data()); };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

/** Rows of one head: 128 elements. */
constexpr uint32_t kHead = 128;

struct Affine {
  std::vector<float> scale, zero;
};

template <uint32_t bits>
void encode_rows(Tensor& a, Affine& rows) {
  const float levels = bits == 8 ? 255.0f : 15.0f;
  affine_encode(a.x.data(), a.n / kHead, kHead, levels, a.codes.data(), rows.scale.data(),
                rows.zero.data());
}

template <uint32_t bits, bool decode>
inline Task kv_affine(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  auto rows = std::make_shared<Affine>();
  rows->scale.resize(t->n / kHead);
  rows->zero.resize(t->n / kHead);
  encode_rows<bits>(*t, *rows);
  const auto run = [rows](Tensor& a) {
    if (!decode) return encode_rows<bits>(a, *rows);
    affine_decode(a.codes.data(), rows->scale.data(), rows->zero.data(), a.n / kHead, kHead, bits,
                  a.out.data());
  };
  return Tensor::each(t, run, [t, rows](Checksum& sum) {
    if (decode) return add_all(sum, t->out);
    add_bytes(sum, t->codes.data(), t->n * bits / 8);
    add_all(sum, rows->scale);
    add_all(sum, rows->zero);
  });
}

inline Task kv_fp4_encode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  const auto run = [](Tensor& a) {
    kvfp4_encode(a.x.data(), a.n, a.codes.data(), a.scales.data());
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_codes(sum, *t); });
}

inline Task kv_fp4_decode(const Options& options) {
  auto t = std::make_shared<Tensor>(options);
  kvfp4_encode(t->x.data(), t->n, t->codes.data(), t->scales.data());
  const auto run = [](Tensor& a) {
    kvfp4_decode(a.codes.data(), a.scales.data(), a.n, a.out.data());
  };
  return Tensor::each(t, run, [t](Checksum& sum) { add_all(sum, t->out); });
}

}  // namespace kvloom
