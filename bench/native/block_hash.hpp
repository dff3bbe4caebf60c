// SPDX-License-Identifier: Apache-2.0
// XXH3-64 of token blocks of 17 to 128 bytes and their chain, as assembly/hash/xxh3.ts.
// Source: Collet, xxHash (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
#pragma once
#include <cstdint>
#include <cstring>

namespace kvloom {

class BlockHash {
 public:
  explicit BlockHash(uint64_t seed) : seed_(seed) {}

  /** Hashes `blocks` blocks of `size` tokens (5 to 32): local hashes and chained ones. */
  void chain(const uint32_t* tokens, uint32_t blocks, uint32_t size, uint64_t* local,
             uint64_t* seq) const {
    uint64_t parent = 0;
    for (uint32_t i = 0; i < blocks; i++) {
      local[i] = block(reinterpret_cast<const uint8_t*>(tokens + i * size), size * 4);
      parent = i == 0 ? local[0] : pair(parent, local[i]);
      seq[i] = parent;
    }
  }

 private:
  static constexpr uint64_t kPrime = 0x9e3779b185ebca87;
  static constexpr uint64_t kSecret[] = {
      0xbe4ba423396cfeb8, 0x1cad21f72c81017c, 0xdb979083e96dd4de, 0x1f67b3b7a4a44072,
      0x78e5c0cc4ee679cb, 0x2172ffcc7dd05a82, 0x8e2443f7744608b8, 0x4c263a81e69035e0,
      0xcb00c391bb52283c, 0xa32e531b8b65d088, 0x4ef90da297486471, 0xd8acdea946ef1938,
      0x3f349ce33f76faa8, 0x1d4f0bc7c7bbdcf9, 0x3159b4cd4be0518a, 0x647378d9c97e9fc8,
  };
  uint64_t seed_;

  static uint64_t read(const uint8_t* at) {
    uint64_t value;
    std::memcpy(&value, at, 8);
    return value;
  }

  static uint64_t fold(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  static uint64_t final(uint64_t h) {
    h ^= h >> 37;
    h *= 0x165667919e3779f9;
    return h ^ (h >> 32);
  }

  uint64_t mix(const uint8_t* at, uint32_t k) const {
    return fold(read(at) ^ (kSecret[k] + seed_), read(at + 8) ^ (kSecret[k + 1] - seed_));
  }

  uint64_t block(const uint8_t* x, uint32_t length) const {
    uint64_t h = length * kPrime;
    const uint32_t n = (length + 31) / 32;
    for (uint32_t i = 0; i < n; i++) {
      h += mix(x + i * 16, i * 4);
      h += mix(x + length - (i + 1) * 16, i * 4 + 2);
    }
    return final(h);
  }

  /** XXH3 of two words. */
  uint64_t pair(uint64_t first, uint64_t last) const {
    const uint64_t a = first ^ ((kSecret[3] ^ kSecret[4]) + seed_);
    const uint64_t b = last ^ ((kSecret[5] ^ kSecret[6]) - seed_);
    return final(16 + __builtin_bswap64(a) + b + fold(a, b));
  }
};

}  // namespace kvloom
