//===- Module.cpp - what decoders and encoders share ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/builder/ModuleImpl.h"

#include "tenon/frontends/builder/ParameterImpl.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace tenon;
using llvm::Twine;

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

/// "blk.3" of "blk.3.attn_q.weight": the name up to the layer's number; the parent of the path if that is not a part of it.
static std::string layerPath(StringRef tensorName, size_t layer) {
  std::string middle = "." + std::to_string(layer) + ".";
  size_t at = tensorName.find(middle);
  return at == StringRef::npos ? pathOf(pathOf(tensorName)).str() : tensorName.take_front(at + middle.size() - 1).str();
}

/// "kv3": what a layer keeps, by its role and the layer's number.
static std::string slotName(const BlockSlot &slot, size_t layer) {
  return (slot.role + Twine(layer)).str();
}

ModuleBuilder::ModuleBuilder(MLIRContext &context, const ModelPlan &plan, const BuildOptions &options, Diagnostics &diagnostics)
    : plan(plan), options(options), builder(&context), emitter(builder, options.activation), diagnostics(diagnostics) {}

/// Takes the one weight that expands a latent to keys and values of all heads apart: rows of the keys, and of the values.
bool ModuleBuilder::splitExpansion(Layer &layer, size_t number) {
  auto found = layer.plan.parameters.find("kv_b.weight");
  if (found == layer.plan.parameters.end())
    return true;
  const ModelConfig &config = layer.plan.config;
  int64_t heads = config.size("heads"), nope = config.size("nope_dim"), value = config.size("value_dim"), rank = config.size("kv_rank");
  ParameterSource whole = found->second;
  bool isWhole = whole.pieces.size() == 1 && whole.pieces[0].rows.start == 0 && whole.pieces[0].rows.count < 0 && !whole.transposed;
  if (!isWhole || whole.isComputed()) {
    diagnostics.report(whole.name, "expects one whole tensor to expand latents");
    return false;
  }
  ParameterMap parameters;
  for (auto &[role, parameter] : layer.plan.parameters) {
    if (role != "kv_b.weight") {
      parameters[role] = parameter;
      continue;
    }
    auto part = [&](StringRef name, int64_t first, int64_t rows) {
      ParameterSource source = whole;
      source.name = whole.name + "[" + name.str() + "]";
      source.shape = {heads, rows, rank};
      source.pieces[0].rows = {first, rows, nope + value};
      return source;
    };
    parameters["key_b_rows.weight"] = part("key", 0, nope);
    parameters["value_b.weight"] = part("value", nope, value);
  }
  layer.plan.parameters = std::move(parameters);
  return true;
}

bool ModuleBuilder::prepare() {
  size_t before = diagnostics.count();
  llvm::StringSet<> made = {embeddingsName};
  for (auto [number, layerPlan] : llvm::enumerate(plan.layers)) {
    Layer layer = {layerPlan, "", "", -1, {}, {}, {}, func::FuncOp()};
    StringRef first = layerPlan.parameters.front().second.name;
    layer.path = layerPath(first, number);
    layer.sharedPath = sharedPath(layer.path, number);
    splitExpansion(layer, number);
    if (layerPlan.block.rotates()) {
      RopeAngles wanted = ropeAngles(plan, layerPlan, options.context, diagnostics);
      layer.table = llvm::find(angles, wanted) - angles.begin();
      if (layer.table == static_cast<int64_t>(angles.size()))
        angles.push_back(wanted);
    }
    if (plan.block.entry == EntryKind::Decoder)
      layer.slots = slotsOf(emitter, layerPlan.block, layerPlan.config, slotElement());
    for (const CarriedValue &value : carriedOf(emitter, layerPlan.block, layerPlan.config))
      (made.insert(value.name).second ? layer.makes : layer.reads).push_back(value);
    layers.push_back(std::move(layer));
  }
  return diagnostics.count() == before;
}

/// Keys and values are kept in f16, or in f32 where the model is to be exact: with f32 activations, or if the layers' parameters are all
/// floats, because rounding keys changes such a model more than anything else that is done to it.
Type ModuleBuilder::slotElement() {
  auto isFloat = [](const auto &entry) { return llvm::is_contained({"f32", "f16", "bf16"}, entry.second.format); };
  bool allFloats = llvm::all_of(plan.layers, [&](const LayerPlan &layer) { return llvm::all_of(layer.parameters, isFloat); });
  return options.activation == nn::Activation::f32 || allFloats ? Type(builder.getF32Type()) : builder.getF16Type();
}

void ModuleBuilder::declareParameters() {
  llvm::StringSet<> declared;
  auto declare = [&](const ParameterMap &parameters) {
    for (const auto &[role, parameter] : parameters)
      if (declared.insert(parameter.name).second)
        emitParameter(builder, emitter.at(pathOf(parameter.name)), parameter);
  };
  declare(plan.parameters);
  for (const Layer &layer : layers)
    declare(layer.plan.parameters);
}

static bool areEqual(const ModelConfig &a, const ModelConfig &b) {
  auto same = [](const auto &left, const auto &right) {
    return left.size() == right.size() && llvm::all_of(left, [&](const auto &entry) {
             auto found = right.find(entry.first());
             return found != right.end() && found->second == entry.second;
           });
  };
  return same(a.sizes, b.sizes) && same(a.reals, b.reals);
}

bool ModuleBuilder::areAlike(const Layer &a, const Layer &b) {
  if (!(a.plan.block == b.plan.block) || a.table != b.table || a.slots != b.slots || a.reads != b.reads || a.makes != b.makes ||
      !areEqual(a.plan.config, b.plan.config) || a.plan.parameters.size() != b.plan.parameters.size())
    return false;
  return llvm::all_of(llvm::zip_equal(a.plan.parameters, b.plan.parameters), [&](auto pair) {
    const auto &[left, right] = pair;
    return left.first == right.first &&
           parameterType(builder.getContext(), left.second) == parameterType(builder.getContext(), right.second);
  });
}

void ModuleBuilder::emitBlocks() {
  size_t blocks = 0;
  for (auto [number, layer] : llvm::enumerate(layers)) {
    auto same = llvm::find_if(ArrayRef(layers).take_front(number), [&](const Layer &other) { return areAlike(layer, other); });
    if (same != layers.data() + number) {
      layer.block = same->block;
      continue;
    }
    SmallVector<BlockParameter> parameters;
    for (const auto &[role, parameter] : layer.plan.parameters)
      parameters.push_back({role, parameterType(builder.getContext(), parameter), sharedPath(pathOf(parameter.name), number)});
    RankedTensorType table;
    if (layer.table >= 0)
      table = emitter.rows({2 * static_cast<int64_t>(angles[layer.table].frequencies.size())});
    std::string name = blocks == 0 ? "block" : "block_" + std::to_string(blocks);
    ++blocks;
    layer.block = emitBlock(
        emitter, name, {layer.plan.block, layer.plan.config, layer.sharedPath, parameters, table, layer.slots, layer.reads, layer.makes});
  }
}

OwningOpRef<ModuleOp> ModuleBuilder::begin() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, emitter.at(options.name));
  module->getOperation()->setAttr("tenon.name", builder.getStringAttr(options.name));
  module->getOperation()->setAttr("tenon.context", builder.getI64IntegerAttr(options.context));
  builder.setInsertionPointToStart(module->getBody());
  declareParameters();
  for (auto [number, layer] : llvm::enumerate(layers))
    for (const BlockSlot &slot : layer.slots) {
      std::string name = slotName(slot, number);
      cache::DeclareOp::create(builder, emitter.at(name), name, slot.type);
    }
  emitBlocks();
  return module;
}

func::FuncOp ModuleBuilder::beginEntry(StringRef name, RankedTensorType result) {
  auto tokens = RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
  auto function = func::FuncOp::create(builder, emitter.at(name), name, builder.getFunctionType({tokens}, {result}));
  function->setAttr("tenon.entry", builder.getUnitAttr());
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

Value ModuleBuilder::get(const ParameterSource &parameter) {
  RankedTensorType type = parameterType(builder.getContext(), parameter);
  return nn::GetParamOp::create(builder, emitter.at(pathOf(parameter.name)), type, parameter.name);
}

Value ModuleBuilder::getRole(StringRef role) {
  auto found = plan.parameters.find(role);
  return found == plan.parameters.end() ? Value() : get(found->second);
}

Value ModuleBuilder::emitEmbedding(Value tokens, Value start) {
  RankedTensorType type = emitter.rows({plan.config.size("hidden")});
  auto locOf = [&](StringRef role) { return emitter.at(pathOf(plan.parameters.find(role)->second.name)); };
  Location loc = locOf("embedding.weight");
  Value stream = nn::EmbeddingOp::create(builder, loc, type, tokens, getRole("embedding.weight"));
  stream = emitter.scale(loc, stream, plan.config.optionalReal("embedding_scale"));
  if (Value positions = getRole("position_embedding.weight")) {
    Location where = locOf("position_embedding.weight");
    Value row = nn::PositionEmbeddingOp::create(builder, where, type, tokens, positions, start,
                                                plan.config.optionalSize("position_offset").value_or(0));
    stream = nn::AddOp::create(builder, where, stream, row);
  }
  // Every token is of the first type.
  if (Value types = getRole("token_type_embedding.weight")) {
    Location where = locOf("token_type_embedding.weight");
    int64_t hidden = plan.config.size("hidden");
    Type element = cast<RankedTensorType>(types.getType()).getElementType();
    Value row = nn::SliceOp::create(builder, where, RankedTensorType::get({1, hidden}, element), types, /*dim=*/0, /*start=*/0, /*size=*/1);
    row = nn::ReshapeOp::create(builder, where, RankedTensorType::get({hidden}, element), row);
    stream = nn::AddOp::create(builder, where, stream, emitter.asF32(where, row));
  }
  if (Value weight = getRole("embedding_norm.weight"))
    stream = emitter.norm(locOf("embedding_norm.weight"), stream,
                          {plan.block.norm, weight, getRole("embedding_norm.bias"), plan.config.real("norm_eps")});
  return stream;
}

Value ModuleBuilder::emitLayers(Value tokens) {
  std::vector<SmallVector<Value, 2>> slots(layers.size());
  Value first;
  for (auto [number, layer] : llvm::enumerate(layers))
    for (const BlockSlot &slot : layer.slots) {
      std::string name = slotName(slot, number);
      slots[number].push_back(cache::GetOp::create(builder, emitter.at(name), slot.type, name));
      if (!first)
        first = slots[number].back();
    }
  // The length is read where positions are asked for.
  Value start;
  Location rope = emitter.at("rope");
  if (first && (!angles.empty() || plan.parameters.count("position_embedding.weight")))
    start = cache::LengthOp::create(builder, rope, first);
  Value stream = emitEmbedding(tokens, start);
  llvm::StringMap<Value> carried = {{embeddingsName, stream}};
  SmallVector<Value> tables;
  for (const RopeAngles &table : angles) {
    Value frequencies = emitter.constant(rope, table.frequencies);
    RankedTensorType type = emitter.rows({2 * static_cast<int64_t>(table.frequencies.size())});
    FloatAttr scale = builder.getF32FloatAttr(static_cast<float>(table.scale));
    tables.push_back(nn::RopeTableOp::create(builder, rope, type, tokens, start, frequencies, scale));
  }
  for (auto [number, layer] : llvm::enumerate(layers)) {
    SmallVector<Value> operands = {stream};
    for (const CarriedValue &value : layer.reads)
      operands.push_back(carried.lookup(value.name));
    if (layer.table >= 0)
      operands.push_back(tables[layer.table]);
    for (const auto &[role, parameter] : layer.plan.parameters)
      operands.push_back(get(parameter));
    llvm::append_range(operands, slots[number]);
    auto call = func::CallOp::create(builder, emitter.at(layer.path), layer.block, operands);
    stream = call.getResult(0);
    for (auto [value, result] : llvm::zip_equal(layer.makes, call.getResults().drop_front()))
      carried[value.name] = result;
  }
  return stream;
}

Value ModuleBuilder::emitFinalNorm(Value stream) {
  Value weight = getRole("final_norm.weight");
  bool isPlain = plan.block.normParameters == NormParameters::None && plan.block.entry == EntryKind::Decoder;
  if (!weight && !isPlain)
    return stream;
  Location loc = weight ? emitter.at(pathOf(plan.parameters.find("final_norm.weight")->second.name)) : emitter.at("final_norm");
  return emitter.norm(loc, stream, {plan.block.norm, weight, getRole("final_norm.bias"), plan.config.real("norm_eps")});
}
