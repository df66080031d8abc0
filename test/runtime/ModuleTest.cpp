//===- ModuleTest.cpp - opening artifacts -------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include "tenon/runtime/abi.h"
extern "C" {
#include "tenon/runtime/host/cpu.h"
}

#include <functional>
#include <gtest/gtest.h>

using namespace tenon::test;

namespace {

// Opens an artifact of these members and gives the status.
tenon_status openMembers(const std::vector<Member> &members, tenon_module **module = nullptr, const char *code = nullptr) {
  tenon_module *local = nullptr;
  tenon_open_options options = {code};
  tenon_status status = tenon_module_open(writeFile("members.tenon", makeZip(members)).c_str(), &options, &local);
  EXPECT_EQ(local != nullptr, status.code == TENON_OK);
  if (module)
    *module = local;
  else
    tenon_module_close(local);
  return status;
}

Member codeMember(const std::string &name, const std::string &variant) {
  Member member;
  member.name = "code/" + name + ".so";
  member.data = toyCode(variant);
  return member;
}

TEST(Module, DescribesItself) {
  Module module(toyArtifact());
  tenon_module_info info;
  EXPECT_OK(tenon_module_get_info(module, &info));
  EXPECT_STREQ(info.name, "toy");
  EXPECT_STREQ(info.code, "x86-64-v3");
  EXPECT_STREQ(info.target, "toy");
  EXPECT_EQ(info.vocabulary, vocabulary);
  EXPECT_EQ(info.context, context);
  ASSERT_EQ(info.eos_count, 1);
  EXPECT_EQ(info.eos[0], endToken);
  EXPECT_EQ(info.weights_bytes, vocabulary * vocabulary * 4);
  ASSERT_EQ(info.symbol_count, 2);
  EXPECT_STREQ(info.symbols[0], "tokens");
  EXPECT_GT(info.load_ns, 0);
}

TEST(Module, DescribesEntries) {
  Module module(toyArtifact());
  ASSERT_EQ(tenon_module_entry_count(module), 3);
  int index = -1;
  EXPECT_OK(tenon_module_find_entry(module, "combine", &index));
  EXPECT_EQ(index, 2);
  tenon_entry_info entry;
  EXPECT_OK(tenon_module_entry_info(module, index, &entry));
  EXPECT_STREQ(entry.name, "combine");
  EXPECT_EQ(entry.stateful, 0);
  EXPECT_EQ(entry.input_count, 2);
  tenon_tensor_info tensor;
  EXPECT_OK(tenon_module_entry_input(module, index, 1, &tensor));
  EXPECT_STREQ(tensor.name, "y");
  EXPECT_EQ(tensor.dtype.code, kDLFloat);
  EXPECT_EQ(tensor.ndim, 2);
  EXPECT_EQ(tensor.dims[0], -2);
  EXPECT_OK(tenon_module_entry_output(module, index, 1, &tensor));
  EXPECT_EQ(tensor.dtype.bits, 64);
  EXPECT_FAILS(tenon_module_entry_output(module, index, 2, &tensor), TENON_USAGE, "from 0 to 1, but got 2");
  EXPECT_FAILS(tenon_module_entry_info(module, 3, &entry), TENON_USAGE, "from 0 to 2, but got 3");
  EXPECT_FAILS(tenon_module_find_entry(module, "absent", &index), TENON_USAGE, "no entry 'absent'");
}

TEST(Module, GivesFilesInside) {
  Module module(toyArtifact());
  const void *data = nullptr;
  size_t size = 0;
  EXPECT_OK(tenon_module_file(module, "tokenizer.bin", &data, &size));
  ASSERT_EQ(size, 3u);
  EXPECT_EQ(static_cast<const uint8_t *>(data)[2], 3);
  EXPECT_FAILS(tenon_module_file(module, "absent", &data, &size), TENON_USAGE, "no 'absent'");
}

// weights + the larger arena at 10 tokens + 5 blocks of history and the fixed slot.
TEST(Module, PlansMemory) {
  Module module(toyArtifact());
  int64_t symbols[] = {10};
  tenon_shape_env env = {1, symbols, 17};
  tenon_memory_plan plan;
  EXPECT_OK(tenon_module_memory_plan(module, &env, &plan));
  EXPECT_EQ(plan.weights_bytes, 4096);
  EXPECT_EQ(plan.arena_bytes, 64 + 8 * 10);
  EXPECT_EQ(plan.state_bytes, 5 * 16 + 8);
  EXPECT_EQ(plan.total_bytes, 4096 + 144 + 88);
  EXPECT_OK(tenon_module_memory_plan(module, nullptr, &plan));
  EXPECT_EQ(plan.state_bytes, context * 4 + 8);
  symbols[0] = INT64_MAX / 4;
  EXPECT_FAILS(tenon_module_memory_plan(module, &env, &plan), TENON_RESOURCE, "does not fit");
  symbols[0] = -1;
  EXPECT_FAILS(tenon_module_memory_plan(module, &env, &plan), TENON_USAGE, "'tokens'");
  env.count = 3;
  EXPECT_FAILS(tenon_module_memory_plan(module, &env, &plan), TENON_USAGE, "up to 2 symbols");
}

#if defined(__x86_64__)
// The best code that the processor can run is taken, whatever the order in the file.
TEST(Module, ChoosesCode) {
  std::vector<Member> members = toyMembers();
  members.push_back(codeMember("native", "native"));
  members.push_back(codeMember("aaa", "plain"));
  tenon_module *module = nullptr;
  tenon_module_info info;
  EXPECT_OK(openMembers(members, &module));
  EXPECT_OK(tenon_module_get_info(module, &info));
  EXPECT_STREQ(info.code, "native");
  EXPECT_STREQ(info.target, "toy native");
  tenon_module_close(module);

  EXPECT_OK(openMembers(members, &module, "x86-64-v3"));
  EXPECT_OK(tenon_module_get_info(module, &info));
  EXPECT_STREQ(info.code, "x86-64-v3");
  tenon_module_close(module);
  EXPECT_FAILS(openMembers(members, nullptr, "x86-64-v4"), TENON_UNSUPPORTED, "no code for x86-64-v4");
}

// Code whose features are missing is passed over; if nothing is left, each reason is given.
TEST(Module, PassesOverCodeItCannotRun) {
  std::vector<Member> members = toyMembers();
  members.push_back(codeMember("native", "impossible"));
  tenon_module *module = nullptr;
  tenon_module_info info;
  EXPECT_OK(openMembers(members, &module));
  EXPECT_OK(tenon_module_get_info(module, &info));
  EXPECT_STREQ(info.code, "x86-64-v3");
  tenon_module_close(module);
  members[0] = codeMember("x86-64-v3", "impossible");
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "native needs a feature this runtime does not know; x86-64-v3 needs");
}

TEST(Module, FeaturesOfTheProcessor) {
  int64_t features = tenon_cpu_features();
  EXPECT_EQ((features >> 0 & 1) != 0, __builtin_cpu_supports("sse3") != 0);
  EXPECT_EQ((features >> 10 & 1) != 0, __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ((features >> 14 & 1) != 0, __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ((features >> 22 & 1) != 0, __builtin_cpu_supports("avx512vnni") != 0);
  EXPECT_EQ((features >> 25 & 1) != 0, __builtin_cpu_supports("avx512bf16") != 0);
  EXPECT_EQ((features & TENON_ABI_X86_64_V3_FEATURES) == TENON_ABI_X86_64_V3_FEATURES, __builtin_cpu_supports("x86-64-v3") != 0);
  EXPECT_EQ((features & TENON_ABI_X86_64_V4_FEATURES) == TENON_ABI_X86_64_V4_FEATURES, __builtin_cpu_supports("x86-64-v4") != 0);
}
#endif

// The dynamic linker knows libraries by path, and the path of code in memory contains a descriptor's number; each module must
// nevertheless get its own code.
TEST(Module, TwoAtATimeHaveTheirOwnCode) {
  std::vector<Member> members = toyMembers();
  members[0] = codeMember("x86-64-v3", "native");
  tenon_module *other = nullptr;
  Module module(toyArtifact());
  EXPECT_OK(openMembers(members, &other));
  tenon_module_info a, b;
  EXPECT_OK(tenon_module_get_info(module, &a));
  EXPECT_OK(tenon_module_get_info(other, &b));
  EXPECT_STREQ(a.target, "toy");
  EXPECT_STREQ(b.target, "toy native");
  tenon_module_close(other);
}

TEST(Module, RefusesNewerAbi) {
  std::vector<Member> members = toyMembers();
  members[0] = codeMember("x86-64-v3", "newer");
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "newer than this runtime's");
}

// What a minor number appended is not looked at in older code: this one has rubbish there.
TEST(Module, RunsOlderAbi) {
  std::vector<Member> members = toyMembers();
  members[0] = codeMember("x86-64-v3", "older");
  tenon_module *module = nullptr;
  EXPECT_OK(openMembers(members, &module));
  int32_t tokens[] = {1, 2};
  {
    Context context(module);
    Session session(context);
    EXPECT_OK(tenon_session_prefill(session, tokens, 2));
    EXPECT_EQ(session.logits(), toyLogits({1, 2}));
  }
  tenon_module_close(module);
}

TEST(Module, RefusesDamagedCode) {
  std::vector<Member> members = toyMembers();
  members[0].data.resize(1000); // all headers, but not all they speak of
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "damaged shared object");
  members = toyMembers();
  members[0].crcChange = 1;
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "checksum");
  members = toyMembers();
  members[0].data[18] = 0xf7; // e_machine
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "another kind of processor");
  members[0].data = {'n', 'o'};
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "not a shared object");
  members[0] = codeMember("x86-64-v3", "silent");
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "does not export 'tenon_module'");
  members.erase(members.begin());
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "no code");
}

TEST(Module, RefusesWrongWeights) {
  std::vector<Member> members = toyMembers();
  members[4].data.resize(100);
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "has 100 bytes, but the code expects 4096");
  members.pop_back();
  EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, "no weights/packed.bin");
}

TEST(Module, RefusesTruncatedFiles) {
  Bytes bytes = makeZip(toyMembers());
  for (size_t size : {size_t(0), size_t(1), size_t(100), bytes.size() / 2, bytes.size() - 1}) {
    tenon_module *module = nullptr;
    std::string path = writeFile("truncated.tenon", Bytes(bytes.begin(), bytes.begin() + long(size)));
    EXPECT_EQ(tenon_module_open(path.c_str(), nullptr, &module).code, TENON_UNSUPPORTED) << size;
    EXPECT_EQ(module, nullptr);
  }
}

TEST(Module, RefusesWhatIsNoFile) {
  tenon_module *module = nullptr;
  EXPECT_FAILS(tenon_module_open("/nonexistent.tenon", nullptr, &module), TENON_USAGE, "cannot open '/nonexistent.tenon'");
  EXPECT_FAILS(tenon_module_open("/tmp", nullptr, &module), TENON_USAGE, "not a regular file");
  EXPECT_FAILS(tenon_module_open(nullptr, nullptr, &module), TENON_USAGE, "expects a path");
}

// The descriptor's own contradictions, by variants of the code.
TEST(Module, RefusesBadDescriptors) {
  const std::pair<const char *, const char *> cases[] = {
      {"bad_magic", "magic number"},
      {"bad_rank", "has rank 99"},
      {"bad_symbol", "unknown symbol"},
      {"bad_arena", "no valid size"},
      {"bad_state", "state slot"},
      {"bad_entry", "is not there"},
      {"bad_vocabulary", "does not give logits"},
      {"bad_weight", "outside the packed weights"},
  };
  for (auto [variant, sentence] : cases) {
    std::vector<Member> members = toyMembers();
    members[0] = codeMember("x86-64-v3", variant);
    EXPECT_FAILS(openMembers(members), TENON_UNSUPPORTED, sentence);
  }
}

TEST(Module, OutlivesItsCaller) {
  tenon_module *module = nullptr;
  EXPECT_OK(tenon_module_open(toyArtifact().c_str(), nullptr, &module));
  tenon_context *context = nullptr;
  EXPECT_OK(tenon_context_create(module, nullptr, &context));
  tenon_module_close(module);
  Session session(context);
  tenon_context_destroy(context);
  int32_t tokens[] = {1, 2};
  EXPECT_OK(tenon_session_prefill(session, tokens, 2));
  EXPECT_EQ(session.logits(), toyLogits({1, 2}));
}

TEST(Module, OtherDevicesAreRefused) {
  Module module(toyArtifact());
  tenon_context_options options = {1, TENON_DEVICE_CUDA, 0, nullptr};
  tenon_context *context = nullptr;
  EXPECT_FAILS(tenon_context_create(module, &options, &context), TENON_UNSUPPORTED, "no NVIDIA driver");
  options = {1, TENON_DEVICE_EMULATOR, 0, nullptr};
  EXPECT_FAILS(tenon_context_create(module, &options, &context), TENON_USAGE, "provider");
  options = {-1, 0, 0, nullptr};
  EXPECT_FAILS(tenon_context_create(module, &options, &context), TENON_USAGE, "0 or more threads");
  EXPECT_EQ(context, nullptr);
}

TEST(Module, SelfTest) {
  std::vector<tenon_report> reports;
  auto collect = [](void *user, const tenon_report *report) { static_cast<std::vector<tenon_report> *>(user)->push_back(*report); };
  Module module(toyArtifact());
  EXPECT_OK(tenon_module_selftest(module, collect, &reports));
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].checked, 44);
  EXPECT_EQ(reports[0].failed, 0);

  std::vector<Member> members = toyMembers();
  members[1].data = toyGolden({1, 2, 3}, 0.5f);
  tenon_module *wrong = nullptr;
  EXPECT_OK(openMembers(members, &wrong));
  EXPECT_FAILS(tenon_module_selftest(wrong, nullptr, nullptr), TENON_MISMATCH, "22 of 22");
  tenon_module_close(wrong);
}

TEST(Module, SelfTestRefusesBadGoldenData) {
  auto status = [](const std::function<void(Bytes &)> &spoil) {
    std::vector<Member> members = toyMembers();
    spoil(members[1].data);
    tenon_module *module = nullptr;
    EXPECT_OK(openMembers(members, &module));
    tenon_status result = tenon_module_selftest(module, nullptr, nullptr);
    tenon_module_close(module);
    return result;
  };
  EXPECT_FAILS(status([](Bytes &b) { b.resize(10); }), TENON_UNSUPPORTED, "too short");
  EXPECT_FAILS(status([](Bytes &b) { b[0] = 0; }), TENON_UNSUPPORTED, "not golden data");
  EXPECT_FAILS(status([](Bytes &b) { b.push_back(0); }), TENON_UNSUPPORTED, "contradict");
  EXPECT_FAILS(status([](Bytes &b) { b[11] = 0x7f; }), TENON_UNSUPPORTED, "contradict");
  EXPECT_FAILS(status([](Bytes &b) { b[24 + 7 * 4] = 7; }), TENON_UNSUPPORTED, "no position or token");
  EXPECT_FAILS(status([](Bytes &b) { b[24] = 200; }), TENON_USAGE, "vocabulary");
}

} // namespace
