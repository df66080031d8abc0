//===- CheckTest.cpp - reports and counts of the PTX machine -------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// That each kind of bug is found is shown by planted/; here is what a report says and what is counted.
#include "Ptx.h"

#include <gtest/gtest.h>

namespace tenon::emu {
namespace {

/// Every thread writes the first element: one finding, with both places, the layer and how often.
TEST(Check, ReportNamesBothPlacesAndCounts) {
  Ptx ptx(std::string(HEAD) + ".visible .entry k(.param .u64 pa)\n{\n.reg .b64 %a;\n"
                              "ld.param.u64 %a, [pa];\nst.global.u32 [%a], 1;\nret;\n}\n");
  emu_findings findings = {};
  ptx.options.checks = EMU_CHECK_ALL;
  ptx.options.path = "blk.3.attn_q";
  ptx.options.findings = &findings;
  std::vector<uint32_t> a(4);
  EXPECT_EQ(ptx.run("k", {}, a), "");
  ASSERT_EQ(findings.count, 1);
  const emu_finding &f = findings.items[0];
  EXPECT_EQ(f.kind, EMU_RACE);
  EXPECT_EQ(f.count, 31u);
  EXPECT_EQ(f.site.line, 8u);
  EXPECT_EQ(f.other.line, 8u);
  EXPECT_EQ(f.other.thread, 0u);
  EXPECT_STREQ(f.path, "blk.3.attn_q");

  char *text = nullptr;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  emu_findings_write_json(&findings, file);
  fclose(file);
  EXPECT_NE(std::string(text).find("\"kind\": \"race\", \"count\": 31"), std::string::npos) << text;
  EXPECT_NE(std::string(text).find("\"other\": {\"line\": 8"), std::string::npos) << text;
  free(text);
  emu_findings_free(&findings);
}

/// Lanes 8 floats apart: a sector of 32 bytes each where four hold all that is wanted, and 8 words in each of 4 banks.
TEST(Check, CountsSectorsAndWavefronts) {
  Ptx ptx(std::string(HEAD) + ".visible .entry k(.param .u64 pa)\n{\n.shared .align 16 .b8 s[1024];\n.reg .b64 %a, %o; .reg .b32 %t, %s;\n"
                              "ld.param.u64 %a, [pa];\nmov.u32 %t, %tid.x;\nmul.wide.u32 %o, %t, 32;\nadd.s64 %a, %a, %o;\n"
                              "ld.global.u32 %t, [%a];\nmov.u32 %s, s;\ncvt.u32.u64 %t, %o;\nadd.u32 %s, %s, %t;\nst.shared.u32 [%s], %t;\n"
                              "ret;\n}\n");
  ptx.options.counts = true;
  std::vector<uint32_t> a(256);
  EXPECT_EQ(ptx.run("k", {}, a), "");
  EXPECT_EQ(ptx.counts.global_sectors, 32u);
  EXPECT_EQ(ptx.counts.global_sectors_ideal, 4u);
  EXPECT_EQ(ptx.counts.shared_wavefronts, 8u);
  EXPECT_EQ(ptx.counts.shared_wavefronts_ideal, 1u);
}

} // namespace
} // namespace tenon::emu
