// SPDX-License-Identifier: Apache-2.0
// Event heap in C++: the algorithm of assembly/event/heap.ts. 4-ary, 24-byte records, ordered by
// (time, priority, seq); times are never negative, so their bit patterns order as integers do.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace kvloom {

struct Event {
  uint64_t time, key, payload;
  double at() const { return std::bit_cast<double>(time); }
};

class EventHeap {
 public:
  void push(double time, uint32_t priority, uint32_t seq, uint32_t a, uint32_t b) {
    const Event event{std::bit_cast<uint64_t>(time + 0.0), pair(priority, seq), pair(b, a)};
    size_t i = slots_.size();
    slots_.emplace_back();
    while (i > 0) {
      const size_t parent = (i - 1) / 4;
      if (!before(event, slots_[parent])) break;
      slots_[i] = slots_[parent];
      i = parent;
    }
    slots_[i] = event;
  }

  bool pop(Event& out) {
    if (slots_.empty()) return false;
    out = slots_[0];
    const Event last = slots_.back();
    slots_.pop_back();
    if (!slots_.empty()) sift_down(last);
    return true;
  }

  size_t size() const { return slots_.size(); }
  void clear() { slots_.clear(); }

 private:
  std::vector<Event> slots_;

  static uint64_t pair(uint32_t high, uint32_t low) {
    return static_cast<uint64_t>(high) << 32 | low;
  }

  static bool before(const Event& a, const Event& b) {
    return a.time < b.time || (a.time == b.time && a.key < b.key);
  }

  void sift_down(const Event& last) {
    const size_t size = slots_.size();
    size_t i = 0;
    for (size_t first = 1; first < size; first = i * 4 + 1) {
      size_t best = first;
      for (size_t c = first + 1; c < std::min(first + 4, size); c++) {
        if (before(slots_[c], slots_[best])) best = c;
      }
      if (before(last, slots_[best])) break;
      slots_[i] = slots_[best];
      i = best;
    }
    slots_[i] = last;
  }
};

}  // namespace kvloom
