//===- Artifact.cpp - makes artifacts for the tests ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include "tenon/runtime/abi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

namespace tenon::test {
namespace {

constexpr size_t page = 4096;

template <typename T> void put(Bytes &out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    out.push_back(uint8_t(uint64_t(value) >> (8 * i)));
}

void append(Bytes &out, const std::string &text) {
  out.insert(out.end(), text.begin(), text.end());
}

void putLocal(Bytes &out, const Member &m) {
  const std::string &name = m.localName.empty() ? m.name : m.localName;
  size_t header = 30 + name.size() + 4;
  size_t padding = (page - (out.size() + header) % page) % page + size_t(m.misaligned);
  put<uint32_t>(out, 0x04034b50);
  put<uint16_t>(out, 10);
  put<uint16_t>(out, m.flags);
  put<uint16_t>(out, m.method);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, crc32(m.data) ^ m.crcChange);
  put<uint32_t>(out, uint32_t(m.data.size()));
  put<uint32_t>(out, uint32_t(m.data.size()));
  put<uint16_t>(out, uint16_t(name.size()));
  put<uint16_t>(out, uint16_t(4 + padding));
  append(out, name);
  put<uint16_t>(out, 0xfeed);
  put<uint16_t>(out, uint16_t(padding));
  out.resize(out.size() + padding);
  out.insert(out.end(), m.data.begin(), m.data.end());
}

void putCentral(Bytes &out, const Member &m, uint64_t local, bool zip64) {
  uint64_t size = m.data.size() + uint64_t(m.sizeChange);
  local += uint64_t(m.offsetChange);
  put<uint32_t>(out, 0x02014b50);
  put<uint32_t>(out, 10 | 10 << 16);
  put<uint16_t>(out, m.flags);
  put<uint16_t>(out, m.method);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, crc32(m.data) ^ m.crcChange);
  put<uint32_t>(out, zip64 ? 0xffffffff : uint32_t(size));
  put<uint32_t>(out, zip64 ? 0xffffffff : uint32_t(size));
  put<uint16_t>(out, uint16_t(m.name.size()));
  put<uint16_t>(out, zip64 ? 28 : 0);
  put<uint16_t>(out, 0);
  put<uint16_t>(out, 0);
  put<uint16_t>(out, 0);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, zip64 ? 0xffffffff : uint32_t(local));
  append(out, m.name);
  if (!zip64)
    return;
  put<uint16_t>(out, 1);
  put<uint16_t>(out, 24);
  put<uint64_t>(out, size);
  put<uint64_t>(out, size);
  put<uint64_t>(out, local);
}

void putEnd(Bytes &out, uint64_t count, uint64_t size, uint64_t offset, bool zip64) {
  uint64_t end64 = out.size();
  if (zip64) {
    put<uint32_t>(out, 0x06064b50);
    put<uint64_t>(out, 44);
    put<uint32_t>(out, 45 | 45 << 16);
    put<uint64_t>(out, 0);
    put<uint64_t>(out, count);
    put<uint64_t>(out, count);
    put<uint64_t>(out, size);
    put<uint64_t>(out, offset);
    put<uint32_t>(out, 0x07064b50);
    put<uint32_t>(out, 0);
    put<uint64_t>(out, end64);
    put<uint32_t>(out, 1);
  }
  put<uint32_t>(out, 0x06054b50);
  put<uint32_t>(out, 0);
  put<uint16_t>(out, zip64 ? 0xffff : uint16_t(count));
  put<uint16_t>(out, zip64 ? 0xffff : uint16_t(count));
  put<uint32_t>(out, zip64 ? 0xffffffff : uint32_t(size));
  put<uint32_t>(out, zip64 ? 0xffffffff : uint32_t(offset));
  put<uint16_t>(out, 0);
}

void expectOk(const tenon_status &status) {
  EXPECT_EQ(status.code, 0) << status.msg;
}

} // namespace

uint32_t crc32(const Bytes &data) {
  uint32_t crc = 0xffffffff;
  for (uint8_t byte : data) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

Bytes makeZip(const std::vector<Member> &members, const ZipOptions &options) {
  Bytes out, directory;
  for (const Member &member : members) {
    putCentral(directory, member, out.size(), options.zip64);
    putLocal(out, member);
  }
  uint64_t offset = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  putEnd(out, members.size() + uint64_t(options.countChange), directory.size() + uint64_t(options.directorySizeChange),
         offset + uint64_t(options.directoryOffsetChange), options.zip64);
  out.insert(out.end(), options.after.begin(), options.after.end());
  return out;
}

Bytes readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

std::string writeFile(const std::string &name, const Bytes &data) {
  static const std::string folder = [] {
    auto path = std::filesystem::temp_directory_path() / ("tenon-runtime-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(path);
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(std::filesystem::temp_directory_path() / ("tenon-runtime-test-" + std::to_string(getpid())), ignored);
    });
    return path.string();
  }();
  std::string path = folder + "/" + name;
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char *>(data.data()), std::streamsize(data.size()));
  return path;
}

Bytes toyWeights() {
  std::vector<float> values(vocabulary * vocabulary);
  uint32_t state = 12345;
  for (float &value : values) {
    state = state * 1664525 + 1013904223;
    value = float(int32_t(state >> 8) - (1 << 23)) / float(1 << 21);
  }
  Bytes bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Bytes toyCode(const std::string &variant) {
  return readFile(TENON_TOY_FOLDER "/toy_" + variant + ".so");
}

std::vector<float> toyLogits(const std::vector<int32_t> &tokens) {
  Bytes bytes = toyWeights();
  const float *w = reinterpret_cast<const float *>(bytes.data());
  std::vector<float> out(vocabulary);
  int64_t last = int64_t(tokens.size()) - 1, total = 0;
  for (int64_t j = 0; j < last; ++j)
    total += tokens[j];
  for (int64_t v = 0; v < vocabulary; ++v) {
    float sum = w[tokens[last] * vocabulary + v];
    for (int64_t j = 0; j < last; ++j)
      sum += w[tokens[j] * vocabulary + (v + last - j) % vocabulary] * 0.015625f;
    out[v] = sum + float(total % 7) * 0.125f;
  }
  return out;
}

Bytes toyGolden(const std::vector<int32_t> &tokens, float error) {
  Bytes out;
  std::vector<tenon_abi_golden_logit> logits;
  for (size_t n = 1; n <= tokens.size(); n += 2) {
    std::vector<float> row = toyLogits({tokens.begin(), tokens.begin() + long(n)});
    for (int32_t v = 0; v < vocabulary; v += 3)
      logits.push_back({int32_t(n) - 1, v, row[v] + error});
  }
  tenon_abi_golden header = {TENON_ABI_GOLDEN_MAGIC, TENON_ABI_GOLDEN_VERSION, int32_t(tokens.size()), int32_t(logits.size()), 1e-5f, 0};
  auto add = [&](const void *data, size_t size) { out.insert(out.end(), (const uint8_t *)data, (const uint8_t *)data + size); };
  add(&header, sizeof(header));
  add(tokens.data(), tokens.size() * sizeof(int32_t));
  add(logits.data(), logits.size() * sizeof(logits[0]));
  return out;
}

std::vector<Member> toyMembers() {
  std::vector<Member> members(5);
  members[0].name = "code/x86-64-v3.so", members[0].data = toyCode();
  members[1].name = "golden/first.bin", members[1].data = toyGolden({1, 2, 3, 4, 5, 6, 7});
  members[2].name = "manifest.json", members[2].data = {'{', '}'};
  members[3].name = "tokenizer.bin", members[3].data = {1, 2, 3};
  members[4].name = "weights/packed.bin", members[4].data = toyWeights();
  return members;
}

std::string toyArtifact() {
  static const std::string path = writeFile("toy.tenon", makeZip(toyMembers()));
  return path;
}

Module::Module(const std::string &path, const char *code) {
  tenon_open_options options = {code};
  expectOk(tenon_module_open(path.c_str(), &options, &module));
}

Context::Context(tenon_module *module, int threads) {
  tenon_context_options options = {threads, TENON_DEVICE_CPU, 0};
  expectOk(tenon_context_create(module, &options, &context));
}

Session::Session(tenon_context *context, tenon_session_options options) {
  expectOk(tenon_session_create(context, &options, &session));
}

std::vector<float> Session::logits() const {
  const float *values = nullptr;
  int64_t count = 0;
  expectOk(tenon_session_logits(session, &values, &count));
  return values ? std::vector<float>(values, values + count) : std::vector<float>();
}

} // namespace tenon::test
