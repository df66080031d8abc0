//===- SessionTest.cpp - sequences, marks and forks ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>

using namespace tenon::test;

namespace {

using Tokens = std::vector<int32_t>;

struct SessionTest : testing::Test {
  Module module{toyArtifact()};
  Context context{module, 2};

  void prefill(tenon_session *session, const Tokens &tokens) { EXPECT_OK(tenon_session_prefill(session, tokens.data(), tokens.size())); }
  int32_t step(tenon_session *session, tenon_sample_options options = {}) {
    int32_t token = -1;
    EXPECT_OK(tenon_session_step(session, &options, &token));
    return token;
  }
  Tokens steps(tenon_session *session, int count, tenon_sample_options options = {}) {
    Tokens out;
    for (int i = 0; i < count; ++i)
      out.push_back(step(session, options));
    return out;
  }
};

// What a greedy run of the model gives, by the test's own arithmetic.
Tokens greedy(Tokens tokens, int count) {
  Tokens out;
  for (int i = 0; i < count; ++i) {
    std::vector<float> logits = toyLogits(tokens);
    out.push_back(int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    tokens.push_back(out.back());
  }
  return out;
}

const tenon_sample_options warm = {1.5f, 0, 0, 0, 42};

TEST_F(SessionTest, StepsAsTheModelSays) {
  Session session(context);
  prefill(session, {3, 1, 4, 1, 5});
  EXPECT_EQ(session.logits(), toyLogits({3, 1, 4, 1, 5}));
  EXPECT_EQ(steps(session, 20), greedy({3, 1, 4, 1, 5}, 20));
  EXPECT_EQ(tenon_session_position(session), 25);
}

// However a prompt is cut into calls, also behind a step, the bits are the same.
TEST_F(SessionTest, ChunksDontMatter) {
  Tokens prompt = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11};
  for (int64_t chunk : {1, 2, 3, 5, 11, 512}) {
    Session session(context, {0, chunk});
    prefill(session, prompt);
    EXPECT_EQ(session.logits(), toyLogits(prompt)) << chunk;
    Tokens longer = prompt;
    longer.push_back(step(session));
    prefill(session, {1, 2, 3});
    longer.insert(longer.end(), {1, 2, 3});
    EXPECT_EQ(session.logits(), toyLogits(longer)) << chunk;
  }
}

TEST_F(SessionTest, ThreadsDontMatter) {
  for (int threads : {1, 2, 3, 7}) {
    Context other(module, threads);
    EXPECT_EQ(tenon_context_threads(other), threads);
    Session session(other);
    prefill(session, {2, 7, 1, 8});
    EXPECT_EQ(session.logits(), toyLogits({2, 7, 1, 8}));
  }
}

TEST_F(SessionTest, ScoresEveryPosition) {
  Tokens tokens = {5, 6, 7, 8, 9, 10, 11};
  Session session(context, {0, 3});
  prefill(session, {1});
  int32_t chosen = step(session);
  std::vector<float> rows(tokens.size() * vocabulary);
  EXPECT_OK(tenon_session_score(session, tokens.data(), tokens.size(), rows.data()));
  Tokens all = {1, chosen};
  for (size_t i = 0; i < tokens.size(); ++i) {
    all.push_back(tokens[i]);
    EXPECT_EQ(std::vector<float>(rows.begin() + long(i) * vocabulary, rows.begin() + long(i + 1) * vocabulary), toyLogits(all)) << i;
  }
  EXPECT_EQ(session.logits(), toyLogits(all));
  EXPECT_EQ(steps(session, 3), greedy(all, 3));
}

// Rewinding equals never having run: the same logits and, from the same seed, the same tokens.
TEST_F(SessionTest, RewindEqualsNeverHavingRun) {
  Session session(context);
  prefill(session, {1, 2, 3, 4, 5, 6});
  tenon_mark mark;
  EXPECT_OK(tenon_session_mark(session, &mark));
  EXPECT_EQ(mark.position, 6);
  std::vector<float> before = session.logits();
  Tokens first = steps(session, 9, warm);
  EXPECT_OK(tenon_session_rewind(session, mark));
  EXPECT_EQ(tenon_session_position(session), 6);
  EXPECT_EQ(session.logits(), before);
  prefill(session, {30, 29, 28, 27, 26, 25, 24});
  EXPECT_OK(tenon_session_rewind(session, mark));
  EXPECT_EQ(steps(session, 9, warm), first);
  Session fresh(context);
  prefill(fresh, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(steps(fresh, 9, warm), first);
}

// A mark behind a step remembers the chosen token, which has not been fed yet.
TEST_F(SessionTest, MarksRememberThePendingToken) {
  Session session(context);
  prefill(session, {7});
  int32_t chosen = step(session);
  tenon_mark mark;
  EXPECT_OK(tenon_session_mark(session, &mark));
  EXPECT_EQ(mark.position, 2);
  Tokens more = steps(session, 4);
  EXPECT_OK(tenon_session_rewind(session, mark));
  EXPECT_EQ(tenon_session_position(session), 2);
  EXPECT_EQ(steps(session, 4), more);
  EXPECT_EQ(more, greedy({7, chosen}, 4));
}

TEST_F(SessionTest, MarksNest) {
  Session session(context);
  tenon_mark empty, outer, inner;
  EXPECT_OK(tenon_session_mark(session, &empty));
  prefill(session, {1, 2});
  EXPECT_OK(tenon_session_mark(session, &outer));
  prefill(session, {3, 4, 5});
  EXPECT_OK(tenon_session_mark(session, &inner));
  prefill(session, {6});
  EXPECT_OK(tenon_session_rewind(session, inner));
  EXPECT_EQ(session.logits(), toyLogits({1, 2, 3, 4, 5}));
  EXPECT_OK(tenon_session_rewind(session, outer));
  EXPECT_EQ(session.logits(), toyLogits({1, 2}));
  EXPECT_FAILS(tenon_session_rewind(session, inner), TENON_USAGE, "the mark at position 5");
  EXPECT_OK(tenon_session_forget(session, outer));
  EXPECT_FAILS(tenon_session_rewind(session, outer), TENON_USAGE, "has ended");
  EXPECT_OK(tenon_session_rewind(session, empty));
  EXPECT_EQ(tenon_session_position(session), 0);
  int32_t token;
  EXPECT_FAILS(tenon_session_step(session, nullptr, &token), TENON_USAGE, "nothing to choose from");
}

TEST_F(SessionTest, ManyMarks) {
  Session session(context);
  std::vector<tenon_mark> marks;
  Tokens tokens;
  for (int i = 0; i < 30; ++i) {
    tokens.push_back((i * 7) % 30);
    prefill(session, {tokens.back()});
    marks.emplace_back();
    EXPECT_OK(tenon_session_mark(session, &marks.back()));
  }
  for (int i = 29; i >= 0; i -= 3) {
    EXPECT_OK(tenon_session_rewind(session, marks[size_t(i)]));
    EXPECT_EQ(session.logits(), toyLogits({tokens.begin(), tokens.begin() + i + 1}));
  }
}

TEST_F(SessionTest, ForksGoTheirOwnWay) {
  Session session(context);
  prefill(session, {1, 2, 3, 4, 5});
  int32_t chosen = step(session);
  tenon_session *forked = nullptr;
  EXPECT_OK(tenon_session_fork(session, &forked));
  Session fork(forked);
  EXPECT_EQ(tenon_session_position(fork), 6);
  prefill(fork, {20, 21});
  Tokens base = {1, 2, 3, 4, 5, chosen};
  EXPECT_EQ(steps(session, 6), greedy(base, 6));
  Tokens other = base;
  other.insert(other.end(), {20, 21});
  EXPECT_EQ(steps(fork, 6), greedy(other, 6));
}

TEST_F(SessionTest, GenerateStops) {
  Session session(context);
  prefill(session, {3, 1, 4});
  Tokens got;
  auto collect = [](void *user, int32_t token) {
    auto &tokens = *static_cast<Tokens *>(user);
    tokens.push_back(token);
    return tokens.size() == 100 ? 1 : 0;
  };
  tenon_generate_options options = {};
  options.max_tokens = 5;
  options.ignore_eos = 1;
  tenon_generation result;
  EXPECT_OK(tenon_session_generate(session, &options, collect, &got, &result));
  EXPECT_EQ(got, greedy({3, 1, 4}, 5));
  EXPECT_EQ(result.tokens, 5);
  EXPECT_EQ(result.reason, TENON_STOP_LENGTH);

  options.max_tokens = 0;
  EXPECT_OK(tenon_session_generate(session, &options, nullptr, nullptr, &result));
  EXPECT_EQ(result.reason, TENON_STOP_CONTEXT);
  EXPECT_EQ(tenon_session_position(session), tenon::test::context);
}

TEST_F(SessionTest, GenerateStopsAtEndTokens) {
  Tokens expected = greedy({3, 1, 4}, 10);
  Session session(context);
  prefill(session, {3, 1, 4});
  tenon_generate_options options = {};
  options.stop_count = 1;
  options.stop = &expected[4];
  int64_t before = std::find(expected.begin(), expected.end(), expected[4]) - expected.begin();
  tenon_generation result;
  EXPECT_OK(tenon_session_generate(session, &options, nullptr, nullptr, &result));
  EXPECT_EQ(result.tokens, before);
  EXPECT_EQ(result.reason, TENON_STOP_EOS);
  EXPECT_EQ(tenon_session_position(session), 3 + before + 1); // the end token is part of the sequence
}

TEST_F(SessionTest, TheCallbackMayUseTheSession) {
  struct State {
    tenon_session *session;
    int64_t position;
  } state = {nullptr, 0};
  Session session(context);
  state.session = session;
  prefill(session, {2});
  auto stop = [](void *user, int32_t) {
    auto &state = *static_cast<State *>(user);
    tenon_mark mark;
    EXPECT_OK(tenon_session_mark(state.session, &mark));
    state.position = mark.position;
    return 1;
  };
  tenon_generate_options options = {};
  options.ignore_eos = 1;
  tenon_generation result;
  EXPECT_OK(tenon_session_generate(session, &options, stop, &state, &result));
  EXPECT_EQ(result.reason, TENON_STOP_CALLBACK);
  EXPECT_EQ(result.tokens, 1);
  EXPECT_EQ(state.position, 2);
}

TEST_F(SessionTest, RefusesWhatDoesNotFit) {
  Session session(context, {8, 0});
  prefill(session, {1, 2, 3, 4, 5});
  Tokens more = {1, 2, 3, 4};
  EXPECT_FAILS(tenon_session_prefill(session, more.data(), 4), TENON_RESOURCE, "has 5 of at most 8");
  EXPECT_EQ(session.logits(), toyLogits({1, 2, 3, 4, 5}));
  steps(session, 3);
  int32_t token;
  EXPECT_FAILS(tenon_session_step(session, nullptr, &token), TENON_RESOURCE, "is full");
}

TEST_F(SessionTest, RefusesBadTokens) {
  Session session(context);
  for (Tokens tokens : {Tokens{1, 2, vocabulary}, Tokens{1, 2, -1}, Tokens{1, 2, INT32_MIN}})
    EXPECT_FAILS(tenon_session_prefill(session, tokens.data(), 3), TENON_USAGE, "token 2 is");
  EXPECT_EQ(tenon_session_position(session), 0);
  EXPECT_FAILS(tenon_session_prefill(session, nullptr, 3), TENON_USAGE, "expects tokens");
  EXPECT_OK(tenon_session_prefill(session, nullptr, 0));
}

TEST_F(SessionTest, RefusesBadOptions) {
  tenon_session *session = nullptr;
  tenon_session_options options = {tenon::test::context + 1, 0};
  EXPECT_FAILS(tenon_session_create(context, &options, &session), TENON_USAGE, "max_positions from 1 to 64");
  options = {0, -1};
  EXPECT_FAILS(tenon_session_create(context, &options, &session), TENON_USAGE, "prefill_chunk");
  Session good(context);
  prefill(good, {1});
  int32_t token;
  tenon_sample_options sample = {1.0f, -1, 0, 0, 0};
  EXPECT_FAILS(tenon_session_step(good, &sample, &token), TENON_USAGE, "top_k");
  tenon_generate_options generate = {};
  generate.max_tokens = -1;
  EXPECT_FAILS(tenon_session_generate(good, &generate, nullptr, nullptr, nullptr), TENON_USAGE, "max_tokens");
}

TEST_F(SessionTest, CountsWhatItDid) {
  Session session(context);
  prefill(session, {1, 2, 3, 4, 5});
  steps(session, 3);
  tenon_stats stats;
  EXPECT_OK(tenon_session_stats(session, &stats));
  EXPECT_EQ(stats.prefill_tokens, 5);
  EXPECT_EQ(stats.decode_tokens, 3);
  EXPECT_GT(stats.prefill_ns, 0);
  EXPECT_GT(stats.decode_ns, 0);
  EXPECT_GT(stats.load_ns, 0);
  EXPECT_EQ(stats.threads, 2);
  EXPECT_EQ(stats.state_bytes, 2 * 16 + 8); // 7 positions are in the state, the third sampled token is pending
}

// A second call meanwhile is refused; none of this is a data race.
TEST_F(SessionTest, OneCallAtATime) {
  std::atomic<int> refused{0}, good{0};
  auto work = [&] {
    Session session(context);
    for (int i = 0; i < 40; ++i) {
      int32_t token = i % vocabulary;
      tenon_status status = tenon_session_prefill(session, &token, 1);
      (status.code == TENON_OK ? good : refused)++;
      if (status.code != TENON_OK) {
        EXPECT_NE(std::string(status.msg).find("in use"), std::string::npos);
      }
    }
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  EXPECT_EQ(refused + good, 80);
  EXPECT_GT(good, 0);
}

// A context that is asked to looks at what every call has left.
TEST(FiniteCheck, NamesWhatIsNotFiniteAndWhere) {
  std::vector<Member> members = toyMembers();
  const float infinite = -INFINITY;
  for (Member &member : members)
    if (member.name == "weights/packed.bin")
      std::memcpy(&member.data[(9 * 32 + 5) * sizeof(float)], &infinite, sizeof infinite); // of token 9
  Module module{writeFile("infinite.tenon", makeZip(members))};
  for (int32_t checks : {0, 1}) {
    tenon_context_options options = {1, TENON_DEVICE_CPU, checks};
    tenon_context *context;
    tenon_session *session;
    EXPECT_OK(tenon_context_create(module, &options, &context));
    EXPECT_OK(tenon_session_create(context, nullptr, &session));
    tenon_mark mark;
    const int32_t good[] = {1, 2, 3}, bad[] = {9};
    EXPECT_OK(tenon_session_prefill(session, good, 3));
    EXPECT_OK(tenon_session_mark(session, &mark));
    tenon_status status = tenon_session_prefill(session, bad, 1);
    EXPECT_EQ(status.code, checks ? TENON_MISMATCH : TENON_OK);
    EXPECT_STREQ(status.msg, checks ? "output 'logits' expects finite numbers, but got -inf at element 5 after position 3" : "");
    EXPECT_OK(tenon_session_rewind(session, mark));
    EXPECT_OK(tenon_session_prefill(session, good, 3));
    tenon_session_destroy(session);
    tenon_context_destroy(context);
  }
}

} // namespace
