// SPDX-License-Identifier: Apache-2.0
// Native side of `kvloom bench numeric`: main CASE key=value... prints one line of JSON, main probe
// nothing. Cases, parameters and checksums are those of src/bench/numeric/*.ts. Compiled once for
// each KVLOOM_LANES.
#include <map>

#include "drafters.hpp"
#include "route.hpp"
#include "rows.hpp"
#include "tensor_cases.hpp"

using namespace kvloom;

namespace {

// ---- Speculative decoding ----

/** Rows of probabilities; not normalised: the time does not depend on it. */
struct Rows {
  uint32_t batch, k, vocab;
  std::vector<float> p, q, noise, uniform;
  std::vector<int32_t> drafts, bonus, out;

  Rows(uint32_t requests, uint32_t drafts_each, uint32_t size, uint32_t noises)
      : batch(requests),
        k(drafts_each),
        vocab(size),
        p(static_cast<size_t>(batch) * k * vocab),
        q(p.size()),
        noise(static_cast<size_t>(noises) * vocab),
        uniform(batch * k),
        drafts(batch * k),
        bonus(batch, 7),
        out(batch * (k + 1)) {
    Floats floats(kSeed);
    for (size_t i = 0; i < p.size(); i++) {
      p[i] = floats.uniform();
      q[i] = floats.uniform();
    }
    for (float& r : noise) r = 1.0f / (floats.uniform() + 0.001f);
    for (float& u : uniform) u = floats.uniform();
    for (int32_t& d : drafts) d = static_cast<int32_t>(floats.random().below(vocab));
  }
};

/** A request whose drafts are all refused: the residual of its first row twice, then the rest. */
Task residual(const Options& options) {
  const uint32_t rows = options.number("rows");
  auto b = std::make_shared<Rows>(1, rows, options.number("vocab"), 1);
  const auto run = [b] {
    for (uint32_t i = 0; i <= b->k; i++) {
      const size_t at = static_cast<size_t>(i ? i - 1 : 0) * b->vocab;
      const float* p = b->p.data() + at;
      b->out[i] = static_cast<int32_t>(
          residual_argmax(p, b->q.data() + at, b->noise.data(), b->vocab));
    }
  };
  return task(rows + 1, run, [b](Checksum& sum) { add_all(sum, b->out); });
}

Task verify_batch(const Options& options) {
  const uint32_t batch = options.number("batch");
  auto b = std::make_shared<Rows>(batch, options.number("k"), options.number("vocab"), batch);
  const auto run = [b] {
    verify(b->drafts.data(), b->batch, b->k, b->vocab, b->p.data(), b->q.data(), b->noise.data(),
           b->uniform.data(), b->bonus.data(), b->out.data());
  };
  return task(batch * b->k, run, [b](Checksum& sum) { add_all(sum, b->out); });
}

Task ngram(const Options& options) {
  auto tokens = shared(agent_tokens(options.number("length"), kSeed));
  auto out = shared(std::vector<uint32_t>(9));
  const uint32_t ops = options.number("ops");
  const auto run = [tokens, out, ops] {
    const auto length = static_cast<uint32_t>(tokens->size());
    for (uint32_t i = 0; i < ops; i++) {
      (*out)[8] = ngram_draft(tokens->data(), length, 2, 5, 8, out->data());
    }
  };
  const auto units = static_cast<uint32_t>(tokens->size()) * ops;
  return task(units, run, [out](Checksum& sum) { add_all(sum, *out); });
}

struct Suffix {
  std::vector<uint32_t> tokens, out = std::vector<uint32_t>(16);
  SuffixTrie trie;
  uint32_t drafted = 0;

  explicit Suffix(const Options& options)
      : tokens(agent_tokens(options.number("length"), kSeed)),
        trie(options.number("depth"), options.number("nodes")) {
    trie.clear();
  }
  uint32_t length() const { return static_cast<uint32_t>(tokens.size()); }
};

Task suffix_learn(const Options& options) {
  auto s = std::make_shared<Suffix>(options);
  Task result = task(s->length(), [s] { s->trie.learn(s->tokens.data(), s->length()); },
                     [s](Checksum& sum) { sum.add(s->trie.nodes()); });
  result.setup = [s] { s->trie.clear(); };
  return result;
}

/** Drafts behind the first `at` tokens, for many an `at`. */
Task suffix_draft(const Options& options) {
  auto s = std::make_shared<Suffix>(options);
  s->trie.learn(s->tokens.data(), s->length());
  const uint32_t ops = options.number("ops");
  const auto run = [s, ops] {
    s->drafted = 0;
    for (uint32_t i = 1; i <= ops; i++) {
      const uint32_t at = s->length() / (ops + 1) * i;
      s->drafted += s->trie.draft(s->tokens.data(), at, 16, 4, 0.1, s->out.data());
    }
  };
  return task(ops, run, [s](Checksum& sum) {
    sum.add(s->drafted);
    add_all(sum, s->out);
  });
}

// ---- Experts ----

Task route_given(const Options& options) {
  struct Routes {
    std::vector<float> scores, bias, weights;
    std::vector<uint32_t> ids;
  };
  const uint32_t tokens = options.number("tokens");
  auto r = std::make_shared<Routes>();
  Floats floats(kSeed);
  r->scores.resize(tokens * kExperts);
  for (float& s : r->scores) s = floats.uniform();
  r->bias.resize(kExperts);
  for (float& b : r->bias) b = floats.normal() * 0.1f;
  r->weights.resize(tokens * kTop);
  r->ids.resize(tokens * kTop);
  const auto run = [r, tokens] {
    for (uint32_t t = 0; t < tokens; t++) {
      route(r->scores.data() + t * kExperts, r->bias.data(), 2.5f, r->ids.data() + t * kTop,
            r->weights.data() + t * kTop);
    }
  };
  return task(tokens, run, [r](Checksum& sum) {
    add_all(sum, r->ids);
    add_all(sum, r->weights);
  });
}

Task eplb(const Options& options) {
  const uint32_t layers = options.number("layers");
  auto weights = shared(std::vector<float>(layers * kExperts));
  Floats floats(kSeed);
  for (float& w : *weights) {
    const float u = floats.uniform();
    w = 1.0f / (u + 0.01f);
  }
  auto out = std::make_shared<std::vector<Placement>>(layers);
  const auto run = [weights, out, layers] {
    for (uint32_t l = 0; l < layers; l++) {
      rebalance(weights->data() + l * kExperts, kExperts, 288, 8, 4, 32, (*out)[l]);
    }
  };
  return task(layers, run, [out](Checksum& sum) {
    for (const Placement& placement : *out) {
      add_all(sum, placement.phy2log);
      add_all(sum, placement.rank);
      add_all(sum, placement.count);
    }
  });
}

const std::map<std::string, Task (*)(const Options&)> kCases = {
    {"copy", copy},
    {"nvfp4.quantize", quantize},
    {"nvfp4.quantize-bf16", quantize_bf16},
    {"nvfp4.dequantize", dequantize},
    {"codec.e4m3-encode", codec_encode<e4m3_encode>},
    {"codec.e4m3-decode", codec_decode<e4m3_encode, e4m3_decode>},
    {"codec.e2m1-encode", codec_encode<e2m1_encode>},
    {"codec.e2m1-decode", codec_decode<e2m1_encode, e2m1_decode>},
    {"hadamard", hadamard},
    {"kv.fp8-encode", kv_fp8_encode},
    {"kv.fp8-decode", kv_fp8_decode},
    {"kv.int8-encode", kv_affine<8, false>},
    {"kv.int8-decode", kv_affine<8, true>},
    {"kv.int4-encode", kv_affine<4, false>},
    {"kv.int4-decode", kv_affine<4, true>},
    {"kv.fp4-encode", kv_fp4_encode},
    {"kv.fp4-decode", kv_fp4_decode},
    {"spec.residual", residual},
    {"spec.verify", verify_batch},
    {"ngram", ngram},
    {"suffix.learn", suffix_learn},
    {"suffix.draft", suffix_draft},
    {"moe.route", route_given},
    {"moe.eplb", eplb},
};

}  // namespace

int main(int argc, char** argv) {
  try {
#if KVLOOM_LANES == 4
    if (!__builtin_cpu_supports("sse4.1")) throw std::runtime_error("this CPU has no SSE4.1");
#elif KVLOOM_LANES == 8
    if (!__builtin_cpu_supports("avx2")) throw std::runtime_error("this CPU has no AVX2");
#endif
    const Options options(argc, argv);
    const std::string name = argc > 1 ? argv[1] : "";
    if (name == "probe") return 0;
    const auto found = kCases.find(name);
    if (found == kCases.end()) throw std::runtime_error("usage: main CASE key=value...");
    Task found_task = found->second(options);
    measure(found_task, options.number("ms"));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
