//===- Reader.h - GGUF files, mapped and checked ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GGUF file is a header, key-value pairs, a table of tensors and their data. The reader maps the file,
// walks the first three parts once and never touches the data. It trusts nothing: every count, length, type,
// shape and offset is compared with what the file has left before it is used, arithmetic cannot overflow, and
// memory is allocated only for entries that were really there. What is wrong is reported; reading goes on as
// long as the position of the next entry is known. Values and names are views into the mapped file.

#pragma once

#include "tenon/frontends/Diagnostics.h"
#include "tenon/frontends/gguf/Types.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <optional>
#include <vector>

namespace tenon::gguf {

/// The types of values, by GGUF's numbers.
enum class ValueType : uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

/// The name of a value type: "u8", "string".
llvm::StringRef nameOf(ValueType type);

/// A value, or an array of values of one type other than arrays.
class Value {
public:
  Value() = default;
  Value(ValueType type, bool isArray, uint64_t size, llvm::StringRef bytes) : type(type), array(isArray), count(size), bytes(bytes) {}

  bool isArray() const { return array; }
  /// The type of the value, or of an array's elements.
  ValueType elementType() const { return type; }
  /// The elements of an array; 1 for a value that is none.
  uint64_t size() const { return count; }
  /// "u32", "array of 3 string".
  std::string describe() const;

  /// The value as what the name says, if it is no array and the conversion loses nothing. Integers of any
  /// width convert to each other and to a float; floats convert to a float only.
  std::optional<uint64_t> asUnsigned() const { return array ? std::nullopt : unsignedAt(0); }
  std::optional<double> asFloat() const { return array ? std::nullopt : floatAt(0); }
  std::optional<bool> asBool() const;
  std::optional<llvm::StringRef> asString() const;

  /// An element of an array of numbers, as above. `index` is less than size().
  std::optional<uint64_t> unsignedAt(uint64_t index) const;
  std::optional<int64_t> signedAt(uint64_t index) const;
  std::optional<double> floatAt(uint64_t index) const;
  /// Calls `visit` with each element of an array of strings, in order; false if it is none.
  bool forEachString(llvm::function_ref<void(llvm::StringRef)> visit) const;

private:
  ValueType type = ValueType::U8;
  bool array = false;
  uint64_t count = 0;
  llvm::StringRef bytes;
};

/// A tensor of the file. Its type, shape, offset and size have been checked against the file.
struct Tensor {
  llvm::StringRef name;
  const TypeInfo *type = nullptr;
  /// Slowest dimension first, as PyTorch counts; GGUF stores them in the opposite order.
  llvm::SmallVector<int64_t, 4> shape;
  /// The first byte of the data, from the start of the file.
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

class Parser;

/// An open file.
class File {
public:
  /// Maps and reads the file at `path`. Null if the tables could not be read to their end; otherwise the
  /// file holds every entry that passed its checks, and whatever did not was reported.
  static std::unique_ptr<File> open(llvm::StringRef path, Diagnostics &diagnostics);
  /// The same for bytes in memory.
  static std::unique_ptr<File> parse(std::unique_ptr<llvm::MemoryBuffer> buffer, Diagnostics &diagnostics);

  uint32_t version() const { return fileVersion; }
  /// The keys in the order of the file.
  llvm::ArrayRef<std::pair<llvm::StringRef, Value>> values() const { return pairs; }
  /// The value of a key, or null.
  const Value *find(llvm::StringRef key) const;
  llvm::ArrayRef<Tensor> tensors() const { return tensorTable; }
  /// The tensor of that name, or null.
  const Tensor *findTensor(llvm::StringRef name) const;
  /// The stored bytes of a tensor of this file.
  llvm::StringRef dataOf(const Tensor &tensor) const { return buffer->getBuffer().substr(tensor.offset, tensor.bytes); }
  /// All bytes of the file.
  llvm::StringRef contents() const { return buffer->getBuffer(); }

private:
  friend class Parser;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  uint32_t fileVersion = 0;
  std::vector<std::pair<llvm::StringRef, Value>> pairs;
  llvm::StringMap<size_t> keyIndex;
  std::vector<Tensor> tensorTable;
  llvm::StringMap<size_t> tensorIndex;
};

} // namespace tenon::gguf
