//===- SaveTest.cpp - sequences kept outside of the process -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::test;

namespace {

using Tokens = std::vector<int32_t>;

int append(void *user, const void *data, size_t size) {
  Bytes &bytes = *static_cast<Bytes *>(user);
  bytes.insert(bytes.end(), static_cast<const uint8_t *>(data), static_cast<const uint8_t *>(data) + size);
  return 0;
}

struct Source {
  const Bytes &bytes;
  size_t at = 0;
};
int give(void *user, void *data, size_t size) {
  Source &source = *static_cast<Source *>(user);
  if (size > source.bytes.size() - source.at)
    return 1;
  std::memcpy(data, source.bytes.data() + source.at, size);
  source.at += size;
  return 0;
}
tenon_status load(tenon_session *session, const Bytes &bytes) {
  Source source{bytes};
  return tenon_session_load(session, give, &source);
}

struct SaveTest : testing::Test {
  Module module{toyArtifact()};
  Context context{module, 2};

  void prefill(tenon_session *session, const Tokens &tokens) { EXPECT_OK(tenon_session_prefill(session, tokens.data(), tokens.size())); }
  Tokens steps(tenon_session *session, int count) {
    tenon_sample_options options = {1.5f, 0, 0, 0, 42};
    Tokens out(size_t(count), -1);
    for (int32_t &token : out)
      EXPECT_OK(tenon_session_step(session, &options, &token));
    return out;
  }
  Bytes save(tenon_session *session) {
    Bytes bytes;
    EXPECT_OK(tenon_session_save(session, append, &bytes));
    return bytes;
  }
};

// The toy has both kinds of slots; its logits depend on every token before.
TEST_F(SaveTest, LoadedGoesOnBitForBit) {
  Session session(context);
  prefill(session, {3, 1, 4, 1, 5, 9, 2});
  steps(session, 4); // the last one is pending
  Bytes bytes = save(session);
  Tokens expected = steps(session, 12);

  Module again{toyArtifact()}; // as another process opens it
  Context other(again, 1);
  Session loaded(other);
  prefill(loaded, {30, 30, 30}); // replaced
  EXPECT_OK(load(loaded, bytes));
  EXPECT_EQ(tenon_session_position(loaded), 11);
  EXPECT_EQ(save(loaded), bytes);
  EXPECT_EQ(steps(loaded, 12), expected);
}

TEST_F(SaveTest, KeepsASequenceWithoutTokensOrWithUnsharedLogits) {
  Session session(context);
  Bytes empty = save(session);
  prefill(session, {7, 8});
  Bytes bytes = save(session);
  std::vector<float> logits = session.logits();
  EXPECT_OK(load(session, empty));
  EXPECT_EQ(tenon_session_position(session), 0);
  EXPECT_OK(load(session, bytes));
  EXPECT_EQ(session.logits(), logits);
}

TEST_F(SaveTest, LoadingEndsMarks) {
  Session session(context);
  prefill(session, {1, 2, 3});
  tenon_mark mark;
  EXPECT_OK(tenon_session_mark(session, &mark));
  EXPECT_OK(load(session, save(session)));
  EXPECT_EQ(tenon_session_rewind(session, mark).code, TENON_USAGE);
}

// Every damage of a byte and every cut is seen, and leaves the session as it was.
TEST_F(SaveTest, DamageIsRefused) {
  Session session(context);
  prefill(session, {1, 2, 3, 4, 5});
  Bytes bytes = save(session);
  std::vector<float> logits = session.logits();
  for (size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] ^= 0x40;
    EXPECT_NE(load(session, damaged).code, TENON_OK) << at;
  }
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(load(session, Bytes(bytes.begin(), bytes.begin() + long(size))).code, TENON_OK) << size;
  EXPECT_EQ(tenon_session_position(session), 5);
  EXPECT_EQ(session.logits(), logits);
}

TEST_F(SaveTest, StatesOfOthersAreRefused) {
  Session session(context);
  prefill(session, {1, 2, 3, 4, 5});
  Bytes bytes = save(session);
  // The same code with other weights.
  std::vector<Member> members = toyMembers();
  for (Member &member : members)
    if (member.name == "weights/packed.bin")
      member.data[0] ^= 1;
  Module other{writeFile("other.tenon", makeZip(members))};
  Context otherContext(other, 1);
  Session foreign(otherContext);
  tenon_status status = load(foreign, bytes);
  EXPECT_EQ(status.code, TENON_UNSUPPORTED);
  EXPECT_NE(std::string(status.msg).find("belongs to another artifact"), std::string::npos) << status.msg;

  Session small(context, {4, 0});
  status = load(small, bytes);
  EXPECT_EQ(status.code, TENON_RESOURCE);
  EXPECT_NE(std::string(status.msg).find("does not fit"), std::string::npos) << status.msg;
}

TEST_F(SaveTest, CallbacksMayFail) {
  Session session(context);
  auto refuse = [](void *, const void *, size_t) { return 1; };
  EXPECT_EQ(tenon_session_save(session, refuse, nullptr).code, TENON_USAGE);
  EXPECT_EQ(tenon_session_save(session, nullptr, nullptr).code, TENON_USAGE);
  EXPECT_EQ(tenon_session_load(session, nullptr, nullptr).code, TENON_USAGE);
  EXPECT_EQ(tenon_session_save(nullptr, refuse, nullptr).code, TENON_USAGE);
}

} // namespace
