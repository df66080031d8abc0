//===- ArchiveTest.cpp - good and hostile zip files ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

extern "C" {
#include "tenon/runtime/io/archive.h"
}

#include <cstring>
#include <functional>
#include <gtest/gtest.h>

using namespace tenon::test;

namespace {

std::vector<Member> threeMembers() {
  std::vector<Member> members(3);
  members[0].name = "a/first.bin", members[0].data = Bytes(5000, 7);
  members[1].name = "b.txt", members[1].data = {'h', 'i'};
  members[2].name = "weights/packed.bin", members[2].data = Bytes(9000, 1);
  return members;
}

tenon_status open(const Bytes &bytes, tenon_archive *archive) {
  return tenon_archive_open(bytes.data(), bytes.size(), "x.tenon", archive);
}

// The member's bytes lie in the file at a page boundary and are what was written.
void expectMembers(const Bytes &bytes) {
  tenon_archive archive;
  EXPECT_OK(open(bytes, &archive));
  ASSERT_EQ(archive.count, 3u);
  for (const Member &expected : threeMembers()) {
    const tenon_archive_member *member = tenon_archive_find(&archive, expected.name.c_str());
    ASSERT_NE(member, nullptr) << expected.name;
    EXPECT_EQ(Bytes(member->data, member->data + member->size), expected.data);
    EXPECT_EQ((member->data - bytes.data()) % 4096, 0);
    EXPECT_OK(tenon_archive_verify(member));
  }
  EXPECT_EQ(tenon_archive_find(&archive, "absent"), nullptr);
  tenon_archive_close(&archive);
}

TEST(Archive, FindsMembers) {
  expectMembers(makeZip(threeMembers()));
}

TEST(Archive, ReadsThe64BitForm) {
  ZipOptions options;
  options.zip64 = true;
  expectMembers(makeZip(threeMembers(), options));
}

TEST(Archive, EmptyArchiveHasNoMembers) {
  tenon_archive archive;
  Bytes bytes = makeZip({});
  EXPECT_OK(open(bytes, &archive));
  EXPECT_EQ(archive.count, 0u);
  EXPECT_EQ(tenon_archive_find(&archive, "x"), nullptr);
  tenon_archive_close(&archive);
}

TEST(Archive, NoticesAChangedByte) {
  Bytes bytes = makeZip(threeMembers());
  tenon_archive archive;
  bytes[4096 + 17] ^= 1;
  EXPECT_OK(open(bytes, &archive));
  EXPECT_FAILS(tenon_archive_verify(tenon_archive_find(&archive, "a/first.bin")), TENON_UNSUPPORTED, "checksum");
  tenon_archive_close(&archive);
}

// Every proper prefix of a file is refused.
TEST(Archive, RefusesTruncation) {
  Bytes bytes = makeZip(threeMembers());
  for (size_t size = 1; size < bytes.size(); size += size < 5000 ? 37 : size + 400 < bytes.size() ? 501 : 1) {
    tenon_archive archive;
    Bytes prefix(bytes.begin(), bytes.begin() + long(size));
    EXPECT_EQ(open(prefix, &archive).code, TENON_UNSUPPORTED) << size;
  }
}

// Flipping any one bit of what is not data is refused or harmless, and never crashes.
TEST(Archive, SurvivesFlippedBits) {
  for (bool zip64 : {false, true}) {
    ZipOptions options;
    options.zip64 = zip64;
    Bytes bytes = makeZip(threeMembers(), options);
    for (size_t i = 0; i < bytes.size(); i += i < 64 || i + 500 > bytes.size() ? 1 : 97) {
      for (int bit = 0; bit < 8; ++bit) {
        bytes[i] ^= uint8_t(1 << bit);
        tenon_archive archive;
        if (open(bytes, &archive).code == TENON_OK) {
          for (size_t m = 0; m < archive.count; ++m)
            tenon_archive_verify(&archive.members[m]);
          tenon_archive_close(&archive);
        }
        bytes[i] ^= uint8_t(1 << bit);
      }
    }
  }
}

// One hostile file: what is done to a good one, and the sentence that names it.
struct Hostile {
  const char *name;
  const char *sentence;
  std::function<void(std::vector<Member> &, ZipOptions &)> spoil;
};

const Hostile hostiles[] = {
    {"Compressed", "is compressed", [](auto &m, auto &) { m[0].method = 8; }},
    {"Encrypted", "is encrypted", [](auto &m, auto &) { m[1].flags = 1; }},
    {"Misaligned", "not a multiple of 4096", [](auto &m, auto &) { m[2].misaligned = 8; }},
    {"SizeTooLarge", "contradicts", [](auto &m, auto &) { m[2].sizeChange = 1 << 20; }},
    {"SizeTooLarge64", "contradicts", [](auto &m, auto &o) { o.zip64 = true, m[2].sizeChange = INT64_MAX - 20000; }},
    {"SizeWraps64", "contradicts", [](auto &m, auto &o) { o.zip64 = true, m[0].sizeChange = -5001; }},
    {"OffsetOutside", "is not where it should be", [](auto &m, auto &) { m[1].offsetChange = 1 << 30; }},
    {"OffsetOutside64", "is not where it should be", [](auto &m, auto &o) { o.zip64 = true, m[1].offsetChange = INT64_MAX; }},
    {"OffsetShifted", "is not where it should be", [](auto &m, auto &) { m[1].offsetChange = 2; }},
    {"OffsetOfAnother", "names another", [](auto &m, auto &) { m[1].offsetChange = -int64_t(4096 + 5000); }},
    {"LocalNameDiffers", "names another", [](auto &m, auto &) { m[1].localName = "c.txt"; }},
    {"SameNameTwice", "is there twice", [](auto &m, auto &) { m[1].name = m[0].name; }},
    {"AbsoluteName", "plain relative path", [](auto &m, auto &) { m[0].name = "/etc/passwd"; }},
    {"ParentName", "plain relative path", [](auto &m, auto &) { m[0].name = "a/../../b"; }},
    {"NulInName", "plain relative path", [](auto &m, auto &) { m[0].name = std::string("a\0b", 3); }},
    {"EmptyName", "plain relative path", [](auto &m, auto &) { m[0].name = ""; }},
    {"LongName", "plain relative path", [](auto &m, auto &) { m[0].name = std::string(300, 'n'); }},
    {"MoreMembersThanThereAre", "claims 4 members", [](auto &, auto &o) { o.countChange = 1; }},
    {"FewerMembers", "fewer members", [](auto &, auto &o) { o.countChange = -1; }},
    {"ManyMembers", "claims", [](auto &, auto &o) { o.countChange = 60000; }},
    {"ManyMembers64", "claims", [](auto &, auto &o) { o.zip64 = true, o.countChange = INT64_MAX; }},
    {"DirectoryOutside", "outside the file", [](auto &, auto &o) { o.directoryOffsetChange = 1 << 28; }},
    {"DirectoryOutside64", "outside the file", [](auto &, auto &o) { o.zip64 = true, o.directoryOffsetChange = INT64_MAX; }},
    {"DirectoryShifted", "table of contents is damaged", [](auto &, auto &o) { o.directoryOffsetChange = -4; }},
    {"DirectoryTooLong", "outside the file", [](auto &, auto &o) { o.directorySizeChange = 1 << 20; }},
    {"DirectoryTooShort", "table of contents is damaged", [](auto &, auto &o) { o.directorySizeChange = -10; }},
    {"BytesAfterTheEnd", "bytes after its end", [](auto &, auto &o) { o.after = Bytes(7, 0); }},
};

class HostileArchive : public testing::TestWithParam<Hostile> {};

TEST_P(HostileArchive, IsRefused) {
  std::vector<Member> members = threeMembers();
  ZipOptions options;
  GetParam().spoil(members, options);
  Bytes bytes = makeZip(members, options);
  tenon_archive archive;
  EXPECT_FAILS(open(bytes, &archive), TENON_UNSUPPORTED, GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(All, HostileArchive, testing::ValuesIn(hostiles), [](const auto &info) { return std::string(info.param.name); });

// Two members may not share bytes, which the sizes of a local header alone would allow.
TEST(Archive, RefusesOverlap) {
  std::vector<Member> members = threeMembers();
  Bytes inner = makeZip({members[1]});
  members[0].data.assign(3 * 4096, 0); // a member whose data contains another member's header and data
  Bytes bytes = makeZip({members[0], members[1]});
  // Point the second member's record to a copy of its header inside the first one's data.
  std::memcpy(bytes.data() + 4096, inner.data(), 4096);
  tenon_archive archive;
  EXPECT_OK(open(bytes, &archive));
  tenon_archive_close(&archive);
  uint8_t *record = bytes.data() + bytes.size() - 22 - 46 - members[1].name.size();
  uint32_t inside = 4096;
  std::memcpy(record + 42, &inside, 4);
  EXPECT_FAILS(open(bytes, &archive), TENON_UNSUPPORTED, "overlap");
}

TEST(Archive, RefusesOtherFiles) {
  tenon_archive archive;
  EXPECT_FAILS(open(Bytes(10, 0), &archive), TENON_UNSUPPORTED, "10 bytes only");
  EXPECT_FAILS(open(Bytes(5000, 'x'), &archive), TENON_UNSUPPORTED, "not a zip file");
}

} // namespace
