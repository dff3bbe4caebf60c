// SPDX-License-Identifier: Apache-2.0
// Records of the radix tree: runs of tokens with their values, nodes, and the comparison of runs.
#pragma once
#include <cstdint>
#include <cstdlib>

namespace kvloom {

constexpr uint32_t kNil = 0xffffffff;

struct Segment {
  uint32_t refs, capacity, used, pad;
  uint32_t* tokens() { return reinterpret_cast<uint32_t*>(this + 1); }
  uint32_t* values() { return tokens() + capacity; }
};

struct Node {
  Segment* segment;
  uint32_t offset, length, parent, start, children, lock, guarded_kids, heap_pos;
  uint64_t stamp;
  uint32_t hits, hash;
  bool guarded() const { return (lock | guarded_kids) != 0; }
};

/** Of the child table. */
struct ChildSlot {
  uint32_t hash = 0, node = kNil;
};

/** Of the leaf heap. */
struct Leaf {
  uint64_t stamp;
  uint32_t node;
};

/** Number of equal leading tokens. The inner loop becomes one wide compare. */
inline uint32_t run(const uint32_t* a, const uint32_t* b, uint32_t n) {
  uint32_t i = 0;
  while (i + 16 <= n) {
    uint32_t different = 0;
    for (uint32_t j = 0; j < 16; j++) different |= a[i + j] ^ b[i + j];
    if (different) break;
    i += 16;
  }
  while (i < n && a[i] == b[i]) i++;
  return i;
}

inline const uint32_t* run_tokens(const Node& n) { return n.segment->tokens() + n.offset; }
inline const uint32_t* run_values(const Node& n) { return n.segment->values() + n.offset; }

inline Segment* make_segment(uint32_t capacity) {
  auto* s = static_cast<Segment*>(std::malloc(sizeof(Segment) + 8ul * capacity));
  *s = {1, capacity, 0, 0};
  return s;
}

inline void drop(Segment* s) {
  if (--s->refs == 0) std::free(s);
}

}  // namespace kvloom
