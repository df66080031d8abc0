//===- SmallParametersImpl.h - what values small parameters may have ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/families/Resolve.h"

namespace tenon {

/// Reports parameters whose values a recurrence would turn into infinities after some thousand tokens, each with the first of them. Reads
/// the files; what cannot be read is left to those who read it all.
void checkSmallParameters(const ParameterMap &parameters, Diagnostics &diagnostics);

} // namespace tenon
