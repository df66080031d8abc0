//===- ElementRules.h - the families of element rules ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/codegen/cpu/ElementEmitter.h"
#include "tenon/dialects/nn/NN.h"

namespace tenon::codegen {

void addNormRules(ElementRules &rules);
void addReduceRules(ElementRules &rules);
void addRopeRules(ElementRules &rules);
void addShapeRules(ElementRules &rules);
void addEmbeddingRules(ElementRules &rules);
void addMatmulRules(ElementRules &rules);
void addExpertRules(ElementRules &rules);

} // namespace tenon::codegen
