//===- AllDialects.h - every dialect of the project, for tools ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "mlir/IR/DialectRegistry.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/moe/Moe.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/rt/RT.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/tile/Tile.h"

namespace tenon {

/// Registers the project's own dialects.
inline void registerAllTenonDialects(mlir::DialectRegistry &registry) {
  registry.insert<nn::NNDialect, ssm::SSMDialect, moe::MoeDialect, cache::CacheDialect, decode::DecodeDialect, tile::TileDialect,
                  rt::RTDialect>();
  rt::registerConvertToLLVM(registry);
}

} // namespace tenon
