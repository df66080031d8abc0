//===- Golden.cpp - the data by which an artifact tests itself ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Golden.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/codegen/package/Compile.h"
#include "tenon/codegen/package/MappedPages.h"
#include "tenon/dialects/common/Eval.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/runtime/abi.h"
#include "tenon/runtime/tenon.h"
#include <cmath>

using namespace mlir;

namespace tenon::codegen {

constexpr int64_t goldenLength = 8;
constexpr int64_t logitsPerPosition = 16;
/// The evaluator does this many multiplications in about a second.
constexpr int64_t cheapParameters = 2'000'000;

std::vector<int32_t> goldenTokens(int64_t vocabulary, int64_t context) {
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < std::min(goldenLength, context); ++i)
    tokens.push_back(int32_t((1 + i * 7919) % vocabulary));
  return tokens;
}

bool isCheapToEvaluate(ModuleOp module) {
  int64_t parameters = 0;
  for (auto param : module.getOps<nn::ParamOp>())
    parameters += cast<RankedTensorType>(param.getType()).getNumElements();
  return parameters <= cheapParameters;
}

FailureOr<GoldenRun> evaluateGolden(ModuleOp module, StringRef folder) {
  auto forward = module.lookupSymbol<func::FuncOp>("forward");
  auto context = module->getAttrOfType<IntegerAttr>("tenon.context");
  if (!forward || forward.getNumResults() != 1 || !context || module.getOps<decode::GenerateOp>().empty())
    return failure();
  auto logits = dyn_cast<RankedTensorType>(forward.getResultTypes()[0]);
  if (!logits || logits.getRank() != 2 || logits.isDynamicDim(1))
    return failure();
  GoldenRun run = {goldenTokens(logits.getDimSize(1), context.getInt()), {}};
  EvalTensor tokens = EvalTensor::dense({int64_t(run.tokens.size())}, std::vector<double>(run.tokens.begin(), run.tokens.end()));
  Evaluator evaluator(module, folder);
  FailureOr<EvalValues> values = evaluator.run("forward", {tokens});
  if (failed(values))
    return failure();
  ArrayRef<double> result = (*values)[0].tensor().values();
  run.logits.assign(result.begin(), result.end());
  return run;
}

namespace {
/// A module, context and session of the runtime, closed in order.
struct OpenModel {
  tenon_module *module = nullptr;
  tenon_context *context = nullptr;
  tenon_session *session = nullptr;
  OpenModel() = default;
  OpenModel(const OpenModel &) = delete;
  ~OpenModel() {
    tenon_session_destroy(session);
    tenon_context_destroy(context);
    tenon_module_close(module);
  }
};
} // namespace

static llvm::Error runtimeError(const tenon_status &status) {
  return compileError(FailureKind(status.code), llvm::Twine("the compiled code does not run: ") + status.msg);
}

llvm::Expected<std::optional<GoldenRun>> executeGolden(const std::string &path, const std::string &code, const ModuleFacts &facts) {
  OpenModel model;
  tenon_open_options open = {code.c_str()};
  tenon_status status = tenon_module_open(path.c_str(), &open, &model.module);
  if (status.code == TENON_UNSUPPORTED)
    return std::nullopt;
  MappedPages pages(path);
  if (status.code == TENON_OK)
    status = tenon_context_create(model.module, nullptr, &model.context);
  GoldenRun run = {goldenTokens(facts.generate->vocabulary, facts.generate->context), {}};
  tenon_session_options options = {int64_t(run.tokens.size()), 0};
  if (status.code == TENON_OK)
    status = tenon_session_create(model.context, &options, &model.session);
  run.logits.resize(run.tokens.size() * facts.generate->vocabulary);
  if (status.code == TENON_OK)
    status = tenon_session_score(model.session, run.tokens.data(), run.tokens.size(), run.logits.data());
  if (status.code != TENON_OK)
    return runtimeError(status);
  for (float value : run.logits)
    if (!std::isfinite(value))
      return compileError(FailureKind::Internal, "the compiled code gives logits that are not finite");
  return run;
}

/// Appends the bytes of a plain struct.
template <typename Record> static void append(std::string &bytes, const Record &record) {
  bytes.append(reinterpret_cast<const char *>(&record), sizeof(record));
}

std::string goldenFile(const GoldenRun &run, double share) {
  int64_t positions = run.tokens.size(), vocabulary = run.logits.size() / positions;
  std::vector<tenon_abi_golden_logit> chosen;
  double magnitude = 0;
  for (int64_t position = 0; position < positions; ++position) {
    const float *row = run.logits.data() + position * vocabulary;
    std::vector<int64_t> tokens = {std::max_element(row, row + vocabulary) - row};
    for (int64_t i = 1; i < std::min(logitsPerPosition, vocabulary); ++i)
      tokens.push_back(i * vocabulary / logitsPerPosition);
    for (int64_t token : tokens) {
      chosen.push_back({int32_t(position), int32_t(token), row[token]});
      magnitude = std::max(magnitude, double(std::abs(row[token])));
    }
  }
  std::string bytes;
  append(bytes, tenon_abi_golden{TENON_ABI_GOLDEN_MAGIC, TENON_ABI_GOLDEN_VERSION, int32_t(positions), int32_t(chosen.size()),
                                 float(share * magnitude), 0});
  for (int32_t token : run.tokens)
    append(bytes, token);
  for (const tenon_abi_golden_logit &logit : chosen)
    append(bytes, logit);
  return bytes;
}

} // namespace tenon::codegen
