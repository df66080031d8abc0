//===- Print.cpp - an artifact as text and as JSON ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manifest may come from another version or from anywhere; what is missing or of another kind is left out.
//
//===----------------------------------------------------------------------===//

#include "Artifact.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace tenon::inspect {

static json::Array members(const Artifact &artifact) {
  json::Array array;
  for (const tenon_archive_member &member : artifact.members())
    array.push_back(json::Object{{"name", json::fixUTF8(member.name)},
                                 {"offset", artifact.offsetOf(member)},
                                 {"bytes", uint64_t(member.size)},
                                 {"crc32", int64_t(member.crc)}});
  return array;
}

void printJson(raw_ostream &stream, const Artifact &artifact) {
  json::Object object{{"bytes", artifact.size()},
                      {"members", members(artifact)},
                      {"manifest", json::Object(artifact.manifest)},
                      {"provenance", json::Object(artifact.provenance)}};
  stream << formatv("{0:2}\n", json::Value(std::move(object)));
}

/// A string, number or truth value as it reads; empty for anything else.
static std::string scalar(const json::Value *value) {
  if (!value)
    return "";
  if (auto text = value->getAsString())
    return text->str();
  return value->getAsObject() || value->getAsArray() || value->getAsNull() ? "" : formatv("{0}", *value).str();
}
static std::string field(const json::Object &object, StringRef name) { return scalar(object.get(name)); }

/// Calls `visit` with every object of an array member.
static void forEach(const json::Object &object, StringRef name, function_ref<void(const json::Object &)> visit) {
  if (const json::Array *array = object.getArray(name))
    for (const json::Value &value : *array)
      if (const json::Object *element = value.getAsObject())
        visit(*element);
}

static std::string shape(const json::Object &object) {
  std::string text = "[";
  if (const json::Array *dims = object.getArray("shape"))
    text += join(map_range(*dims, [](const json::Value &dim) { return scalar(&dim); }), ", ");
  return text + "]";
}

/// "tokens: i32[tokens], ..."
static std::string tensors(const json::Object &entry, StringRef name) {
  SmallVector<std::string> texts;
  forEach(entry, name,
          [&](const json::Object &tensor) { texts.push_back(field(tensor, "name") + ": " + field(tensor, "dtype") + shape(tensor)); });
  return join(texts, ", ");
}

static void printEntries(raw_ostream &stream, const json::Object &manifest) {
  stream << "\nentries\n";
  forEach(manifest, "entries", [&](const json::Object &entry) {
    stream << "  " << field(entry, "name") << '(' << tensors(entry, "inputs") << ") -> (" << tensors(entry, "outputs") << ')';
    if (const json::Object *arena = entry.getObject("arena"))
      stream << ", arena " << field(*arena, "bytes") << " + " << field(*arena, "bytes_per_token") << " * tokens bytes";
    stream << (entry.getBoolean("stateful").value_or(false) ? ", stateful\n" : "\n");
  });
}

static void printStates(raw_ostream &stream, const json::Object &manifest) {
  stream << "\nstates\n";
  forEach(manifest, "states", [&](const json::Object &state) {
    stream << "  " << field(state, "name") << ": " << field(state, "type") << ", " << field(state, "kind") << ", " << field(state, "bytes")
           << " bytes";
    if (std::string positions = field(state, "positions"); !positions.empty())
      stream << " for each " << positions << " positions";
    stream << '\n';
  });
}

static void printWeights(raw_ostream &stream, const json::Object &manifest) {
  stream << "\nweights     offset       bytes  format                shape           name\n";
  forEach(manifest, "weights", [&](const json::Object &weight) {
    stream << formatv("{0,18}{1,12}  {2,-20}  {3,-14}  {4}\n", field(weight, "offset"), field(weight, "bytes"), field(weight, "format"),
                      shape(weight), field(weight, "name"));
  });
}

static void printGeneration(raw_ostream &stream, const json::Object &manifest) {
  const json::Object *generate = manifest.getObject("generate");
  if (!generate)
    return;
  stream << "generate    vocabulary " << field(*generate, "vocabulary") << ", context " << field(*generate, "context");
  if (std::string bos = field(*generate, "bos"); !bos.empty())
    stream << ", begins with " << bos;
  if (const json::Array *eos = generate->getArray("eos"))
    stream << ", ends with " << join(map_range(*eos, [](const json::Value &token) { return scalar(&token); }), ", ");
  stream << '\n';
}

void printText(raw_ostream &stream, const Artifact &artifact, StringRef path) {
  const json::Object &manifest = artifact.manifest;
  stream << "artifact    " << path << ", " << artifact.size() << " bytes, ABI " << field(manifest, "abi") << '\n';
  stream << "model       " << field(manifest, "name") << ", " << field(manifest, "parameters") << " parameters\n";
  if (const json::Object *source = artifact.provenance.getObject("source"))
    stream << "source      " << field(*source, "file") << ", " << field(*source, "hash") << ", licence "
           << (field(*source, "license").empty() ? "not stated" : field(*source, "license")) << '\n';
  stream << "compiler    " << field(manifest, "compiler") << '\n';
  SmallVector<std::string> codes;
  forEach(manifest, "code",
          [&](const json::Object &code) { codes.push_back(field(code, "target") + " (" + field(code, "bytes") + " bytes)"); });
  stream << "code        " << join(codes, ", ") << '\n';
  const json::Object *golden = manifest.getObject("golden");
  stream << "golden      " << (golden ? "made by " + field(*golden, "made_by") : "none") << '\n';
  printGeneration(stream, manifest);

  stream << "\nmembers     offset       bytes  name\n";
  for (const tenon_archive_member &member : artifact.members())
    stream << formatv("{0,18}{1,12}  {2}\n", artifact.offsetOf(member), member.size, member.name);
  printEntries(stream, manifest);
  printStates(stream, manifest);
  printWeights(stream, manifest);
}

} // namespace tenon::inspect
