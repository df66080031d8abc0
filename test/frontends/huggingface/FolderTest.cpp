//===- FolderTest.cpp - folders of models: shards, tokens, licence ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Folder.h"
#include "Files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::huggingface;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char *config = R"({"architectures": ["SomeModel"], "model_type": "some", "torch_dtype": "bfloat16", "eos_token_id": 9})";

/// A file of tensors of four bytes each.
std::string fileOf(std::initializer_list<const char *> names) {
  std::string header;
  size_t end = 0;
  for (const char *name : names) {
    header += (header.empty() ? "{\"" : ", \"") + std::string(name) + R"(": {"dtype": "F32", "shape": [1], "data_offsets": [)" +
              std::to_string(end) + ", " + std::to_string(end + 4) + "]}";
    end += 4;
  }
  return safetensorsFile(header + "}", end);
}

class FolderTest : public testing::Test {
protected:
  void SetUp() override { files.write("config.json", config); }

  std::unique_ptr<Folder> open() {
    Diagnostics diagnostics;
    std::unique_ptr<Folder> folder = Folder::open(files.path, diagnostics);
    problems = printed(diagnostics);
    EXPECT_TRUE(folder || !problems.empty());
    return folder;
  }

  void writeIndex(const std::string &map) { files.write("model.safetensors.index.json", "{\"weight_map\": " + map + "}"); }

  TemporaryFolder files;
  std::string problems;
};

TEST_F(FolderTest, OneFile) {
  files.write("model.safetensors", fileOf({"a", "b"}));
  std::unique_ptr<Folder> folder = open();
  EXPECT_EQ(problems, "");
  EXPECT_EQ(folder->format(), "huggingface");
  EXPECT_EQ(folder->architecture(), "SomeModel");
  EXPECT_EQ(folder->tensors().size(), 2u);
  EXPECT_EQ(folder->findTensor("b"), &folder->tensors()[1]);
  EXPECT_EQ(folder->findTensor("c"), nullptr);
  EXPECT_FALSE(folder->assumesTensors());
  EXPECT_EQ(folder->readSmall(*folder->findTensor("a")), std::vector<float>{0});
}

TEST_F(FolderTest, Shards) {
  files.write("one.safetensors", fileOf({"a"})).write("two.safetensors", fileOf({"b", "c"}));
  writeIndex(R"({"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"})");
  std::unique_ptr<Folder> folder = open();
  EXPECT_EQ(problems, "");
  ASSERT_EQ(folder->tensors().size(), 3u);
  EXPECT_EQ(folder->findTensor("a")->path, files.path + "/one.safetensors");
  EXPECT_EQ(folder->findTensor("c")->path, files.path + "/two.safetensors");
}

TEST_F(FolderTest, AbsentShardIsOneMessage) {
  files.write("one.safetensors", fileOf({"a"}));
  writeIndex(R"({"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"})");
  open();
  EXPECT_THAT(problems, HasSubstr("two.safetensors: cannot be opened"));
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 1);
}

TEST_F(FolderTest, ShardsStayInTheFolder) {
  TemporaryFolder other;
  other.write("x.safetensors", fileOf({"a", "b", "c", "d", "e"}));
  for (const std::string &name :
       {"../" + std::filesystem::path(other.path).filename().string() + "/x.safetensors", other.path + "/x.safetensors", std::string(".."),
        std::string("."), std::string(), std::string(R"(..\\x)"), std::string(R"(one\u0000)")}) {
    writeIndex(R"({"a": ")" + name + R"("})");
    std::unique_ptr<Folder> folder = open();
    EXPECT_THAT(problems, HasSubstr("a: expects the name of a file in the folder, but got ")) << name;
    EXPECT_TRUE(!folder || folder->tensors().empty()) << name;
  }
}

TEST_F(FolderTest, IndexOfOtherForms) {
  for (const char *map : {"[]", "1", "null"}) {
    writeIndex(map);
    open();
    EXPECT_THAT(problems, HasSubstr("model.safetensors.index.json: expects weight_map, an object of files by tensor")) << map;
  }
  writeIndex(R"({"a": 3})");
  open();
  EXPECT_THAT(problems, HasSubstr("a: expects the name of a file in the folder, but got 3"));
  files.write("model.safetensors.index.json", "{");
  open();
  EXPECT_THAT(problems, HasSubstr("model.safetensors.index.json: expects a JSON object"));
}

TEST_F(FolderTest, TensorOfTwoShards) {
  files.write("one.safetensors", fileOf({"a", "b"})).write("two.safetensors", fileOf({"b"}));
  writeIndex(R"({"a": "one.safetensors", "b": "two.safetensors"})");
  open();
  EXPECT_THAT(problems, HasSubstr("b: is in two.safetensors and in another file"));
}

TEST_F(FolderTest, TensorThatNoShardHas) {
  files.write("one.safetensors", fileOf({"a"}));
  writeIndex(R"({"a": "one.safetensors", "b": "one.safetensors"})");
  open();
  EXPECT_THAT(problems, HasSubstr("b: is missing: model.safetensors.index.json says that it is in one.safetensors"));
}

TEST_F(FolderTest, DamagedShardIsNotToldTwice) {
  files.write("one.safetensors", "short");
  writeIndex(R"({"a": "one.safetensors"})");
  open();
  EXPECT_THAT(problems, AllOf(HasSubstr("one.safetensors: expects a safetensors file"), Not(HasSubstr("is missing"))));
}

TEST_F(FolderTest, EmptyFileOfTensors) {
  files.write("model.safetensors", "");
  open();
  EXPECT_THAT(problems, HasSubstr("model.safetensors: expects a safetensors file"));
}

TEST_F(FolderTest, FolderInPlaceOfAFile) {
  std::filesystem::create_directory(files.path + "/model.safetensors");
  open();
  EXPECT_THAT(problems, HasSubstr("model.safetensors: "));
}

TEST_F(FolderTest, PicklesAreNotRead) {
  files.write("pytorch_model.bin", "x");
  open();
  EXPECT_THAT(problems, HasSubstr("pytorch_model.bin: is a pickle, which could run any code: expects model.safetensors"));
  files.write("model.safetensors", fileOf({"a"}));
  open();
  EXPECT_EQ(problems, "") << "beside safetensors it is left alone";
}

TEST_F(FolderTest, ConfigurationAlone) {
  std::unique_ptr<Folder> folder = open();
  EXPECT_EQ(problems, "");
  ASSERT_TRUE(folder->assumesTensors());
  const SourceTensor *tensor = folder->assumeTensor("x", {3, 5});
  EXPECT_EQ(tensor->format, "bf16");
  EXPECT_EQ(tensor->bytes, 30u);
  EXPECT_EQ(folder->assumeTensor("x", {3, 5}), tensor);
}

TEST_F(FolderTest, NoConfiguration) {
  TemporaryFolder empty;
  Diagnostics diagnostics;
  EXPECT_EQ(Folder::open(empty.path, diagnostics), nullptr);
  EXPECT_THAT(printed(diagnostics), HasSubstr("is a folder without a config.json"));
  files.write("config.json", "[]");
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(problems, HasSubstr("config.json: expects a JSON object"));
}

TEST_F(FolderTest, ArchitectureOfTheModelType) {
  files.write("config.json", R"({"model_type": "some"})");
  EXPECT_EQ(open()->architecture(), "some");
}

TEST_F(FolderTest, EndTokens) {
  EXPECT_THAT(open()->endTokens(), ElementsAre(9));
  files.write("generation_config.json", R"({"eos_token_id": [3, 5, 3]})");
  EXPECT_THAT(open()->endTokens(), ElementsAre(3, 5));
  EXPECT_EQ(problems, "");
  files.write("generation_config.json", R"({"eos_token_id": null})");
  EXPECT_THAT(open()->endTokens(), ElementsAre(9));
  for (const char *ids : {"-1", "\"x\"", "[1, 2.5]", "2147483648", "{}", "[[1]]"}) {
    files.write("generation_config.json", "{\"eos_token_id\": " + std::string(ids) + "}");
    open();
    EXPECT_THAT(problems, HasSubstr("generation_config.json: eos_token_id: expects token ids")) << ids;
  }
  files.write("generation_config.json", "{");
  open();
  EXPECT_THAT(problems, HasSubstr("generation_config.json: expects a JSON object"));
}

TEST_F(FolderTest, Licence) {
  EXPECT_EQ(open()->license(), "");
  const std::pair<const char *, const char *> cards[] = {
      {"---\nlanguage: en\nlicense: apache-2.0\n---\ntext", "apache-2.0"},
      {"---\r\nlicense: \"mit\"\r\n---\r\n", "mit"},
      {"---\nlanguage: en\n---\nlicense: mit\n", ""},
      {"license: mit\n", ""},
      {"---\nlicense: mit", "mit"},
      {"---", ""},
      {"", ""},
  };
  for (auto [text, license] : cards) {
    files.write("README.md", text);
    EXPECT_EQ(open()->license(), license) << text;
  }
}

} // namespace
