//===- PlanText.h - a resolved model as JSON ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/families/Resolve.h"

#include <string>

namespace tenon {

/// The plan for people who write descriptors and for scripts: the numbers and options, and for each parameter its shape and the tensors
/// that it is made of. Layers have only what is different in them.
std::string planText(const Family &family, const ModelPlan &plan);

} // namespace tenon
