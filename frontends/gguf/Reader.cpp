//===- Reader.cpp - GGUF files, mapped and checked ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/gguf/Reader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using namespace tenon;
using namespace tenon::gguf;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// Limits of the format or of sense. Beyond them a file is damaged, whatever its size.
constexpr uint64_t mostKeys = 1 << 16, mostTensors = 1 << 20;
constexpr uint64_t longestKey = 65535, longestTensorName = 64, mostDimensions = 4;
constexpr uint64_t defaultAlignment = 32, largestAlignment = 1 << 20;

/// The bytes of a value of the type; 0 for strings and arrays, whose size is in the file.
uint64_t sizeOf(ValueType type) {
  static constexpr uint8_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return sizes[static_cast<uint32_t>(type)];
}

/// A position in the file that never passes its end.
class Cursor {
public:
  explicit Cursor(StringRef file) : file(file) {}

  uint64_t position() const { return at; }
  uint64_t remaining() const { return file.size() - at; }

  std::optional<StringRef> take(uint64_t size) {
    if (size > remaining())
      return std::nullopt;
    StringRef result = file.substr(at, size);
    at += size;
    return result;
  }
  std::optional<uint32_t> takeU32() {
    std::optional<StringRef> bytes = take(4);
    return bytes ? std::optional(llvm::support::endian::read32le(bytes->data())) : std::nullopt;
  }
  std::optional<uint64_t> takeU64() {
    std::optional<StringRef> bytes = take(8);
    return bytes ? std::optional(llvm::support::endian::read64le(bytes->data())) : std::nullopt;
  }
  /// A string with its length before it.
  std::optional<StringRef> takeString() {
    std::optional<uint64_t> length = takeU64();
    return length ? take(*length) : std::nullopt;
  }

private:
  StringRef file;
  uint64_t at = 0;
};
} // namespace

/// Reads one file. The steps return false when the position of what follows is unknown.
class tenon::gguf::Parser {
public:
  Parser(File &file, Diagnostics &diagnostics) : file(file), diagnostics(diagnostics), cursor(file.contents()) {}

  bool run() {
    if (!readHeader() || !readKeys() || !readTensorTable())
      return false;
    checkData();
    return true;
  }

private:
  bool truncated(const Twine &what) {
    diagnostics.report("", "the file ends at byte " + Twine(file.contents().size()) + " inside " + what);
    return false;
  }
  bool readHeader();
  bool checkCount(uint64_t count, uint64_t leastBytes, uint64_t most, StringRef what);
  bool readKeys();
  bool readValue(StringRef key, Value &value);
  bool readArray(StringRef key, Value &value);
  bool skipStrings(StringRef key, uint64_t count);
  bool checkBools(StringRef key, StringRef bytes);
  void readAlignment();
  bool readTensorTable();
  bool readTensor(uint64_t number);
  bool readShape(StringRef name, uint64_t rank, llvm::SmallVectorImpl<int64_t> &shape, bool &valid);
  std::optional<uint64_t> sizeOfTensor(const Tensor &tensor);
  void checkData();
  void checkOverlap();

  File &file;
  Diagnostics &diagnostics;
  Cursor cursor;
  uint64_t tensorCount = 0, keyCount = 0, alignment = defaultAlignment;
};

bool Parser::readHeader() {
  std::optional<StringRef> magic = cursor.take(4);
  if (!magic)
    return truncated("the magic number");
  if (*magic != "GGUF") {
    diagnostics.report("",
                       "is not a GGUF file: expects it to start with GGUF, but got the bytes " + llvm::toHex(*magic, /*LowerCase=*/true));
    return false;
  }
  std::optional<uint32_t> version = cursor.takeU32();
  if (!version)
    return truncated("the header");
  if (*version != 2 && *version != 3) {
    bool swapped = llvm::byteswap(*version) == 2 || llvm::byteswap(*version) == 3;
    diagnostics.report("",
                       swapped ? Twine("big-endian files are not supported") : "expects GGUF version 2 or 3, but got " + Twine(*version));
    return false;
  }
  file.fileVersion = *version;
  std::optional<uint64_t> tensors = cursor.takeU64(), keys = cursor.takeU64();
  if (!tensors || !keys)
    return truncated("the header");
  tensorCount = *tensors;
  keyCount = *keys;
  // A key takes at least its length, a character, a type and a byte; a tensor its name's length, a rank, one
  // dimension, a type and an offset.
  bool keysFit = checkCount(keyCount, 14, mostKeys, "keys");
  return checkCount(tensorCount, 32, mostTensors, "tensors") && keysFit;
}

bool Parser::checkCount(uint64_t count, uint64_t leastBytes, uint64_t most, StringRef what) {
  uint64_t possible = std::min(most, cursor.remaining() / leastBytes);
  if (count <= possible)
    return true;
  diagnostics.report("", "declares " + Twine(count) + " " + what + ", but a file of this size can hold at most " + Twine(possible));
  return false;
}

bool Parser::readKeys() {
  for (uint64_t i = 0; i < keyCount; ++i) {
    std::optional<StringRef> key = cursor.takeString();
    if (!key)
      return truncated("the name of key " + Twine(i));
    if (key->empty() || key->size() > longestKey)
      diagnostics.report("key " + Twine(i), "expects a name of 1 to " + Twine(longestKey) + " bytes, but got " + Twine(key->size()));
    Value value;
    if (!readValue(*key, value))
      return false;
    if (!file.keyIndex.try_emplace(*key, file.pairs.size()).second)
      diagnostics.report(*key, "is there twice");
    else
      file.pairs.emplace_back(*key, value);
  }
  readAlignment();
  return true;
}

bool Parser::readValue(StringRef key, Value &value) {
  std::optional<uint32_t> number = cursor.takeU32();
  if (!number)
    return truncated("the value of " + key);
  if (*number > static_cast<uint32_t>(ValueType::F64)) {
    diagnostics.report(key, "expects a value type from 0 to 12, but got " + Twine(*number));
    return false;
  }
  auto type = static_cast<ValueType>(*number);
  if (type == ValueType::Array)
    return readArray(key, value);
  std::optional<StringRef> bytes = type == ValueType::String ? cursor.takeString() : cursor.take(sizeOf(type));
  if (!bytes)
    return truncated("the value of " + key);
  value = Value(type, /*isArray=*/false, 1, *bytes);
  if (type == ValueType::Bool)
    checkBools(key, *bytes);
  return true;
}

bool Parser::readArray(StringRef key, Value &value) {
  std::optional<uint32_t> number = cursor.takeU32();
  std::optional<uint64_t> count = cursor.takeU64();
  if (!number || !count)
    return truncated("the value of " + key);
  if (*number > static_cast<uint32_t>(ValueType::F64) || *number == static_cast<uint32_t>(ValueType::Array)) {
    diagnostics.report(key, "expects an array of numbers, bools or strings, but got elements of type " + Twine(*number));
    return false;
  }
  auto type = static_cast<ValueType>(*number);
  uint64_t start = cursor.position();
  uint64_t least = type == ValueType::String ? 8 : sizeOf(type);
  if (*count > cursor.remaining() / least) {
    diagnostics.report(key, "declares " + Twine(*count) + " elements of type " + nameOf(type) + ", but only " + Twine(cursor.remaining()) +
                                " bytes of the file are left");
    return false;
  }
  if (type == ValueType::String ? !skipStrings(key, *count) : !cursor.take(*count * least))
    return false;
  StringRef bytes = file.contents().slice(start, cursor.position());
  value = Value(type, /*isArray=*/true, *count, bytes);
  if (type == ValueType::Bool)
    checkBools(key, bytes);
  return true;
}

bool Parser::skipStrings(StringRef key, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    if (!cursor.takeString())
      return truncated("element " + Twine(i) + " of " + key);
  return true;
}

bool Parser::checkBools(StringRef key, StringRef bytes) {
  for (char byte : bytes) {
    if (byte == 0 || byte == 1)
      continue;
    diagnostics.report(key, "expects bools of 0 or 1, but got " + Twine(static_cast<unsigned>(uint8_t(byte))));
    return false;
  }
  return true;
}

void Parser::readAlignment() {
  const Value *value = file.find("general.alignment");
  if (!value)
    return;
  std::optional<uint64_t> number = value->asUnsigned();
  if (number && llvm::isPowerOf2_64(*number) && *number <= largestAlignment)
    alignment = *number;
  else
    diagnostics.report("general.alignment", "expects a power of two up to " + Twine(largestAlignment) + ", but got " +
                                                (number ? Twine(*number).str() : value->describe()));
}

bool Parser::readTensorTable() {
  for (uint64_t i = 0; i < tensorCount; ++i)
    if (!readTensor(i))
      return false;
  return true;
}

bool Parser::readTensor(uint64_t number) {
  std::optional<StringRef> name = cursor.takeString();
  std::optional<uint32_t> rank = name ? cursor.takeU32() : std::nullopt;
  if (!rank)
    return truncated("the entry of tensor " + Twine(number));
  Tensor tensor;
  tensor.name = *name;
  bool valid = true;
  auto invalid = [&](const Twine &message) {
    diagnostics.report(name->empty() ? "tensor " + std::to_string(number) : name->str(), message);
    valid = false;
  };
  if (name->empty() || name->size() > longestTensorName)
    invalid("expects a name of 1 to " + Twine(longestTensorName) + " bytes, but got " + Twine(name->size()));
  if (!readShape(*name, *rank, tensor.shape, valid))
    return false;
  std::optional<uint32_t> type = cursor.takeU32();
  std::optional<uint64_t> offset = cursor.takeU64();
  if (!type || !offset)
    return truncated("the entry of tensor " + Twine(number));
  tensor.type = findType(*type);
  tensor.offset = *offset;
  if (!tensor.type)
    invalid("has the type number " + Twine(*type) + ", which no known type has");
  if (!valid)
    return true;
  std::optional<uint64_t> bytes = sizeOfTensor(tensor);
  if (!bytes)
    return true;
  tensor.bytes = *bytes;
  if (!file.tensorIndex.try_emplace(*name, file.tensorTable.size()).second)
    invalid("is there twice");
  else
    file.tensorTable.push_back(std::move(tensor));
  return true;
}

bool Parser::readShape(StringRef name, uint64_t rank, llvm::SmallVectorImpl<int64_t> &shape, bool &valid) {
  if (rank < 1 || rank > mostDimensions) {
    // Another rank than the format's means that what follows is not where it should be.
    diagnostics.report(name, "expects 1 to " + Twine(mostDimensions) + " dimensions, but got " + Twine(rank));
    return false;
  }
  for (uint64_t i = 0; i < rank; ++i) {
    std::optional<uint64_t> size = cursor.takeU64();
    if (!size)
      return truncated("the shape of " + name);
    if (*size == 0 || *size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      diagnostics.report(name, "expects dimensions of 1 to 2^63 - 1, but got " + Twine(*size));
      valid = false;
      continue;
    }
    shape.insert(shape.begin(), static_cast<int64_t>(*size));
  }
  return true;
}

std::optional<uint64_t> Parser::sizeOfTensor(const Tensor &tensor) {
  if (tensor.shape.back() % tensor.type->blockElements != 0) {
    diagnostics.report(tensor.name, "expects rows of a multiple of " + Twine(tensor.type->blockElements) + " elements for " +
                                        tensor.type->name + ", but got " + Twine(tensor.shape.back()));
    return std::nullopt;
  }
  std::optional<int64_t> bytes = tensor.shape.back() / tensor.type->blockElements;
  bytes = llvm::checkedMul<int64_t>(*bytes, tensor.type->blockBytes);
  for (int64_t size : llvm::ArrayRef(tensor.shape).drop_back())
    bytes = bytes ? llvm::checkedMul(*bytes, size) : std::nullopt;
  if (!bytes)
    diagnostics.report(tensor.name, "has a size that overflows 63 bits");
  return bytes;
}

/// Turns offsets from the start of the data into offsets from the start of the file, and drops the tensors
/// whose data is not where the file says.
void Parser::checkData() {
  uint64_t start = llvm::alignTo(cursor.position(), alignment); // a position of the file and at most 2^20
  uint64_t available = file.contents().size() > start ? file.contents().size() - start : 0;
  std::vector<Tensor> sound;
  for (Tensor &tensor : file.tensorTable) {
    if (tensor.offset % alignment != 0) {
      diagnostics.report(tensor.name, "expects an offset that is a multiple of " + Twine(alignment) + ", but got " + Twine(tensor.offset));
    } else if (tensor.offset > available || tensor.bytes > available - tensor.offset) {
      diagnostics.report(tensor.name, "expects " + Twine(tensor.bytes) + " bytes at offset " + Twine(tensor.offset) +
                                          " of the data, but the file has " + Twine(available) + " bytes of data");
    } else {
      tensor.offset += start;
      sound.push_back(std::move(tensor));
    }
  }
  file.tensorTable = std::move(sound);
  file.tensorIndex.clear();
  for (auto [index, tensor] : llvm::enumerate(file.tensorTable))
    file.tensorIndex[tensor.name] = index;
  checkOverlap();
}

void Parser::checkOverlap() {
  std::vector<const Tensor *> order;
  for (const Tensor &tensor : file.tensorTable)
    order.push_back(&tensor);
  llvm::sort(order, [](const Tensor *a, const Tensor *b) {
    return a->offset != b->offset ? a->offset < b->offset : a < b; // equal offsets in the order of the table
  });
  const Tensor *furthest = nullptr;
  for (const Tensor *tensor : order) {
    if (furthest && tensor->offset < furthest->offset + furthest->bytes)
      diagnostics.report(tensor->name, "shares bytes of the file with " + furthest->name);
    if (!furthest || tensor->offset + tensor->bytes > furthest->offset + furthest->bytes)
      furthest = tensor;
  }
}

std::unique_ptr<File> File::parse(std::unique_ptr<llvm::MemoryBuffer> buffer, Diagnostics &diagnostics) {
  auto file = std::make_unique<File>();
  file->buffer = std::move(buffer);
  return Parser(*file, diagnostics).run() ? std::move(file) : nullptr;
}

std::unique_ptr<File> File::open(StringRef path, Diagnostics &diagnostics) {
  llvm::sys::fs::file_status status;
  std::error_code error = llvm::sys::fs::status(path, status);
  if (!error && status.type() == llvm::sys::fs::file_type::directory_file)
    error = std::make_error_code(std::errc::is_a_directory);
  if (error) {
    diagnostics.report("", "cannot be opened: " + error.message());
    return nullptr;
  }
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) {
    diagnostics.report("", "cannot be read: " + buffer.getError().message());
    return nullptr;
  }
  return parse(std::move(*buffer), diagnostics);
}

const Value *File::find(StringRef key) const {
  auto found = keyIndex.find(key);
  return found == keyIndex.end() ? nullptr : &pairs[found->second].second;
}

const Tensor *File::findTensor(StringRef name) const {
  auto found = tensorIndex.find(name);
  return found == tensorIndex.end() ? nullptr : &tensorTable[found->second];
}
