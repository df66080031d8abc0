//===- HostTarget.cpp - the compiling machine as a target ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A native target is the best row of the table that the machine satisfies, plus every further feature that both the machine
// reports and the runtime can check. LLVM's name of the host CPU is not used: virtual machines report models whose features
// they do not have.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/target/Target.h"
#include "tenon/runtime/abi.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <unistd.h>

using namespace tenon::codegen;

#define TENON_FEATURE_NAME(bit, name) name,
static constexpr llvm::StringRef checkedFeatures[] = {TENON_ABI_X86_FEATURES(TENON_FEATURE_NAME)};
#undef TENON_FEATURE_NAME

/// The size that the system reports for a cache, or `fallback`.
static int64_t cacheBytes(int name, int64_t fallback) {
  long size = sysconf(name);
  return size > 0 ? size : fallback;
}

Target Target::host() {
  const llvm::StringMap<bool> reported = llvm::sys::getHostCPUFeatures();
  Target best = *Target::find("x86-64-v3");
  for (llvm::StringRef name : tableNames()) {
    Target row = *Target::find(name);
    if (!row.isGpu() && llvm::all_of(row.features, [&](const std::string &feature) { return reported.lookup(feature); }))
      best = row;
  }
  for (llvm::StringRef feature : checkedFeatures)
    if (reported.lookup(feature) && !best.has(feature))
      best.features.push_back(feature.str());
  best.name = "native";
  best.l1Bytes = cacheBytes(_SC_LEVEL1_DCACHE_SIZE, best.l1Bytes);
  best.l2Bytes = cacheBytes(_SC_LEVEL2_CACHE_SIZE, best.l2Bytes);
  return best;
}
