//===- ControlTest.cpp - branches, calls, barriers -----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Ptx.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace tenon::emu;

namespace {

// Each thread loops as often as its number says, and all meet again.
TEST(Control, LanesPartAndMeet) {
  Ptx ptx(
      elementwise("mov.u32 %d, 0;\nmov.u32 %x0, 0;\nL: setp.ge.u32 %p0, %x0, %a;\n@%p0 bra M;\nadd.u32 %x0, %x0, 1;\nadd.u32 %d, %d, %x0;\n"
                  "bra.uni L;\nM: activemask.b32 %x1;\nsetp.ne.u32 %p1, %x1, -1;\n@%p1 mov.u32 %d, -1;",
                  "b32", {"b32"}));
  std::vector<uint32_t> d(32), a(32);
  std::iota(a.begin(), a.end(), 0);
  ASSERT_EQ(ptx.run("k", {}, d, a), "");
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(d[i], i * (i + 1) / 2);
}

TEST(Control, IndexedBranches) {
  Ptx ptx(elementwise("T: .branchtargets A, B, C;\nand.b32 %x0, %a, 3;\nmin.u32 %x0, %x0, 2;\nbrx.idx %x0, T;\nA: mov.u32 %d, 10;\nbra E;\n"
                      "B: mov.u32 %d, 11;\nbra E;\nC: mov.u32 %d, 12;\nE:",
                      "b32", {"b32"}));
  std::vector<uint32_t> d(32), a(32);
  std::iota(a.begin(), a.end(), 0);
  ASSERT_EQ(ptx.run("k", {}, d, a), "");
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(d[i], 10 + std::min(i & 3, 2u));
}

const char *const CALLS = R"(
.func (.param .b32 r) twice(.param .b32 x);
.func (.param .b32 r) plus(.param .b32 x, .param .b32 y)
{
  .reg .b32 %r<4>;
  ld.param.b32 %r0, [x];
  ld.param.b32 %r1, [y];
  setp.gt.u32 %p, %r0, 100;
  add.u32 %r2, %r0, %r1;
  st.param.b32 [r], %r2;
  ret;
}
.func (.param .b32 r) twice(.param .b32 x)
{
  .reg .b32 %r<4>;
  ld.param.b32 %r0, [x];
  {
    .param .b32 a; .param .b32 b; .param .b32 c;
    st.param.b32 [a], %r0;
    st.param.b32 [b], %r0;
    call.uni (c), plus, (a, b);
    ld.param.b32 %r1, [c];
  }
  st.param.b32 [r], %r1;
  ret;
}
.visible .entry k(.param .u64 pd)
{
  .reg .b32 %r<4>; .reg .b64 %q<2>; .reg .pred %p;
  mov.u32 %r0, %tid.x;
  setp.lt.u32 %p, %r0, 7;
  mov.u32 %r1, %r0;
  @%p bra SMALL;
  {
    .param .b32 a; .param .b32 c;
    st.param.b32 [a+0], %r0;
    call (c), twice, (a);
    ld.param.b32 %r1, [c+0];
  }
SMALL:
  ld.param.u64 %q0, [pd];
  mad.wide.u32 %q0, %r0, 4, %q0;
  st.global.u32 [%q0], %r1;
  ret;
}
)";

TEST(Control, FunctionsCallFunctions) {
  std::string text = CALLS;
  text.replace(text.find("  setp.gt.u32 %p, %r0, 100;\n"), 28, "");
  Ptx ptx(HEAD + text);
  std::vector<uint32_t> d(64);
  ASSERT_EQ(ptx.run("k", {1, 64}, d), "");
  for (uint32_t i = 0; i < 64; ++i)
    EXPECT_EQ(d[i], i < 7 ? i : 2 * i);
  // A register of another function is none of this one.
  EXPECT_EQ(Ptx(std::string(HEAD) + CALLS).error, "PTX line 11: '%p' is not declared");
}

// A sum in shared memory by halves, with a barrier between them.
const char *const TREE = R"(
.extern .shared .align 16 .b8 dynamic[];
.visible .entry k(.param .u64 pd, .param .u64 pa)
{
  .reg .b32 %r<9>; .reg .b64 %q<3>; .reg .pred %p<2>;
  mov.u32 %r0, %tid.x;
  mov.u32 %r7, %ctaid.x;
  mov.u32 %r8, %ntid.x;
  mad.lo.u32 %r6, %r7, %r8, %r0;
  ld.param.u64 %q0, [pa];
  mad.wide.u32 %q0, %r6, 4, %q0;
  ld.global.nc.u32 %r1, [%q0];
  mov.u32 %r2, dynamic;
  shl.b32 %r3, %r0, 2;
  add.u32 %r2, %r2, %r3;
  st.shared.u32 [%r2], %r1;
  shr.u32 %r4, %r8, 1;
L:
  bar.sync 0;
  setp.ge.u32 %p0, %r0, %r4;
  @%p0 bra S;
  shl.b32 %r3, %r4, 2;
  add.u32 %r3, %r2, %r3;
  ld.shared.u32 %r5, [%r3];
  ld.shared.u32 %r1, [%r2];
  add.u32 %r1, %r1, %r5;
  st.shared.u32 [%r2], %r1;
S:
  shr.u32 %r4, %r4, 1;
  setp.ne.u32 %p1, %r4, 0;
  @%p1 bra L;
  setp.ne.u32 %p0, %r0, 0;
  @%p0 bra E;
  ld.param.u64 %q0, [pd];
  mad.wide.u32 %q0, %r7, 4, %q0;
  ld.shared.u32 %r1, [%r2];
  st.global.u32 [%q0], %r1;
E:
  ret;
}
)";

TEST(Control, BarriersInDynamicSharedMemory) {
  Ptx ptx(std::string(HEAD) + TREE);
  tenon_team *team = nullptr;
  ASSERT_EQ(tenon_team_create(2, &team).code, TENON_OK);
  for (uint64_t seed : {0, 1, 2, 77}) {
    ptx.options.seed = seed;
    ptx.options.team = seed == 2 ? team : nullptr;
    std::vector<uint32_t> d(8), a(8 * 256);
    std::iota(a.begin(), a.end(), 3);
    ASSERT_EQ(ptx.run("k", {8, 256, 1024}, d, a), "");
    for (size_t i = 0; i < 8; ++i)
      EXPECT_EQ(d[i], std::accumulate(a.begin() + 256 * i, a.begin() + 256 * (i + 1), 0u));
  }
  tenon_team_destroy(team);
  std::vector<uint32_t> d(8), a(8 * 256);
  EXPECT_NE(ptx.run("k", {8, 256, 1020}, d, a).find("shared memory, where there is nothing"), std::string::npos);
}

} // namespace
