//===- Decoder.cpp - a decoder model as a module ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layers whose parameters have the same types call one function, so that the size of the code follows the
// number of different blocks and not the depth. Entries read parameters and slots and pass them on.

#include "mlir/AsmParser/AsmParser.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/dialects/nn/BlockCodec.h"
#include "tenon/frontends/builder/BlockImpl.h"
#include "tenon/frontends/builder/Builder.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace mlir;
using namespace tenon;

bool tenon::hasElementType(StringRef format) {
  if (llvm::is_contained({"f32", "f16", "bf16"}, format))
    return true;
  const BlockCodec *codec = findBlockCodec(format);
  return codec && codec->ggmlType >= 0; // activation formats are in no file
}

/// "blk.3.attn_q" of "blk.3.attn_q.weight".
static StringRef pathOf(StringRef tensorName) {
  return tensorName.rsplit('.').first;
}

/// The path with * in place of the part that is the layer's number.
static std::string sharedPath(StringRef path, size_t layer) {
  SmallVector<StringRef> parts;
  path.split(parts, '.');
  std::string number = std::to_string(layer);
  if (auto *part = llvm::find(parts, StringRef(number)); part != parts.end())
    *part = "*";
  return llvm::join(parts, ".");
}

namespace {
/// A block function and the parameters that it takes.
struct BlockFunction {
  func::FuncOp function;
  SmallVector<std::pair<StringRef, Type>> signature;
};

class DecoderBuilder {
public:
  DecoderBuilder(MLIRContext &context, const ModelPlan &plan, const BuildOptions &options)
      : plan(plan), options(options), builder(&context), emitter(builder, plan, options.activation) {}

  OwningOpRef<ModuleOp> build();

private:
  Type elementTypeOf(StringRef format);
  RankedTensorType typeOf(const ParameterSource &tensor) { return RankedTensorType::get(tensor.shape, elementTypeOf(tensor.format)); }
  cache::KvType slotType();
  std::string slotName(size_t layer) { return "kv" + std::to_string(layer); }

  void declareParameters();
  void declareSlots();
  void emitBlocks();
  func::FuncOp blockFor(size_t layer);
  void emitEntry(StringRef name, bool lastOnly);
  void emitGenerate();

  Value get(const ParameterSource &tensor);
  Value getRole(StringRef role) {
    const auto *found = plan.parameters.find(role);
    return found != plan.parameters.end() ? get(found->second) : Value();
  }
  Value emitRopeTable(Value tokens, Value slot);
  Value emitLayers(Value tokens);
  Value emitHead(Value stream);

  const ModelPlan &plan;
  const BuildOptions &options;
  OpBuilder builder;
  OpEmitter emitter;
  SmallVector<BlockFunction> blocks;
  SmallVector<func::FuncOp> blockOfLayer;
  RankedTensorType ropeTable; ///< null if the family has no rotary positions
};
} // namespace

Type DecoderBuilder::elementTypeOf(StringRef format) {
  if (format == "f32")
    return builder.getF32Type();
  if (format == "f16")
    return builder.getF16Type();
  if (format == "bf16")
    return builder.getBF16Type();
  Type type = parseType(("!nn." + format).str(), builder.getContext());
  assert(type && "every codec of a weight format has a type of its name");
  return type;
}

/// Keys and values are kept in f16, or in f32 where the model is to be exact: with f32 activations, or if
/// the layers' parameters are all f32 themselves.
cache::KvType DecoderBuilder::slotType() {
  bool allF32 = llvm::all_of(plan.layers, [](const LayerPlan &layer) {
    return llvm::all_of(layer.parameters, [](const auto &entry) { return entry.second.format == "f32"; });
  });
  Type element = options.activation == nn::Activation::f32 || allF32 ? Type(builder.getF32Type()) : builder.getF16Type();
  return cache::KvType::get(builder.getContext(), plan.config.size("kv_heads"), plan.config.size("head_dim"), element);
}

void DecoderBuilder::declareParameters() {
  llvm::StringSet<> declared;
  auto declare = [&](const ParameterMap &parameters) {
    for (const auto &[role, tensor] : parameters)
      if (declared.insert(tensor.name).second)
        nn::ParamOp::create(builder, emitter.at(pathOf(tensor.name)), tensor.name, typeOf(tensor), tensor.pieces.front().tensor->path,
                            static_cast<int64_t>(tensor.pieces.front().tensor->offset));
  };
  declare(plan.parameters);
  for (const LayerPlan &layer : plan.layers)
    declare(layer.parameters);
}

void DecoderBuilder::declareSlots() {
  for (size_t layer = 0; layer < plan.layers.size(); ++layer)
    cache::DeclareOp::create(builder, emitter.at(slotName(layer)), slotName(layer), slotType());
}

func::FuncOp DecoderBuilder::blockFor(size_t layer) {
  SmallVector<std::pair<StringRef, Type>> signature;
  SmallVector<BlockParameter> parameters;
  for (const auto &[role, tensor] : plan.layers[layer].parameters) {
    signature.push_back({role, typeOf(tensor)});
    parameters.push_back({role, typeOf(tensor), sharedPath(pathOf(tensor.name), layer)});
  }
  for (const BlockFunction &block : blocks)
    if (block.signature == signature)
      return block.function;
  std::string name = blocks.empty() ? "block" : "block_" + std::to_string(blocks.size());
  blocks.push_back({emitBlock(emitter, name, parameters, ropeTable, slotType()), signature});
  return blocks.back().function;
}

void DecoderBuilder::emitBlocks() {
  for (size_t layer = 0; layer < plan.layers.size(); ++layer)
    blockOfLayer.push_back(blockFor(layer));
}

Value DecoderBuilder::get(const ParameterSource &tensor) {
  return nn::GetParamOp::create(builder, emitter.at(pathOf(tensor.name)), typeOf(tensor), tensor.name);
}

/// The angle of pair i at position p is p * base^(-2i / dims) / scale / factor[i]; the product with p is
/// rope_table's, the rest is a constant.
Value DecoderBuilder::emitRopeTable(Value tokens, Value slot) {
  int64_t dims = plan.config.size("rope_dims");
  SmallVector<float> frequencies;
  for (int64_t i = 0; i < dims / 2; ++i) {
    double frequency = std::pow(plan.config.real("rope_base"), -2.0 * static_cast<double>(i) / static_cast<double>(dims));
    frequency /= plan.config.real("rope_scale");
    if (!plan.ropeFactors.empty())
      frequency /= plan.ropeFactors[i];
    frequencies.push_back(static_cast<float>(frequency));
  }
  Location loc = emitter.at("rope");
  auto type = RankedTensorType::get({dims / 2}, builder.getF32Type());
  Value constant = nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, ArrayRef<float>(frequencies)));
  Value start = cache::LengthOp::create(builder, loc, slot);
  return nn::RopeTableOp::create(builder, loc, ropeTable, tokens, start, constant);
}

Value DecoderBuilder::emitLayers(Value tokens) {
  const ParameterSource &embedding = plan.parameters.find("embedding.weight")->second;
  Value stream = nn::EmbeddingOp::create(builder, emitter.at(pathOf(embedding.name)), emitter.rows({plan.config.size("hidden")}), tokens,
                                         get(embedding));
  SmallVector<Value> slots;
  for (size_t layer = 0; layer < plan.layers.size(); ++layer)
    slots.push_back(cache::GetOp::create(builder, emitter.at(slotName(layer)), slotType(), slotName(layer)));
  Value table = ropeTable ? emitRopeTable(tokens, slots.front()) : Value();
  for (auto [layer, made] : llvm::enumerate(plan.layers)) {
    SmallVector<Value> operands = {stream};
    if (table)
      operands.push_back(table);
    for (const auto &[role, tensor] : made.parameters)
      operands.push_back(get(tensor));
    operands.push_back(slots[layer]);
    StringRef path = pathOf(pathOf(made.parameters.front().second.name)); // "blk.3"
    stream = func::CallOp::create(builder, emitter.at(path), blockOfLayer[layer], operands).getResult(0);
  }
  return stream;
}

Value DecoderBuilder::emitHead(Value stream) {
  Location normLoc = emitter.at(pathOf(plan.parameters.find("final_norm.weight")->second.name));
  stream = emitter.norm(normLoc, stream, getRole("final_norm.weight"), getRole("final_norm.bias"));
  // The place is the output's even if its tensor is the embedding's.
  return emitter.linear(emitter.at("output"), stream, getRole("output.weight"), getRole("output.bias"),
                        InputRounding::Fine);
}

void DecoderBuilder::emitEntry(StringRef name, bool lastOnly) {
  int64_t vocabulary = plan.config.size("vocabulary");
  auto tokens = RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
  auto logits = lastOnly ? RankedTensorType::get({1, vocabulary}, builder.getF32Type()) : emitter.rows({vocabulary});
  Location loc = emitter.at(name);
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType({tokens}, {logits}));
  function->setAttr("tenon.entry", builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(function.addEntryBlock());
  Value stream = emitLayers(function.getArgument(0));
  if (lastOnly)
    stream = nn::SliceOp::create(builder, loc, RankedTensorType::get({1, plan.config.size("hidden")}, builder.getF32Type()), stream,
                                 /*dim=*/0, /*start=*/-1, /*size=*/1);
  func::ReturnOp::create(builder, loc, emitHead(stream));
}

void DecoderBuilder::emitGenerate() {
  Location loc = emitter.at("generate");
  auto loop = decode::GenerateOp::create(builder, loc, "generate", "next", options.endTokens);
  auto logits = RankedTensorType::get({1, plan.config.size("vocabulary")}, builder.getF32Type());
  auto uniform = RankedTensorType::get({1}, builder.getF32Type());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&loop.getChoose(), {}, {logits, uniform}, {loc, loc});
  Value token = decode::GreedyOp::create(builder, loc, RankedTensorType::get({1}, builder.getI32Type()), body->getArgument(0));
  decode::YieldOp::create(builder, loc, token);
}

OwningOpRef<ModuleOp> DecoderBuilder::build() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, emitter.at(options.name));
  module->getOperation()->setAttr("tenon.name", builder.getStringAttr(options.name));
  module->getOperation()->setAttr("tenon.context", builder.getI64IntegerAttr(options.context));
  builder.setInsertionPointToStart(module->getBody());
  if (plan.block.rope != RopeKind::None)
    ropeTable = emitter.rows({plan.config.size("rope_dims")});
  declareParameters();
  declareSlots();
  emitBlocks();
  emitEntry("forward", /*lastOnly=*/false);
  emitEntry("next", /*lastOnly=*/true);
  emitGenerate();
  return module;
}

OwningOpRef<ModuleOp> tenon::buildDecoder(MLIRContext &context, const ModelPlan &plan, const BuildOptions &options) {
  context.loadDialect<nn::NNDialect, cache::CacheDialect, decode::DecodeDialect, func::FuncDialect>();
  return DecoderBuilder(context, plan, options).build();
}
