//===- Folder.cpp - a folder of a model as save_pretrained writes it ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Folder.h"

#include "tenon/frontends/huggingface/Codings.h"
#include "tenon/frontends/huggingface/Safetensors.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace tenon;
using namespace tenon::huggingface;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::json;

/// The largest JSON file that is read; the largest index in use has some megabytes.
static constexpr uint64_t mostTextBytes = uint64_t{64} << 20;

std::string Folder::inFolder(StringRef name) const {
  llvm::SmallString<256> full(path);
  llvm::sys::path::append(full, name);
  return std::string(full);
}

bool Folder::has(StringRef name) const {
  return llvm::sys::fs::exists(inFolder(name));
}

static std::unique_ptr<llvm::MemoryBuffer> readFile(StringRef full, StringRef name, Diagnostics &diagnostics) {
  uint64_t size = 0;
  std::error_code error = llvm::sys::fs::file_size(full, size);
  if (!error && size > mostTextBytes) {
    diagnostics.report(name, "expects at most " + Twine(mostTextBytes) + " bytes, but got " + Twine(size));
    return nullptr;
  }
  auto buffer = llvm::MemoryBuffer::getFile(full, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (buffer)
    return std::move(*buffer);
  diagnostics.report(name, "cannot be read: " + buffer.getError().message());
  return nullptr;
}

std::unique_ptr<llvm::MemoryBuffer> Folder::readText(StringRef name, Diagnostics &diagnostics) const {
  return readFile(inFolder(name), name, diagnostics);
}

std::unique_ptr<Folder> Folder::open(StringRef path, Diagnostics &diagnostics) {
  llvm::SmallString<256> full(path);
  llvm::sys::path::append(full, "config.json");
  if (!llvm::sys::fs::exists(full)) {
    diagnostics.report("", "is a folder without a config.json: expects a folder as save_pretrained writes it");
    return nullptr;
  }
  std::unique_ptr<llvm::MemoryBuffer> text = readFile(full, "config.json", diagnostics);
  std::optional<Config> config = text ? Config::parse(text->getBuffer(), "config.json", diagnostics) : std::nullopt;
  if (!config)
    return nullptr;
  std::unique_ptr<Folder> folder(new Folder(path, std::move(*config)));
  for (StringRef key : {"architectures[0]", "model_type"})
    if (std::optional<ConfigValue> value = folder->config.find(key); value && value->text && folder->architectureName.empty())
      folder->architectureName = *value->text;
  folder->readTensors(diagnostics);
  decodeOnImport(folder->table, folder->config, diagnostics);
  folder->index.clear();
  for (auto [at, tensor] : llvm::enumerate(folder->table))
    folder->index[tensor.name] = at;
  folder->readEndTokens(diagnostics);
  return folder;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

void Folder::readTensors(Diagnostics &diagnostics) {
  if (has("model.safetensors"))
    return readShard("model.safetensors", diagnostics);
  if (has("model.safetensors.index.json"))
    return readIndex(diagnostics);
  assumes = true;
  if (has("pytorch_model.bin") || has("pytorch_model.bin.index.json"))
    diagnostics.report("pytorch_model.bin", "is a pickle, which could run any code: expects model.safetensors; save the model again with "
                                            "safe_serialization=True");
}

/// Reads the header of a file of tensors, not its data.
void Folder::readShard(StringRef name, Diagnostics &diagnostics) {
  std::string full = inFolder(name);
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(full, status))
    return diagnostics.report(name, "cannot be opened: " + error.message());
  auto start = llvm::MemoryBuffer::getFileSlice(full, std::min<uint64_t>(8, status.getSize()), 0);
  if (!start)
    return diagnostics.report(name, "cannot be read: " + start.getError().message());
  uint64_t bytes = safetensorsHeaderBytes((*start)->getBuffer(), status.getSize());
  auto header = llvm::MemoryBuffer::getFileSlice(full, std::max<uint64_t>(bytes, (*start)->getBufferSize()), 0);
  if (!header)
    return diagnostics.report(name, "cannot be read: " + header.getError().message());
  for (SourceTensor &tensor : readSafetensors((*header)->getBuffer(), status.getSize(), full, diagnostics)) {
    if (!index.try_emplace(tensor.name, table.size()).second)
      diagnostics.report(tensor.name, "is in " + name + " and in another file");
    else
      table.push_back(std::move(tensor));
  }
}

/// A file's name that stays in the folder.
static bool isPlainName(StringRef name) {
  return !name.empty() && name != "." && name != ".." && !name.contains('/') && !name.contains('\\') && !name.contains('\0');
}

void Folder::readIndex(Diagnostics &diagnostics) {
  StringRef name = "model.safetensors.index.json";
  std::unique_ptr<llvm::MemoryBuffer> text = readText(name, diagnostics);
  std::optional<Config> parsed = text ? Config::parse(text->getBuffer(), name, diagnostics) : std::nullopt;
  if (!parsed)
    return;
  const Json *map = parsed->value("weight_map");
  if (!map || !map->is_object())
    return diagnostics.report(name, "expects weight_map, an object of files by tensor");
  llvm::StringSet<> shards, wrong;
  for (const auto &[tensor, file] : map->items()) {
    std::string shard = file.is_string() ? file.get<std::string>() : file.dump();
    if (!file.is_string() || !isPlainName(shard)) {
      diagnostics.report(tensor, "expects the name of a file in the folder, but got " + StringRef(shard).take_front(80).str());
      continue;
    }
    if (!shards.insert(shard).second)
      continue;
    size_t before = diagnostics.count();
    readShard(shard, diagnostics);
    if (diagnostics.count() != before)
      wrong.insert(shard);
  }
  for (const auto &[tensor, file] : map->items())
    if (file.is_string() && isPlainName(file.get<std::string>()) && !wrong.contains(file.get<std::string>()) && !findTensor(tensor))
      diagnostics.report(tensor, "is missing: " + name + " says that it is in " + file.get<std::string>());
}

const SourceTensor *Folder::findTensor(StringRef name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &table[found->second];
}

const SourceTensor *Folder::assumeTensor(StringRef name, llvm::ArrayRef<int64_t> shape) const {
  std::unique_ptr<SourceTensor> &tensor = assumed[name];
  if (!tensor) {
    std::string dtype;
    for (StringRef key : {"dtype", "torch_dtype"})
      if (std::optional<ConfigValue> value = config.find(key); value && value->text && dtype.empty())
        dtype = *value->text;
    StringRef format = llvm::StringSwitch<StringRef>(dtype).Case("bfloat16", "bf16").Case("float16", "f16").Default("f32");
    uint64_t bytes = format == "f32" ? 4 : 2;
    for (int64_t size : shape)
      bytes *= static_cast<uint64_t>(size);
    tensor = std::make_unique<SourceTensor>(
        SourceTensor{name.str(), format.str(), llvm::SmallVector<int64_t, 4>(shape), inFolder("model.safetensors"), 0, bytes});
  }
  return tensor.get();
}

std::optional<std::vector<float>> Folder::readSmall(const SourceTensor &tensor) const {
  ParameterSource whole;
  whole.name = tensor.name;
  whole.format = "f32";
  whole.shape = tensor.shape;
  whole.pieces.push_back({&tensor, {}});
  return tenon::readSmall(whole);
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

/// The ids of a number or of an array of numbers.
static void readIds(const Json *value, StringRef where, std::vector<int64_t> &ids, Diagnostics &diagnostics) {
  Json list = value->is_array() ? *value : Json::array({*value});
  for (const Json &id : list) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() > INT32_MAX)
      return diagnostics.report(where, "expects token ids, but got " + StringRef(id.dump()).take_front(80).str());
    if (auto token = static_cast<int64_t>(id.get<uint64_t>()); !llvm::is_contained(ids, token))
      ids.push_back(token);
  }
}

void Folder::readEndTokens(Diagnostics &diagnostics) {
  std::optional<Config> generation;
  if (has("generation_config.json"))
    if (std::unique_ptr<llvm::MemoryBuffer> text = readText("generation_config.json", diagnostics))
      generation = Config::parse(text->getBuffer(), "generation_config.json", diagnostics);
  if (const Json *value = generation ? generation->value("eos_token_id") : nullptr)
    return readIds(value, "generation_config.json: eos_token_id", ends, diagnostics);
  if (const Json *value = config.value("eos_token_id"))
    readIds(value, "eos_token_id", ends, diagnostics);
}

//===----------------------------------------------------------------------===//
// The licence
//===----------------------------------------------------------------------===//

std::string Folder::license() const {
  Diagnostics unread; // a model card is no part of the model
  std::unique_ptr<llvm::MemoryBuffer> text = has("README.md") ? readText("README.md", unread) : nullptr;
  StringRef rest = text ? text->getBuffer() : StringRef();
  if (!rest.consume_front("---"))
    return "";
  for (rest = rest.split('\n').second; !rest.empty() && !rest.starts_with("---"); rest = rest.split('\n').second)
    if (StringRef line = rest.split('\n').first; line.consume_front("license:"))
      return line.trim(" \t\r\"'").str();
  return "";
}
