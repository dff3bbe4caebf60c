// SPDX-License-Identifier: Apache-2.0
// Radix tree in C++: the algorithm of assembly/kv/radix.ts over one name space. Segments come from
// malloc and are shared by the halves of a split; tables are std::vector; arguments are trusted.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "radix_nodes.hpp"

namespace kvloom {

class RadixTree {
 public:
  explicit RadixTree(uint32_t page) : page_(page) { clear(); }
  RadixTree(const RadixTree&) = delete;
  RadixTree& operator=(const RadixTree&) = delete;
  ~RadixTree() { drop_all(); }

  void clear() {
    drop_all();
    nodes_.assign(1, Node{});
    nodes_[0].heap_pos = kNil;
    free_nodes_.clear();
    heap_.clear();
    if (table_.empty()) table_.resize(64);
    std::fill(table_.begin(), table_.end(), ChildSlot{});
    linked_ = 0;
    evictable_ = guarded_ = 0;
  }

  /** Tokens in the tree. */
  uint32_t tokens() const { return evictable_ + guarded_; }
  uint32_t evictable() const { return evictable_; }
  uint32_t nodes() const { return linked_; }
  /** Node where the last match or insert ended. */
  uint32_t end() const { return end_; }

  /** Longest cached prefix; stamps the nodes it enters and splits where it ends inside one. */
  uint32_t match(const uint32_t* keys, uint32_t n) {
    clock_++;
    return descend<false>(keys, n);
  }

  /** Inserts whole pages; returns how many tokens were there already. */
  uint32_t insert(const uint32_t* keys, const uint32_t* values, uint32_t n) {
    clock_++;
    const uint32_t got = descend<true>(keys, n);
    if (got < n) grow(keys + got, values + got, n - got);
    return got;
  }

  /** Protects a node and its ancestors: O(nodes that become protected). */
  void lock(uint32_t index) {
    if (index == 0) return;
    Node* n = &nodes_[index];
    const bool before = n->guarded();
    n->lock++;
    if (before) return;
    uint32_t moved = 0;
    while (true) {
      moved += n->length;
      if (n->heap_pos != kNil) leaf_remove(index);
      index = n->parent;
      if (index == 0) break;
      n = &nodes_[index];
      const bool stop = n->guarded();
      n->guarded_kids++;
      if (stop) break;
    }
    evictable_ -= moved;
    guarded_ += moved;
  }

  void unlock(uint32_t index) {
    if (index == 0) return;
    Node* n = &nodes_[index];
    n->lock--;
    uint32_t moved = 0;
    while (!n->guarded()) {
      moved += n->length;
      if (n->children == 0) leaf_add(index);
      index = n->parent;
      if (index == 0) break;
      n = &nodes_[index];
      n->guarded_kids--;
    }
    evictable_ += moved;
    guarded_ -= moved;
  }

  /** Evicts whole leaves, least recently used first, until n tokens are freed. */
  uint32_t evict(uint32_t n, uint32_t* out) {
    uint32_t freed = 0;
    while (freed < n) {
      const uint32_t index = oldest_leaf();
      if (index == kNil) break;
      const Node& leaf = nodes_[index];
      std::memcpy(out + freed, run_values(leaf), 4ul * leaf.length);
      freed += leaf.length;
      remove(index);
    }
    return freed;
  }

  /** Frees up to n tokens from the ends of the least recently used leaves, deepest first. */
  uint32_t trim(uint32_t n, uint32_t* out) {
    uint32_t freed = 0;
    while (freed < n) {
      const uint32_t index = oldest_leaf();
      if (index == kNil) break;
      Node& leaf = nodes_[index];
      const uint32_t part = std::min(leaf.length, n - freed);
      const uint32_t* end = run_values(leaf) + leaf.length;
      for (uint32_t i = 0; i < part; i++) out[freed + i] = *--end;
      freed += part;
      if (part == leaf.length) {
        remove(index);
        continue;
      }
      if (leaf.segment->used == leaf.offset + leaf.length) leaf.segment->used -= part;
      leaf.length -= part;
      evictable_ -= part;
    }
    return freed;
  }

 private:
  uint32_t page_;
  uint32_t evictable_ = 0, guarded_ = 0, linked_ = 0, end_ = 0;
  uint64_t clock_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> free_nodes_;
  std::vector<ChildSlot> table_;
  std::vector<Leaf> heap_;

  // ---- Segments and nodes ----

  void drop_all() {
    for (Node& n : nodes_) {
      if (n.segment) drop(n.segment);
    }
  }

  uint32_t new_node() {
    uint32_t index;
    if (free_nodes_.empty()) {
      index = static_cast<uint32_t>(nodes_.size());
      nodes_.emplace_back();
    } else {
      index = free_nodes_.back();
      free_nodes_.pop_back();
    }
    nodes_[index] = Node{};
    nodes_[index].heap_pos = kNil;
    nodes_[index].stamp = clock_;
    return index;
  }

  /** Cuts a node at `keep` tokens: the new node is the prefix, the old one the tail. */
  uint32_t split(uint32_t index, uint32_t keep) {
    const uint32_t prefix = new_node();
    Node& p = nodes_[prefix];
    Node& n = nodes_[index];
    unlink(index);
    p = n;
    p.segment->refs++;
    p.length = keep;
    p.children = 1;
    p.lock = 0;
    p.guarded_kids = n.guarded() ? 1 : 0;
    p.heap_pos = kNil;
    n.parent = prefix;
    n.offset += keep;
    n.length -= keep;
    n.start += keep;
    link(prefix);
    link(index);
    return prefix;
  }

  void grow(const uint32_t* keys, const uint32_t* vals, uint32_t count) {
    clock_++;
    const uint32_t index = new_node();
    Node& c = nodes_[index];
    c.segment = make_segment(count);
    std::memcpy(c.segment->tokens(), keys, 4ul * count);
    std::memcpy(c.segment->values(), vals, 4ul * count);
    c.segment->used = count;
    c.length = count;
    c.parent = end_;
    Node& parent = nodes_[end_];
    c.start = parent.start + parent.length;
    c.hits = 1;
    if (parent.heap_pos != kNil) leaf_remove(end_);
    parent.children++;
    link(index);
    evictable_ += count;
    leaf_add(index);
    end_ = index;
  }

  void remove(uint32_t index) {
    leaf_remove(index);
    unlink(index);
    Node& n = nodes_[index];
    Segment* s = n.segment;
    n.segment = nullptr;
    evictable_ -= n.length;
    drop(s);
    free_nodes_.push_back(index);
    Node& p = nodes_[n.parent];
    p.children--;
    if (n.parent == 0) return;
    if (p.segment == s) reclaim(p);
    p.stamp = std::max(p.stamp, n.stamp);
    if (p.children == 0 && p.lock == 0) leaf_add(n.parent);
  }

  /** The tail that shared the segment is gone: its room is free again. */
  static void reclaim(Node& n) {
    Segment* s = n.segment;
    if (s->refs != 1) return;
    s->used = n.offset + n.length;
    const uint32_t small = n.length + n.length / 2 + 16;
    if (s->capacity <= small * 2) return;
    Segment* moved = make_segment(small);
    std::memcpy(moved->tokens(), run_tokens(n), 4ul * n.length);
    std::memcpy(moved->values(), run_values(n), 4ul * n.length);
    moved->used = n.length;
    std::free(s);
    n.segment = moved;
    n.offset = 0;
  }

  // ---- Child table ----

  uint32_t hash_of(uint32_t parent, const uint32_t* page) const {
    uint32_t h = parent * 0x9e3779b1;
    for (uint32_t i = 0; i < page_; i++) {
      h = (h ^ page[i]) * 0x7feb352d;
      h ^= h >> 15;
    }
    h *= 0x846ca68b;
    return h ^ (h >> 16);
  }

  uint32_t mask() const { return static_cast<uint32_t>(table_.size()) - 1; }

  uint32_t child(uint32_t parent, const uint32_t* page) const {
    const uint32_t h = hash_of(parent, page);
    for (uint32_t i = h & mask(); table_[i].node != kNil; i = (i + 1) & mask()) {
      if (table_[i].hash != h) continue;
      const Node& n = nodes_[table_[i].node];
      if (n.parent == parent && run(run_tokens(n), page, page_) == page_) return table_[i].node;
    }
    return kNil;
  }

  void link(uint32_t index) {
    if (++linked_ * 2 > table_.size()) rehash();
    Node& n = nodes_[index];
    n.hash = hash_of(n.parent, run_tokens(n));
    put({n.hash, index});
  }

  void put(ChildSlot slot) {
    uint32_t i = slot.hash & mask();
    while (table_[i].node != kNil) i = (i + 1) & mask();
    table_[i] = slot;
  }

  void rehash() {
    std::vector<ChildSlot> old(table_.size() * 2);
    old.swap(table_);
    for (const ChildSlot& slot : old) {
      if (slot.node != kNil) put(slot);
    }
  }

  void unlink(uint32_t index) {
    linked_--;
    uint32_t i = nodes_[index].hash & mask();
    while (table_[i].node != index) i = (i + 1) & mask();
    uint32_t j = i;
    while (true) {
      j = (j + 1) & mask();
      if (table_[j].node == kNil) break;
      if (((j - table_[j].hash) & mask()) >= ((j - i) & mask())) {
        table_[i] = table_[j];
        i = j;
      }
    }
    table_[i].node = kNil;
  }

  // ---- Leaf heap: 4-ary, keys refreshed when they surface ----

  void place(uint32_t i, Leaf leaf) {
    heap_[i] = leaf;
    nodes_[leaf.node].heap_pos = i;
  }

  void sift_up(uint32_t i, Leaf leaf) {
    while (i > 0) {
      const uint32_t up = (i - 1) / 4;
      if (heap_[up].stamp <= leaf.stamp) break;
      place(i, heap_[up]);
      i = up;
    }
    place(i, leaf);
  }

  void sift_down(uint32_t i, Leaf leaf) {
    const uint32_t count = static_cast<uint32_t>(heap_.size());
    while (true) {
      const uint32_t first = i * 4 + 1;
      if (first >= count) break;
      uint32_t best = first;
      for (uint32_t c = first + 1; c < std::min(first + 4, count); c++) {
        if (heap_[c].stamp < heap_[best].stamp) best = c;
      }
      if (heap_[best].stamp >= leaf.stamp) break;
      place(i, heap_[best]);
      i = best;
    }
    place(i, leaf);
  }

  void leaf_add(uint32_t node) {
    heap_.emplace_back();
    sift_up(static_cast<uint32_t>(heap_.size()) - 1, {nodes_[node].stamp, node});
  }

  void leaf_remove(uint32_t node) {
    const uint32_t i = nodes_[node].heap_pos;
    nodes_[node].heap_pos = kNil;
    const Leaf last = heap_.back();
    heap_.pop_back();
    if (i == heap_.size()) return;
    if (i > 0 && heap_[(i - 1) / 4].stamp > last.stamp) sift_up(i, last);
    else sift_down(i, last);
  }

  uint32_t oldest_leaf() {
    while (!heap_.empty()) {
      const uint32_t node = heap_[0].node;
      const uint64_t stamp = nodes_[node].stamp;
      if (stamp == heap_[0].stamp) return node;
      sift_down(0, {stamp, node});
    }
    return kNil;
  }

  // ---- Walking ----

  template <bool inserting>
  uint32_t descend(const uint32_t* keys, uint32_t n) {
    uint32_t index = 0;
    uint32_t got = 0;
    while (got < n && nodes_[index].children != 0) {
      const uint32_t next = child(index, keys + got);
      if (next == kNil) break;
      Node& node = nodes_[next];
      node.stamp = clock_;
      uint32_t m = run(run_tokens(node), keys + got, std::min(node.length, n - got));
      if (page_ > 1) m -= m % page_;
      got += m;
      index = m < node.length ? split(next, m) : next;
      if (inserting) nodes_[index].hits++;
      if (index != next) break;
    }
    end_ = index;
    return got;
  }
};

}  // namespace kvloom
