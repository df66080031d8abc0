//===- Manifest.cpp - an artifact described for people and tools ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// No times, no paths of the machine that compiled: equal inputs give equal bytes.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Manifest.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "tenon/runtime/abi.h"

using namespace llvm;

namespace tenon::codegen {

static StringRef dtypeName(int32_t dtype) {
  static constexpr StringLiteral names[] = {"f32", "f16", "bf16", "i8", "u8", "i32", "i64", "bool"};
  return names[dtype];
}

/// Dimensions as written in messages: [-1, 576] is ["tokens", 576].
static json::Array dimensions(ArrayRef<int64_t> dims) {
  json::Array array;
  for (int64_t dim : dims)
    array.push_back(dim < 0 ? json::Value("tokens") : json::Value(dim));
  return array;
}

static json::Array tensors(ArrayRef<TensorFact> facts) {
  json::Array array;
  for (const TensorFact &fact : facts)
    array.push_back(json::Object{{"name", fact.name}, {"dtype", dtypeName(fact.dtype)}, {"shape", dimensions(fact.dims)}});
  return array;
}

/// Weights by their place in the list of weights.
static json::Array launches(const EntryFact &entry, const ModuleFacts &facts) {
  StringMap<int64_t> places;
  for (auto [index, weight] : enumerate(facts.weights))
    places[weight.name] = index;
  json::Array array;
  for (const LaunchFact &launch : entry.launches) {
    json::Array read;
    uint64_t bytes = 0;
    for (const WeightRead &weight : launch.weights) {
      read.push_back(places.lookup(weight.name));
      bytes += weight.stepBytes(facts.weights[places.lookup(weight.name)].bytes);
    }
    json::Object object{{"kernel", launch.kernel}, {"path", launch.path}, {"barriers", launch.barriers}, {"weights", std::move(read)},
                        {"step_bytes", bytes}};
    if (launch.operationsPerRow) {
      object["operations_per_row"] = launch.operationsPerRow;
      object["rows"] = launch.rows < 0 ? json::Value("tokens") : json::Value(launch.rows);
    }
    array.push_back(std::move(object));
  }
  return array;
}

static json::Array entries(const ModuleFacts &facts) {
  json::Array array;
  for (const EntryFact &entry : facts.entries)
    array.push_back(json::Object{
        {"name", entry.name},
        {"stateful", entry.stateful},
        {"inputs", tensors(entry.inputs)},
        {"outputs", tensors(entry.outputs)},
        {"arena", json::Object{{"bytes", entry.arena.constant}, {"bytes_per_token", entry.arena.perToken}}},
        {"launches", launches(entry, facts)}});
  return array;
}

static json::Array states(const ModuleFacts &facts) {
  json::Array array;
  for (const StateFact &state : facts.states) {
    bool appends = state.kind == TENON_ABI_STATE_APPEND;
    json::Object object{{"name", state.name}, {"type", state.type}, {"kind", appends ? "append" : "fixed"}, {"bytes", state.bytes}};
    if (appends)
      object["positions"] = state.blockPositions; // `bytes` is of one block of so many positions
    array.push_back(std::move(object));
  }
  return array;
}

static json::Array weights(const CompileResult &result) {
  json::Array array;
  for (auto [index, weight] : enumerate(result.facts.weights)) {
    json::Object object{{"name", weight.name},
                        {"format", formatText(weight)},
                        {"shape", dimensions(weight.shape())},
                        {"offset", weight.offset},
                        {"bytes", weight.bytes}};
    if (index < result.rounding.size() && result.rounding[index].error > 0)
      object["rounding_error"] = result.rounding[index].relative();
    array.push_back(std::move(object));
  }
  return array;
}

static json::Value generation(const ModuleFacts &facts) {
  if (!facts.generate)
    return nullptr;
  const GenerateFact &generate = *facts.generate;
  json::Object object{{"step", facts.entries[generate.stepEntry].name},
                      {"vocabulary", generate.vocabulary},
                      {"context", generate.context},
                      {"eos", json::Array(generate.eos)}};
  if (generate.forwardEntry >= 0)
    object["forward"] = facts.entries[generate.forwardEntry].name;
  if (generate.bos >= 0)
    object["bos"] = generate.bos;
  return object;
}

static std::string print(json::Value value) { return formatv("{0:2}\n", value).str(); }

std::string manifestText(const CompileResult &result) {
  json::Array codes;
  for (const CodeFact &code : result.codes)
    codes.push_back(json::Object{{"target", code.target}, {"file", "code/" + code.target + ".so"}, {"bytes", code.bytes}});
  const ModuleFacts &facts = result.facts;
  return print(json::Object{{"schema", 1},
                            {"name", facts.name},
                            {"abi", formatv("{0}.{1}", TENON_ABI_MAJOR, TENON_ABI_MINOR).str()},
                            {"compiler", facts.compiler},
                            {"source_hash", facts.sourceHash},
                            {"code", std::move(codes)},
                            {"parameters", facts.parameters},
                            {"weights_bytes", facts.weightsBytes},
                            {"step_bytes", facts.stepBytes},
                            {"entries", entries(facts)},
                            {"states", states(facts)},
                            {"generate", generation(facts)},
                            {"golden", result.goldenSource.empty() ? json::Value(nullptr) : json::Object{{"made_by", result.goldenSource}}},
                            {"weights", weights(result)}});
}

std::string provenanceText(const CompileResult &result, const ModelExtras &extras,
                           ArrayRef<std::pair<std::string, std::string>> pipelines) {
  json::Object texts;
  for (const auto &[name, text] : pipelines)
    texts[name] = text;
  return print(
      json::Object{{"schema", 1},
                   {"source", json::Object{{"file", sys::path::filename(extras.sourcePath)},
                                           {"hash", result.facts.sourceHash},
                                           {"license", extras.license.empty() ? json::Value(nullptr) : json::Value(extras.license)}}},
                   {"compiler", result.facts.compiler},
                   {"pipelines", std::move(texts)}});
}

} // namespace tenon::codegen
