//===- Compiled.cpp - the compiled side of the comparison ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Compiled.h"
#include <memory>

using namespace tenon;
using namespace tenon::verify;

namespace {
struct EndTensor {
  void operator()(DLManagedTensorVersioned *tensor) const { tensor->deleter(tensor); }
};
using Tensor = std::unique_ptr<DLManagedTensorVersioned, EndTensor>;

tenon_status makeTensor(const Input &input, Tensor &out) {
  DLDataType type = {uint8_t(input.elementType.isF32() ? kDLFloat : kDLInt), 32, 1};
  DLManagedTensorVersioned *tensor = nullptr;
  if (tenon_status s = tenon_tensor_create(type, int32_t(input.shape.size()), input.shape.data(), &tensor); s.code)
    return s;
  out.reset(tensor);
  for (size_t i = 0; i < input.values.size(); ++i)
    if (input.elementType.isF32())
      static_cast<float *>(tensor->dl_tensor.data)[i] = float(input.values[i]);
    else
      static_cast<int32_t *>(tensor->dl_tensor.data)[i] = int32_t(input.values[i]);
  return {};
}

std::vector<double> valuesOf(const DLTensor &tensor) {
  size_t size = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    size *= size_t(tensor.shape[i]);
  std::vector<double> values(size);
  for (size_t i = 0; i < size; ++i)
    values[i] = tensor.dtype.code == kDLFloat ? double(static_cast<const float *>(tensor.data)[i])
                                              : double(static_cast<const int32_t *>(tensor.data)[i]);
  return values;
}
} // namespace

Compiled::~Compiled() {
  tenon_context_destroy(context);
  tenon_module_close(module);
}

tenon_status Compiled::open(llvm::StringRef path) {
  if (tenon_status s = tenon_module_open(path.str().c_str(), nullptr, &module); s.code)
    return s;
  return tenon_context_create(module, nullptr, &context);
}

tenon_status Compiled::call(llvm::StringRef name, llvm::ArrayRef<Input> inputs, std::vector<std::vector<double>> &outputs) {
  int entry;
  if (tenon_status s = tenon_module_find_entry(module, name.str().c_str(), &entry); s.code)
    return s;
  tenon_entry_info info;
  if (tenon_status s = tenon_module_entry_info(module, entry, &info); s.code)
    return s;
  std::vector<Tensor> owned(inputs.size());
  std::vector<DLManagedTensorVersioned *> in, out(info.output_count, nullptr);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (tenon_status s = makeTensor(inputs[i], owned[i]); s.code)
      return s;
    in.push_back(owned[i].get());
  }
  if (tenon_status s = tenon_call(context, entry, in.data(), int(in.size()), out.data(), int(out.size())); s.code)
    return s;
  outputs.clear();
  for (DLManagedTensorVersioned *tensor : out) {
    Tensor result(tensor);
    outputs.push_back(valuesOf(result->dl_tensor));
  }
  return {};
}
