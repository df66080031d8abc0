//===- TensorsImpl.h - the parameters of a model ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#pragma once

#include "tenon/frontends/families/Resolve.h"
#include "tenon/frontends/families/ValuesImpl.h"

namespace tenon {

/// Finds the tensors of roles and compares their shapes.
class TensorFinder {
public:
  TensorFinder(SourceKeys &keys, FormatPredicate isSupported, Diagnostics &diagnostics)
      : keys(keys), isSupported(isSupported), diagnostics(diagnostics) {}

  /// The parameters of the table's roles in a model or a layer; what is missing or wrong is reported.
  void findAll(llvm::ArrayRef<RoleSpec> specs, llvm::ArrayRef<TensorDefinition> tensors, ValueResolver &values, ParameterMap &found);
  /// Reads the divisors of rotary frequencies from the parameters, or from an array of the configuration, and takes them out of there.
  void readFactors(llvm::StringRef role, ValueResolver &values, ParameterMap &parameters, std::vector<float> &factors);

private:
  /// One parameter that is looked for.
  struct Request {
    llvm::StringRef role;
    llvm::SmallVector<int64_t, 4> shape;
    /// The shape in the descriptor's words.
    std::string shapeText;
    ValueResolver &values;
  };

  const ParameterDefinition *definitionOf(llvm::StringRef role) const;
  bool shapeOf(const RoleSpec &spec, const ParameterDefinition *definition, ValueResolver &values, Request &request);
  const TensorSpelling *chooseSpelling(const TensorDefinition &tensor, ValueResolver &values) const;
  const SourceTensor *findPiece(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, const TensorSpelling &spelling,
                                const Request &request) const;
  std::optional<ParameterSource> read(const TensorSpelling &spelling, const Request &request);
  bool collect(const TensorSpelling &spelling, const Request &request, ParameterSource &parameter);
  bool checkPiece(const SourceTensor &tensor, llvm::ArrayRef<int64_t> shape, const Request &request, const TensorSpelling &spelling);
  bool viewRows(const TensorSpelling &spelling, const Request &request, ParameterSource &parameter);
  bool checkFormat(const ParameterSource &parameter, const Request &request);

  SourceKeys &keys;
  FormatPredicate isSupported;
  Diagnostics &diagnostics;
};

} // namespace tenon
