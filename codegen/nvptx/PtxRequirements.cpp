//===- PtxRequirements.cpp - what instructions need of an architecture ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/nvptx/PtxRequirements.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {
/// Instructions whose name begins with `prefix`; of two rows that fit the longer prefix counts.
struct Row {
  StringLiteral prefix;
  int64_t architecture, ptx;
  bool isSpecific = false; ///< only the architecture itself with an "a" has it
};
} // namespace

static constexpr Row intrinsics[] = {
    {"llvm.nvvm.read.ptx.sreg.", 80, 70},
    {"llvm.nvvm.barrier.cta.", 80, 70},
    {"llvm.nvvm.bar.warp.sync", 80, 70},
    {"llvm.nvvm.shfl.sync.", 80, 70},
    {"llvm.nvvm.vote.", 80, 70},
    {"llvm.nvvm.match.", 80, 70},
    {"llvm.nvvm.redux.sync.", 80, 70},
    {"llvm.nvvm.redux.sync.fm", 100, 86, true},
    {"llvm.nvvm.membar.", 80, 70},
    {"llvm.nvvm.fence.", 90, 78},
    {"llvm.nvvm.idp4a.", 80, 70},
    {"llvm.nvvm.idp2a.", 80, 70},
    {"llvm.nvvm.prmt", 80, 70},
    {"llvm.nvvm.ex2.approx", 80, 70},
    {"llvm.nvvm.lg2.approx", 80, 70},
    {"llvm.nvvm.rcp.", 80, 70},
    {"llvm.nvvm.rsqrt.approx", 80, 70},
    {"llvm.nvvm.sqrt.", 80, 70},
    {"llvm.nvvm.div.", 80, 70},
    {"llvm.nvvm.fma.", 80, 70},
    {"llvm.nvvm.fmax.", 80, 70},
    {"llvm.nvvm.fmin.", 80, 70},
    {"llvm.nvvm.ff2bf16", 80, 70},
    {"llvm.nvvm.ff2f16", 80, 70},
    {"llvm.nvvm.f2bf16", 80, 70},
    {"llvm.nvvm.f2tf32", 80, 70},
    {"llvm.nvvm.f2tf32.r", 90, 78},
    {"llvm.nvvm.cp.async.", 80, 70},
    {"llvm.nvvm.cp.async.bulk", 90, 80},
    {"llvm.nvvm.ldmatrix.", 80, 70},
    {"llvm.nvvm.stmatrix.", 90, 78},
    {"llvm.nvvm.mma.", 80, 70},
    {"llvm.nvvm.mma.m16n8k32.row.col.f32.e", 89, 84},
    {"llvm.nvvm.wgmma.", 90, 80, true},
    {"llvm.nvvm.setmaxnreg.", 90, 80, true},
    {"llvm.nvvm.elect.sync", 90, 80},
    {"llvm.nvvm.mbarrier.", 80, 70},
    {"llvm.nvvm.mbarrier.arrive.expect.tx", 90, 80},
    {"llvm.nvvm.mbarrier.try.wait", 90, 78},
    {"llvm.nvvm.barrier.cluster.", 90, 78},
    {"llvm.nvvm.mapa", 90, 78},
    {"llvm.nvvm.griddepcontrol.", 90, 78},
    {"llvm.nvvm.prefetch", 80, 70},
    {"llvm.nvvm.ldu.", 80, 70},
    {"llvm.nvvm.reflect", 80, 70},
    {"llvm.nvvm.exit", 80, 70},
    // Of every target, as far as the code generator has them for floats; a function of a library would be an extern that nobody has.
    {"llvm.fma.", 80, 70},
    {"llvm.fmuladd.", 80, 70},
    {"llvm.sqrt.", 80, 70},
    {"llvm.fabs.", 80, 70},
    {"llvm.floor.", 80, 70},
    {"llvm.ceil.", 80, 70},
    {"llvm.trunc.", 80, 70},
    {"llvm.rint.", 80, 70},
    {"llvm.nearbyint.", 80, 70},
    {"llvm.round.", 80, 70},
    {"llvm.roundeven.", 80, 70},
    {"llvm.copysign.", 80, 70},
    {"llvm.minnum.", 80, 70},
    {"llvm.maxnum.", 80, 70},
    {"llvm.minimum.", 80, 70},
    {"llvm.maximum.", 80, 70},
    {"llvm.exp2.", 80, 70},
    {"llvm.tanh.", 80, 70},
    {"llvm.is.fpclass.", 80, 70},
    {"llvm.ldexp.", 80, 70},
    {"llvm.abs.", 80, 70},
    {"llvm.smin.", 80, 70},
    {"llvm.smax.", 80, 70},
    {"llvm.umin.", 80, 70},
    {"llvm.umax.", 80, 70},
    {"llvm.fshl.", 80, 70},
    {"llvm.fshr.", 80, 70},
    {"llvm.bswap.", 80, 70},
    {"llvm.ctpop.", 80, 70},
    {"llvm.ctlz.", 80, 70},
    {"llvm.cttz.", 80, 70},
    {"llvm.bitreverse.", 80, 70},
    {"llvm.usub.sat.", 80, 70},
    {"llvm.uadd.sat.", 80, 70},
    {"llvm.ssub.sat.", 80, 70},
    {"llvm.sadd.sat.", 80, 70},
    {"llvm.umul.with.overflow.", 80, 70},
    {"llvm.uadd.with.overflow.", 80, 70},
    {"llvm.usub.with.overflow.", 80, 70},
    {"llvm.vector.reduce.", 80, 70},
    {"llvm.vector.insert.", 80, 70},
    {"llvm.vector.extract.", 80, 70},
    {"llvm.masked.load.", 80, 70},
    {"llvm.masked.store.", 80, 70},
    {"llvm.memcpy.", 80, 70},
    {"llvm.memmove.", 80, 70},
    {"llvm.memset.", 80, 70},
    {"llvm.lifetime.", 80, 70},
    {"llvm.assume", 80, 70},
    {"llvm.experimental.noalias.scope.decl", 80, 70},
    {"llvm.dbg.", 80, 70},
    {"llvm.prefetch.", 80, 70},
    {"llvm.stacksave", 80, 73},
    {"llvm.stackrestore", 80, 73},
    {"llvm.smul.with.overflow.", 80, 70},
};

static constexpr Row assembly[] = {
    {"wgmma.", 90, 80, true},
    {"setmaxnreg.", 90, 80, true},
    {"mbarrier.try_wait", 90, 78},
    {"mbarrier.arrive.expect_tx", 90, 80},
    {"mbarrier.", 80, 70},
    {"cp.async.bulk", 90, 80},
    {"cp.async.", 80, 70},
    {"fence.proxy.", 90, 80},
    {"fence.mbarrier_init", 90, 80},
    {"bar.", 80, 70},
    {"barrier.", 80, 70},
    {"cvt.rn.bf16", 80, 70},
    {"cvt.rn.f16x2", 80, 70},
    {"ex2.", 80, 70},
    {"lg2.", 80, 70},
    {"tanh.", 80, 70},
    {"rcp.", 80, 70},
    {"rsqrt.", 80, 70},
    {"mma.sync.", 80, 70},
    {"ldmatrix.", 80, 70},
    {"dp4a.", 80, 70},
    {"prmt.", 80, 70},
    {"lop3.", 80, 70},
    {"ld.global.", 80, 70},
    {"prefetch", 80, 70},
    {"createpolicy.", 80, 74},
    {"fma.", 80, 70},
    {"mul.", 80, 70},
};

static const Row *findRow(ArrayRef<Row> rows, StringRef name) {
  const Row *best = nullptr;
  for (const Row &row : rows)
    if (name.starts_with(row.prefix) && (!best || row.prefix.size() > best->prefix.size()))
      best = &row;
  return best;
}

/// The instructions of inline PTX: what follows a brace, a semicolon, a line's end or a predicate, labels and declarations apart.
static SmallVector<StringRef> instructionsOf(StringRef text) {
  SmallVector<StringRef> statements, names;
  SplitString(text, statements, ";{}\n");
  for (StringRef statement : statements) {
    statement = statement.trim(" \t\r");
    if (statement.starts_with("@"))
      statement = statement.drop_front(statement.find_first_of(" \t")).ltrim();
    StringRef name = statement.take_until([](char c) { return c == ' ' || c == '\t'; });
    if (!name.empty() && !name.starts_with(".") && !name.ends_with(":"))
      names.push_back(name);
  }
  return names;
}

namespace {
/// The table's answers put together.
struct Requirements {
  const tenon::codegen::Target &target;
  int64_t ptx;

  Error add(ArrayRef<Row> rows, StringRef name, StringRef function) {
    const Row *row = findRow(rows, name);
    if (!row)
      return createStringError("'" + function + "' uses '" + name + "', of which is not known what it needs");
    bool has = row->isSpecific ? target.architecture() == row->architecture : target.architecture() >= row->architecture;
    if (!has)
      return createStringError("'" + function + "' uses '" + name + "', which needs sm_" + Twine(row->architecture) +
                               (row->isSpecific ? "a" : "") + ", but the target is " + target.name);
    ptx = std::max(ptx, row->ptx);
    return Error::success();
  }
};
} // namespace

// `bra`, `mov` and the like are of every architecture.
static bool isPlain(StringRef name) {
  static constexpr StringLiteral plain[] = {"mov.", "setp.", "selp.", "bra",  "and.", "or.", "xor.",
                                            "add.", "sub.",  "shl.",  "shr.", "cvt.", "mad."};
  return any_of(plain, [&](StringRef prefix) { return name.starts_with(prefix); });
}

Expected<int64_t> tenon::codegen::nvptx::requiredPtx(const Module &module, const Target &target) {
  Requirements requirements{target, target.gpu->minimumPtx};
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function)) {
      const auto *call = dyn_cast<CallBase>(&instruction);
      if (!call)
        continue;
      if (const auto *text = dyn_cast<InlineAsm>(call->getCalledOperand())) {
        for (StringRef name : instructionsOf(text->getAsmString()))
          if (findRow(assembly, name) || !isPlain(name))
            if (Error error = requirements.add(assembly, name, function.getName()))
              return std::move(error);
        continue;
      }
      const Function *callee = call->getCalledFunction();
      if (!callee)
        return createStringError("'" + function.getName() + "' calls through a pointer");
      if (!callee->isDeclaration())
        continue;
      if (Error error = requirements.add(intrinsics, callee->getName(), function.getName()))
        return std::move(error);
    }
  return requirements.ptx;
}
