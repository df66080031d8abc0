//===- Artifact.h - makes artifacts for the tests -----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_TEST_RUNTIME_ARTIFACT_H
#define TENON_TEST_RUNTIME_ARTIFACT_H

#include "tenon/runtime/tenon.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::test {

using Bytes = std::vector<uint8_t>;

// One member of a zip file, and how to write it wrongly. The defaults are right.
struct Member {
  std::string name;
  Bytes data;
  uint16_t method = 0;
  uint16_t flags = 0;
  uint32_t crcChange = 0;
  int64_t sizeChange = 0;   // in the table of contents only
  int64_t offsetChange = 0; // of the local header, likewise
  std::string localName;    // empty: the same
  int misaligned = 0;       // bytes past the page boundary
};

struct ZipOptions {
  bool zip64 = false;
  int64_t countChange = 0;
  int64_t directorySizeChange = 0;
  int64_t directoryOffsetChange = 0;
  Bytes after; // bytes after the end
};

// A zip file with stored, page-aligned members.
Bytes makeZip(const std::vector<Member> &members, const ZipOptions &options = {});

uint32_t crc32(const Bytes &data);
Bytes readFile(const std::string &path);
// Writes a file of this name in a directory of the test process and returns its path.
std::string writeFile(const std::string &name, const Bytes &data);

// The toy model of toy_code.c: its weights, its code object of a variant ("plain", "impossible", "newer", ...), and its logits.
constexpr int vocabulary = 32, context = 64, endToken = 31;
Bytes toyWeights();
Bytes toyCode(const std::string &variant = "plain");
std::vector<float> toyLogits(const std::vector<int32_t> &tokens); // after the last token
Bytes toyGolden(const std::vector<int32_t> &tokens, float error = 0);
std::vector<Member> toyMembers();
std::string toyArtifact(); // a good one, written once

// Objects that end themselves; failures are reported by gtest.
struct Module {
  explicit Module(const std::string &path, const char *code = nullptr);
  Module(const Module &) = delete;
  ~Module() { tenon_module_close(module); }
  operator tenon_module *() const { return module; }
  tenon_module *module = nullptr;
};
struct Context {
  explicit Context(tenon_module *module, int threads = 1);
  Context(const Context &) = delete;
  ~Context() { tenon_context_destroy(context); }
  operator tenon_context *() const { return context; }
  tenon_context *context = nullptr;
};
struct Session {
  explicit Session(tenon_context *context, tenon_session_options options = {});
  explicit Session(tenon_session *session) : session(session) {}
  Session(const Session &) = delete;
  ~Session() { tenon_session_destroy(session); }
  operator tenon_session *() const { return session; }
  std::vector<float> logits() const;
  tenon_session *session = nullptr;
};

} // namespace tenon::test

#define EXPECT_OK(expression)                                                                                                              \
  do {                                                                                                                                     \
    tenon_status status_ = (expression);                                                                                                   \
    EXPECT_EQ(status_.code, 0) << status_.msg;                                                                                             \
  } while (0)
// The status has this code, and its sentence contains the text.
#define EXPECT_FAILS(expression, expectedCode, text)                                                                                       \
  do {                                                                                                                                     \
    tenon_status status_ = (expression);                                                                                                   \
    EXPECT_EQ(status_.code, expectedCode) << status_.msg;                                                                                  \
    EXPECT_NE(std::string(status_.msg).find(text), std::string::npos) << status_.msg;                                                      \
  } while (0)

#endif // TENON_TEST_RUNTIME_ARTIFACT_H
