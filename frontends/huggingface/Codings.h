//===- Codings.h - quantised tensors of a folder as what they stand for ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/huggingface/Config.h"

namespace tenon::huggingface {

/// Replaces the tensors by which a quantised weight is stored with the weight: `X.qweight`, `X.qzeros`, `X.scales` (and `X.g_idx`)
/// become `X.weight`, and so do `X.weight_packed` with `X.weight_scale`, and `X.weight` of small numbers with `X.weight_scale` or
/// `X.weight_scale_inv`; `X_blocks` of 4-bit floats with `X_scales` stay `X_blocks`. Elements have the format of the scales if that is a
/// float of 16 bits, or else that of the configuration. What no rule of dialects/nn/stored decodes is reported.
void decodeOnImport(std::vector<SourceTensor> &tensors, const Config &config, Diagnostics &diagnostics);

} // namespace tenon::huggingface
