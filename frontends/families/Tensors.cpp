//===- Tensors.cpp - the parameters of a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A role of the table is looked for if it applies to the block. Its tensor is the first spelling that the files have: the whole of it,
// some rows of it, or one tensor for each expert.

#include "tenon/frontends/families/TensorsImpl.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace tenon;
using llvm::StringRef;
using llvm::Twine;
using Shape = llvm::ArrayRef<int64_t>;

static std::string textOf(Shape shape) {
  return "[" + llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), ", ") + "]";
}

/// "a.qkv_proj.weight[query]"
static std::string partName(StringRef tensor, StringRef role) {
  return (tensor + "[" + role.split('.').first + "]").str();
}

const ParameterDefinition *TensorFinder::definitionOf(StringRef role) const {
  const auto found = llvm::find_if(keys.family.parameters, [&](const ParameterDefinition &definition) { return definition.role == role; });
  return found == keys.family.parameters.end() ? nullptr : &*found;
}

bool TensorFinder::shapeOf(const RoleSpec &spec, const ParameterDefinition *definition, ValueResolver &values, Request &request) {
  llvm::SmallVector<StringRef> parts;
  if (definition && !definition->shape.empty())
    parts.append(definition->shape.begin(), definition->shape.end());
  else
    spec.shape.split(parts, ", ");
  request.shapeText = "[" + llvm::join(parts, ", ") + "]";
  for (StringRef part : parts) {
    std::optional<Number> size = values.evaluate(part, spec.role, Division::Whole);
    if (!size)
      return false; // a number that is missing was reported when it was read
    request.shape.push_back(size->asWhole().value_or(-1));
  }
  return true;
}

/// The tensor of that name. One that is assumed has just the rows that are asked for, under a name of their own.
const SourceTensor *TensorFinder::findPiece(StringRef name, Shape shape, const TensorSpelling &spelling, const Request &request) const {
  if (!keys.source.assumesTensors())
    return keys.source.findTensor(name);
  llvm::SmallVector<int64_t, 4> stored(shape);
  if (spelling.transposed && stored.size() >= 2)
    std::swap(stored.back(), stored[stored.size() - 2]);
  return keys.source.assumeTensor(spelling.rows.empty() ? name.str() : partName(name, request.role), stored);
}

/// The first spelling of which the files have a tensor, or null.
const TensorSpelling *TensorFinder::chooseSpelling(const TensorDefinition &tensor, ValueResolver &values) const {
  for (const TensorSpelling &spelling : tensor.spellings) {
    if (spelling.when && !values.holds(*spelling.when))
      continue;
    Placeholders first = values.placeholders;
    first.expert = 0;
    if (keys.source.assumesTensors() ||
        (spelling.key.empty() ? keys.findTensor(spelling.pattern, first) != nullptr : keys.find(spelling.key, first).has_value()))
      return &spelling;
  }
  return nullptr;
}

bool TensorFinder::checkPiece(const SourceTensor &tensor, Shape shape, const Request &request, const TensorSpelling &spelling) {
  llvm::SmallVector<int64_t, 4> expected(shape);
  if (spelling.transposed && expected.size() >= 2)
    std::swap(expected.back(), expected[expected.size() - 2]);
  // A dimension of 1 may be left out, and a vector may be folded.
  auto isNotOne = [](int64_t size) { return size != 1; };
  bool isSame = llvm::equal(llvm::make_filter_range(tensor.shape, isNotOne), llvm::make_filter_range(expected, isNotOne));
  if (isSame || (expected.size() == 1 && elementCount(tensor.shape) == expected.front()))
    return true;
  diagnostics.report(tensor.name, "expects the shape " + textOf(expected) + " (" + StringRef(request.shapeText).drop_front().drop_back() +
                                      "), but got " + textOf(tensor.shape));
  return false;
}

/// Cuts the spelling's rows out of the only piece. Of a vector that a tensor's rows are longer than, and for biases of experts, each
/// element is a row.
bool TensorFinder::viewRows(const TensorSpelling &spelling, const Request &request, ParameterSource &parameter) {
  const SourceTensor &tensor = *parameter.pieces.front().tensor;
  llvm::SmallVector<int64_t, 3> numbers;
  for (StringRef text : spelling.rows) {
    std::optional<Number> value = request.values.evaluate(text, tensor.name, Division::Whole);
    if (!value)
      return false;
    numbers.push_back(value->asWhole().value_or(-1));
  }
  RowView rows{numbers[0], numbers[1], numbers.size() == 3 ? numbers[2] : 0};
  llvm::SmallVector<int64_t, 4> stored(tensor.shape);
  if (spelling.transposed && stored.size() >= 2)
    std::swap(stored.back(), stored[stored.size() - 2]);
  auto product = [](Shape sizes) {
    int64_t result = 1;
    for (int64_t size : sizes)
      result *= size; // of a tensor that lies in a file
    return result;
  };
  bool isSame = !stored.empty() && stored.back() == request.shape.back();
  bool elements = !isSame && (request.shape.size() == 1 || StringRef(request.role).ends_with(".bias"));
  int64_t wanted = elements ? product(request.shape) : product(Shape(request.shape).drop_back());
  int64_t available = elements ? product(stored) : product(Shape(stored).drop_back());
  bool fits = rows.start >= 0 && rows.count > 0 && rows.stride >= 0 && rows.start <= available && (elements || isSame);
  int64_t given = 0;
  if (fits && rows.stride == 0) {
    given = rows.count;
    fits = rows.count <= available - rows.start;
  } else if (fits) {
    fits = rows.count <= rows.stride && rows.start <= rows.stride - rows.count && available % rows.stride == 0;
    given = fits ? available / rows.stride * rows.count : 0;
  }
  if (!fits || given != wanted) {
    diagnostics.report(tensor.name, "expects rows for " + request.role + " of " + textOf(request.shape) + " " + request.shapeText + ": " +
                                        Twine(rows.count) + " from " + Twine(rows.start) +
                                        (rows.stride ? ", repeated every " + Twine(rows.stride) : Twine("")) + ", but got the shape " +
                                        textOf(tensor.shape));
    return false;
  }
  parameter.pieces.front().rows = rows;
  parameter.name = partName(parameter.name, request.role);
  return true;
}

/// Finds every piece; one tensor for each expert if the pattern names experts.
bool TensorFinder::collect(const TensorSpelling &spelling, const Request &request, ParameterSource &parameter) {
  bool isStack = StringRef(spelling.pattern).contains("{expert}");
  Shape shape = isStack ? Shape(request.shape).drop_front() : Shape(request.shape);
  int64_t count = isStack ? request.shape.front() : 1;
  Placeholders placeholders = request.values.placeholders;
  for (int64_t i = 0; i < count; ++i) {
    if (isStack)
      placeholders.expert = i;
    std::string name = keys.spell(spelling.pattern, placeholders);
    const SourceTensor *tensor = findPiece(name, shape, spelling, request);
    if (!tensor) { // then no expert after this one is looked for: a configuration may ask for any number of them
      if (!diagnostics.mentions(name))
        diagnostics.report(name, "is missing: expects the tensor of " + request.role + ", " + request.shapeText);
      return false;
    }
    keys.useTensor(name);
    if (spelling.rows.empty() && !checkPiece(*tensor, shape, request, spelling))
      return false;
    parameter.pieces.push_back({tensor, {}});
  }
  parameter.name = parameter.pieces.front().tensor->name;
  if (isStack) {
    placeholders.expert.reset();
    std::string name = keys.spell(spelling.pattern, placeholders);
    parameter.name = name.replace(name.find("{expert}"), 8, "*");
  }
  return true;
}

bool TensorFinder::checkFormat(const ParameterSource &parameter, const Request &request) {
  bool isFloat = llvm::is_contained({"f32", "f16", "bf16"}, StringRef(parameter.format));
  StringRef role = request.role;
  bool needsFloat =
      request.shape.size() < 2 || role.ends_with(".bias") || role.split('.').first.ends_with("_norm") || parameter.isComputed();
  for (const ParameterPiece &piece : parameter.pieces)
    if (piece.tensor->format != parameter.pieces.front().tensor->format) {
      diagnostics.report(piece.tensor->name, "has the type " + piece.tensor->format + ", but expects that of its neighbours, " +
                                                 parameter.pieces.front().tensor->format);
      return false;
    }
  if (needsFloat ? isFloat : isSupported(parameter.format))
    return true;
  diagnostics.report(parameter.pieces.front().tensor->name,
                     "has the type " + parameter.format + ", which is not supported " + (needsFloat ? "for a vector" : "yet"));
  return false;
}

std::optional<ParameterSource> TensorFinder::read(const TensorSpelling &spelling, const Request &request) {
  ParameterSource parameter;
  if (!collect(spelling, request, parameter))
    return std::nullopt;
  parameter.shape = request.shape;
  parameter.transposed = spelling.transposed;
  parameter.plus = spelling.plus;
  parameter.function = spelling.function;
  parameter.format = parameter.pieces.front().tensor->format;
  if (!spelling.rows.empty() && !keys.source.assumesTensors() && !viewRows(spelling, request, parameter))
    return std::nullopt;
  if (!checkFormat(parameter, request))
    return std::nullopt;
  if (parameter.isComputed())
    parameter.format = "f32";
  return parameter;
}

void TensorFinder::findAll(llvm::ArrayRef<RoleSpec> specs, llvm::ArrayRef<TensorDefinition> tensors, ValueResolver &values,
                           ParameterMap &found) {
  for (StringRef role : roleNames(specs)) {
    const RoleSpec *spec = findRole(specs, role, values.block, values.config);
    const ParameterDefinition *definition = definitionOf(role);
    if (!spec)
      continue;
    bool required = spec->need != RoleNeed::Optional;
    if (definition && definition->optional)
      required = !*definition->optional;
    if (definition && !definition->present.empty()) {
      std::optional<Number> present = values.evaluateRules(definition->present, role);
      if (present && !present->isTrue())
        continue;
      required = present.has_value();
    }
    const auto named = llvm::find_if(tensors, [&](const TensorDefinition &tensor) { return tensor.role == role; });
    if (named == tensors.end()) {
      if (required && spec->need == RoleNeed::Always)
        diagnostics.report(role, "is needed by the block, but the family " + keys.family.name + " names no tensor for it in " +
                                     keys.source.format() + " files");
      continue;
    }
    Request request{role, {}, "", values};
    const TensorSpelling *spelling = chooseSpelling(*named, values);
    if (!shapeOf(*spec, definition, values, request)) {
      if (spelling)
        keys.useTensor(keys.spell(spelling->pattern, values.placeholders)); // what is wrong with it is not that nothing reads it
      continue;
    }
    if (spelling && !spelling->key.empty())
      continue; // readFactors' work
    if (!required && keys.source.assumesTensors())
      continue; // nothing asks for it
    if (spelling) {
      if (std::optional<ParameterSource> parameter = read(*spelling, request))
        found[spec->role] = std::move(*parameter);
      continue;
    }
    if (definition && !definition->tied.empty()) {
      if (const auto *other = found.find(definition->tied); other != found.end())
        found[spec->role] = ParameterSource(other->second);
      continue;
    }
    // A tensor that the reader found unusable is there, and reported.
    std::string name = keys.spell(named->spellings.front().pattern, values.placeholders);
    if (required && !diagnostics.mentions(name))
      diagnostics.report(name, "is missing: expects the tensor of " + role + ", " + request.shapeText);
  }
}

void TensorFinder::readFactors(StringRef role, ValueResolver &values, ParameterMap &parameters, std::vector<float> &factors) {
  auto check = [&](StringRef place) {
    if (llvm::any_of(factors, [](float value) { return !std::isfinite(value) || value <= 0; }))
      diagnostics.report(place, "expects positive finite divisors");
  };
  if (const auto *found = parameters.find(role); found != parameters.end()) {
    const SourceTensor &tensor = *found->second.pieces.front().tensor;
    std::optional<std::vector<float>> read = keys.source.readSmall(tensor);
    if (read)
      factors = std::move(*read);
    else if (!keys.source.assumesTensors())
      diagnostics.report(tensor.name,
                         "expects at most 65536 values of type f32, but got type " + tensor.format + " and shape " + textOf(tensor.shape));
    check(tensor.name);
    parameters.erase(role);
    return;
  }
  const auto named = llvm::find_if(keys.spelling.tensors, [&](const TensorDefinition &tensor) { return tensor.role == role; });
  if (named == keys.spelling.tensors.end() || !findRole(modelRoleSpecs(), role, values.block, values.config))
    return;
  const auto spelling = llvm::find_if(
      named->spellings, [&](const TensorSpelling &spelled) { return !spelled.key.empty() && keys.find(spelled.key, {}).has_value(); });
  if (spelling == named->spellings.end())
    return;
  std::string key = keys.spell(spelling->key);
  std::optional<ConfigValue> array = keys.find(spelling->key, {});
  int64_t pairs = values.config.optionalSize("rope_dims").value_or(0) / 2;
  if (array->count != static_cast<uint64_t>(pairs)) {
    diagnostics.report(key, "expects an array of rope_dims / 2 = " + Twine(pairs) + " numbers, but got " + array->description);
    return;
  }
  for (int64_t i = 0; i < pairs; ++i) {
    std::optional<ConfigValue> value = keys.source.find(key + "[" + std::to_string(i) + "]");
    factors.push_back(value && value->real ? static_cast<float>(*value->real) : 0);
  }
  check(key);
}
