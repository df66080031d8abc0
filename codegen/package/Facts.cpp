//===- Facts.cpp - what an artifact says about its model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/package/Facts.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tenon/codegen/package/Panels.h"
#include "tenon/dialects/cache/Cache.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/nn/NN.h"
#include "tenon/dialects/rt/RT.h"
#include "tenon/dialects/tile/Buffer.h"
#include "tenon/dialects/tile/Tile.h"
#include "tenon/runtime/abi.h"

using namespace mlir;

namespace tenon::codegen {

int64_t ModuleFacts::stateBytes(int64_t positions) const {
  int64_t total = 0;
  for (const StateFact &state : states)
    total += state.kind == TENON_ABI_STATE_FIXED ? state.bytes : int64_t(llvm::divideCeil(positions, state.blockPositions)) * state.bytes;
  return total;
}

std::string formatText(const PackedWeight &weight) {
  return weight.format().str() + (weight.panels ? " panels<" + std::to_string(panelChannels) + ">" : "");
}

static std::string spell(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static std::optional<int32_t> abiType(Type type) {
  return llvm::StringSwitch<std::optional<int32_t>>(spell(type))
      .Case("f32", TENON_ABI_F32)
      .Case("f16", TENON_ABI_F16)
      .Case("bf16", TENON_ABI_BF16)
      .Case("i32", TENON_ABI_I32)
      .Case("i64", TENON_ABI_I64)
      .Default(std::nullopt);
}

static FailureOr<TensorFact> tensorFact(func::FuncOp function, Type type, const Twine &name) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  std::optional<int32_t> dtype = tensor ? abiType(tensor.getElementType()) : std::nullopt;
  if (!dtype)
    return function.emitOpError("expects tensors of f32, f16, bf16, i32 or i64 at an entry, but got ") << type;
  TensorFact fact = {name.str(), *dtype, {}};
  for (int64_t size : tensor.getShape())
    fact.dims.push_back(ShapedType::isDynamic(size) ? -1 : size);
  return fact;
}

/// The name that the function gives an argument or result, or else the one of its kind of entry.
static std::string nameOf(Attribute given, bool languageModel, StringRef usual, const Twine &otherwise) {
  auto name = dyn_cast_or_null<StringAttr>(given);
  return name && !name.empty() ? name.str() : languageModel ? usual.str() : otherwise.str();
}

static FailureOr<EntryFact> entryFact(func::FuncOp function, bool languageModel) {
  auto frame = function->getAttrOfType<rt::ExtentAttr>("rt.frame");
  if (!frame)
    return function.emitOpError("expects a planned arena, but rt.frame is missing");
  EntryFact fact = {function.getSymName().str(), false, {}, {}, {frame.getConstant(), frame.getPerToken()}, collectLaunches(function)};
  fact.stateful = function.walk([](cache::GetOp) { return WalkResult::interrupt(); }).wasInterrupted();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    FailureOr<TensorFact> tensor = tensorFact(
        function, type, nameOf(function.getArgAttr(index, "tenon.name"), languageModel, "tokens", "input" + Twine(index)));
    if (failed(tensor))
      return failure();
    fact.inputs.push_back(*tensor);
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    FailureOr<TensorFact> tensor = tensorFact(
        function, type, nameOf(function.getResultAttr(index, "tenon.name"), languageModel, "logits", "output" + Twine(index)));
    if (failed(tensor))
      return failure();
    fact.outputs.push_back(*tensor);
  }
  return fact;
}

static FailureOr<StateFact> stateFact(cache::DeclareOp slot) {
  std::string name = slot.getSymName().str(), text = spell(slot.getType());
  if (auto type = dyn_cast<cache::KvType>(slot.getType()))
    return StateFact{name, text, TENON_ABI_STATE_APPEND, tile::cacheBlockPositions, tile::cacheBlock(type).bytes};
  if (auto type = dyn_cast<cache::RecurrentType>(slot.getType()))
    return StateFact{name, text, TENON_ABI_STATE_FIXED, 0, type.getTensorType().getNumElements() * int64_t(sizeof(float))};
  return slot.emitOpError("expects a slot of keys and values or of recurrent state, but got ") << slot.getType();
}

static FailureOr<PackedWeight> weightFact(nn::ParamOp param, int64_t offset, StringRef folder) {
  auto type = cast<RankedTensorType>(param.getType());
  std::optional<tile::BufferSize> packed = tile::bufferSize(type);
  if (!packed || ShapedType::isDynamic(packed->rows))
    return param.emitOpError("expects a type that can be packed, but got ") << type;
  bool panels = isa_and_nonnull<tile::PanelsAttr>(type.getEncoding());
  return PackedWeight{param.getSymName().str(), param.describe(folder), panels, uint64_t(offset),
                      uint64_t(packed->rows * packed->rowBytes)};
}

static FailureOr<GenerateFact> generateFact(decode::GenerateOp op, const ModuleFacts &facts) {
  GenerateFact fact = {-1, -1, 0, 0, -1, {}};
  for (auto [index, entry] : llvm::enumerate(facts.entries)) {
    if (entry.name == op.getStep())
      fact.stepEntry = index;
    if (entry.name == "forward")
      fact.forwardEntry = index;
  }
  auto integer = [&](StringRef name, int64_t fallback) {
    auto attribute = op->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getInt() : fallback;
  };
  if (fact.stepEntry < 0 || facts.entries[fact.stepEntry].outputs.empty() || facts.entries[fact.stepEntry].outputs[0].dims.size() != 2)
    return op.emitOpError("expects an entry that gives logits as its step, but got @") << op.getStep();
  fact.vocabulary = facts.entries[fact.stepEntry].outputs[0].dims[1];
  fact.context = integer("tenon.context", 0);
  fact.bos = integer("tenon.bos", -1);
  if (fact.context < 1)
    return op.emitOpError("expects the module to say its context length in tenon.context");
  llvm::append_range(fact.eos, op.getEos());
  return fact;
}

/// Whether an entry has the language model's signature: tokens in, logits out.
static bool isLanguageEntry(func::FuncOp function) {
  if (function.getNumArguments() != 1 || function.getNumResults() != 1)
    return false;
  auto tokens = dyn_cast<RankedTensorType>(function.getArgumentTypes()[0]),
       logits = dyn_cast<RankedTensorType>(function.getResultTypes()[0]);
  return tokens && logits && tokens.getElementType().isInteger(32) && tokens.getRank() == 1 && logits.getElementType().isF32() &&
         logits.getRank() == 2;
}

/// Bytes of the weights that a call of the entry with one token reads, each once.
static uint64_t bytesRead(const EntryFact &entry, ArrayRef<PackedWeight> weights) {
  llvm::StringMap<WeightRead> read;
  for (const LaunchFact &launch : entry.launches)
    for (const WeightRead &weight : launch.weights)
      read.try_emplace(weight.name, weight);
  uint64_t bytes = 0;
  for (const PackedWeight &weight : weights)
    if (auto found = read.find(weight.name); found != read.end())
      bytes += found->second.stepBytes(weight.bytes);
  return bytes;
}

FailureOr<ModuleFacts> collectFacts(ModuleOp module, StringRef folder) {
  ModuleFacts facts;
  auto name = module->getAttrOfType<StringAttr>("tenon.name");
  facts.name = name ? name.str() : "model";
  auto bytes = module->getAttrOfType<IntegerAttr>("rt.weights_bytes");
  if (!bytes)
    return module.emitOpError("expects assigned weights, but rt.weights_bytes is missing");
  facts.weightsBytes = bytes.getInt();

  auto generate = module.getOps<decode::GenerateOp>();
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr("tenon.entry"))
      continue;
    FailureOr<EntryFact> entry = entryFact(function, !generate.empty() && isLanguageEntry(function));
    if (failed(entry))
      return failure();
    facts.entries.push_back(*entry);
  }
  for (auto slot : module.getOps<cache::DeclareOp>()) {
    FailureOr<StateFact> state = stateFact(slot);
    if (failed(state))
      return failure();
    facts.states.push_back(*state);
  }
  for (auto param : module.getOps<nn::ParamOp>()) {
    auto offset = param->getAttrOfType<IntegerAttr>("rt.weight_offset");
    if (!offset)
      continue;
    FailureOr<PackedWeight> weight = weightFact(param, offset.getInt(), folder);
    if (failed(weight))
      return failure();
    facts.parameters += cast<RankedTensorType>(param.getType()).getNumElements();
    facts.weights.push_back(*weight);
  }
  llvm::sort(facts.weights, [](const PackedWeight &a, const PackedWeight &b) { return a.offset < b.offset; });
  if (!generate.empty()) {
    FailureOr<GenerateFact> fact = generateFact(*generate.begin(), facts);
    if (failed(fact))
      return failure();
    facts.generate = *fact;
    facts.stepBytes = bytesRead(facts.entries[fact->stepEntry], facts.weights);
  }
  return facts;
}

} // namespace tenon::codegen
