//===- KernelBudgetTest.cpp - registers, spills, sectors and conflicts of kernels ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints a table of kernels and targets. Every form of an instruction that a target's PTX holds is known to the emulator, or the kernel
// could not be read. Registers and spills are ptxas's, where it is there; sectors and conflicts are counted by the emulator against the
// least that the same accesses could take.
//
//===----------------------------------------------------------------------===//

#include "EmulatedKernel.h"
#include "tenon/codegen/nvptx/PtxText.h"
#include "tenon/codegen/target/Target.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "gtest/gtest.h"

using namespace tenon;
using namespace tenon::test;

namespace {
struct Kernel {
  const char *name;
  const char *text;
  int64_t tokens;
  int64_t registers; ///< at most, on any target
  double sectors;    ///< at most, to the least
  bool addsHalves = false;
};

/// What ptxas says about all functions of a text: the most of each.
struct Assembled {
  int64_t registers = 0, spillBytes = 0;
  std::string error;
};
} // namespace

// Shapes of a model of 576 channels and of one of 4096.
static const Kernel kernels[] = {
    {"silu * up", R"(tile.kernel @k family(rowwise) (%x: tensor<?x1536xf32>, %y: tensor<?x1536xf32>) -> tensor<?x1536xf32> {
      %a = nn.silu %x : tensor<?x1536xf32>
      %c = nn.mul %a, %y : tensor<?x1536xf32>, tensor<?x1536xf32>
      tile.yield %c : tensor<?x1536xf32>
    })",
     7, 40, 1.1},
    {"add, rms norm, a8",
     R"(tile.kernel @k family(rowwise) (%x: tensor<?x576xf32>, %r: tensor<?x576xf32>, %w: tensor<576xf32>)
        -> (tensor<?x576xf32>, tensor<?x576x!nn.a8>) {
      %s = nn.add %x, %r : tensor<?x576xf32>, tensor<?x576xf32>
      %y = nn.rms_norm %s, %w eps = 1.0e-5 : tensor<?x576xf32>, tensor<576xf32>
      %q = nn.quantize %y : tensor<?x576xf32> -> tensor<?x576x!nn.a8>
      tile.yield %s, %q : tensor<?x576xf32>, tensor<?x576x!nn.a8>
    })",
     7, 40, 1.1},
    {"rms norm, a16", R"(tile.kernel @k family(rowwise) (%x: tensor<?x4096xf32>, %w: tensor<4096xf32>) -> tensor<?x4096x!nn.a16> {
      %y = nn.rms_norm %x, %w eps = 1.0e-5 : tensor<?x4096xf32>, tensor<4096xf32>
      %q = nn.quantize %y : tensor<?x4096xf32> -> tensor<?x4096x!nn.a16>
      tile.yield %q : tensor<?x4096x!nn.a16>
    })",
     3, 64, 1.1},
    {"layer norm, softmax", R"(tile.kernel @k family(rowwise) (%x: tensor<?x1024xf32>, %w: tensor<1024xf32>, %b: tensor<1024xf32>)
        -> tensor<?x1024xf32> {
      %y = nn.layer_norm %x, %w, %b eps = 1.0e-5 : tensor<?x1024xf32>, tensor<1024xf32>, tensor<1024xf32>
      %z = nn.softmax %y : tensor<?x1024xf32>
      tile.yield %z : tensor<?x1024xf32>
    })",
     7, 64, 1.1},
    {"norm of each head", R"(tile.kernel @k family(rowwise) (%x: tensor<?x32x128xf32>, %w: tensor<128xf32>) -> tensor<?x32x128xf32> {
      %y = nn.rms_norm %x, %w eps = 1.0e-6 : tensor<?x32x128xf32>, tensor<128xf32>
      tile.yield %y : tensor<?x32x128xf32>
    })",
     3, 48, 1.1},
    {"rope table", R"(tile.kernel @k family(rowwise) (%t: tensor<?xi32>, %p: index, %f: tensor<32xf32>) -> tensor<?x64xf32> {
      %y = nn.rope_table %t, %p, %f : tensor<?xi32>, index, tensor<32xf32> -> tensor<?x64xf32>
      tile.yield %y : tensor<?x64xf32>
    })",
     7, 96, 1.1},
    {"rope of halves", R"(tile.kernel @k family(rowwise) (%x: tensor<?x9x64xf32>, %t: tensor<?x64xf32>) -> tensor<?x9x64xf32> {
      %y = nn.rope %x, %t {pairing = #nn.pairing<half>} : tensor<?x9x64xf32>, tensor<?x64xf32>
      tile.yield %y : tensor<?x9x64xf32>
    })",
     7, 48, 1.3}, // Cosines and sines alternate in the table: each of two loads takes half of its sectors.
    // A row of a table in panels lies in pieces of a channel's words: each sector that it touches holds four bytes of it.
    {"embedding, q4_1",
     R"(tile.kernel @k family(rowwise) (%t: tensor<?xi32>, %w: tensor<64x576x!nn.q4_1, #tile.panels<16>>) -> tensor<?x576xf32> {
      %y = nn.embedding %t, %w : tensor<?xi32>, tensor<64x576x!nn.q4_1, #tile.panels<16>> -> tensor<?x576xf32>
      tile.yield %y : tensor<?x576xf32>
    })",
     7, 64, 2, true},
    // Every block of channels reads the activations anew, which a small weight has not many bytes to hide.
    {"linear q4_0, 1 row",
     R"(tile.kernel @k family(contraction) (%x: tensor<?x576x!nn.a8>, %w: tensor<192x576x!nn.q4_0, #tile.panels<16>>, %r: tensor<?x192xf32>)
        -> tensor<?x192xf32> {
      %y = nn.linear %x, %w : tensor<?x576x!nn.a8>, tensor<192x576x!nn.q4_0, #tile.panels<16>> -> tensor<?x192xf32>
      %s = nn.add %r, %y : tensor<?x192xf32>, tensor<?x192xf32>
      tile.yield %s : tensor<?x192xf32>
    })",
     1, 128, 1.2, true},
    {"linear q4_0, 8 rows",
     R"(tile.kernel @k family(contraction) (%x: tensor<?x576x!nn.a8>, %w: tensor<192x576x!nn.q4_0, #tile.panels<16>>, %r: tensor<?x192xf32>)
        -> tensor<?x192xf32> {
      %y = nn.linear %x, %w : tensor<?x576x!nn.a8>, tensor<192x576x!nn.q4_0, #tile.panels<16>> -> tensor<?x192xf32>
      %s = nn.add %r, %y : tensor<?x192xf32>, tensor<?x192xf32>
      tile.yield %s : tensor<?x192xf32>
    })",
     8, 128, 1.4, true},
    {"linear q8_0, 1 row",
     R"(tile.kernel @k family(contraction) (%x: tensor<?x576x!nn.a8>, %w: tensor<192x576x!nn.q8_0, #tile.panels<16>>, %r: tensor<?x192xf32>)
        -> tensor<?x192xf32> {
      %y = nn.linear %x, %w : tensor<?x576x!nn.a8>, tensor<192x576x!nn.q8_0, #tile.panels<16>> -> tensor<?x192xf32>
      %s = nn.add %r, %y : tensor<?x192xf32>, tensor<?x192xf32>
      tile.yield %s : tensor<?x192xf32>
    })",
     1, 128, 1.2, true},
};

static Assembled assemble(const std::string &ptxas, const std::string &text, const std::string &target) {
  llvm::SmallString<128> source, log;
  Assembled result;
  if (llvm::sys::fs::createTemporaryFile("tenon-kernel", "ptx", source) || llvm::sys::fs::createTemporaryFile("tenon-kernel", "log", log))
    return {0, 0, "a temporary file"};
  std::error_code error;
  llvm::raw_fd_ostream(source, error) << text;
  int code = llvm::sys::ExecuteAndWait(ptxas, {ptxas, "-arch=" + target, "-v", source, "-o", "/dev/null"}, std::nullopt,
                                       {llvm::StringRef(), llvm::StringRef(log), llvm::StringRef(log)});
  std::string said = (*llvm::MemoryBuffer::getFile(log))->getBuffer().str();
  llvm::sys::fs::remove(source);
  llvm::sys::fs::remove(log);
  if (code != 0)
    result.error = said;
  auto most = [&](const char *pattern) {
    int64_t largest = 0, number;
    llvm::SmallVector<llvm::StringRef> found;
    for (llvm::StringRef rest = said; llvm::Regex(pattern).match(rest, &found); rest = rest.drop_front(found[0].end() - rest.begin()))
      if (!found[1].getAsInteger(10, number))
        largest = std::max(largest, number);
    return largest;
  };
  result.registers = most("Used ([0-9]+) registers");
  result.spillBytes = most("([0-9]+) bytes spill stores");
  return result;
}

static double ratio(uint64_t count, uint64_t least) {
  return least == 0 ? 1 : double(count) / double(least);
}

TEST(KernelBudget, RegistersSpillsSectorsAndConflicts) {
  std::string ptxas = codegen::nvptx::findPtxas();
  if (ptxas.empty())
    llvm::outs() << "no ptxas on this machine: registers and spills are not checked\n";
  llvm::outs() << llvm::formatv("{0,-22} {1,-8} {2,9} {3,6} {4,6} {5,8} {6,9}\n", "kernel", "target", "registers", "spills", "shared",
                                "sectors", "conflicts");
  for (const Kernel &kernel : kernels)
    for (llvm::StringRef name : codegen::Target::tableNames()) {
      if (!codegen::Target::find(name)->isGpu())
        continue;
      if (kernel.addsHalves && codegen::Target::find(name)->architecture() >= 100) {
        llvm::outs() << kernel.name << " for " << name << ": not run, the emulator does not know additions of f16 to f32\n";
        continue;
      }
      SCOPED_TRACE(std::string(kernel.name) + " for " + name.str());
      EmulatedKernel emulated(kernel.text, name);
      // A number that lies between two steps of a16 may be rounded either way.
      emulated.checkRandom(kernel.tokens, 1e-4);
      double sectors = ratio(emulated.counts().global_sectors, emulated.counts().global_sectors_ideal);
      double conflicts = ratio(emulated.counts().shared_wavefronts, emulated.counts().shared_wavefronts_ideal);
      EXPECT_LE(sectors, kernel.sectors);
      EXPECT_LE(conflicts, 1.05);
      Assembled assembled;
      if (!ptxas.empty()) {
        assembled = assemble(ptxas, emulated.ptx().str(), name.str());
        EXPECT_EQ(assembled.error, "");
        EXPECT_GT(assembled.registers, 0);
        EXPECT_LE(assembled.registers, kernel.registers);
        EXPECT_EQ(assembled.spillBytes, 0);
      }
      int64_t shared = 0;
      for (tile::StageAttr stage : emulated.stages().getStages())
        shared = std::max(shared, stage.getShared());
      llvm::outs() << llvm::formatv("{0,-22} {1,-8} {2,9} {3,6} {4,6} {5,8:F2} {6,9:F2}\n", kernel.name, name, assembled.registers,
                                    assembled.spillBytes, shared, sectors, conflicts);
    }
}
