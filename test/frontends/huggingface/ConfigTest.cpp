//===- ConfigTest.cpp - keys of a config.json ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/huggingface/Config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tenon;
using namespace tenon::huggingface;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

namespace {

Config parseGood(llvm::StringRef text) {
  Diagnostics diagnostics;
  std::optional<Config> config = Config::parse(text, "config.json", diagnostics);
  EXPECT_TRUE(config && diagnostics.empty()) << text.str();
  return config ? *config : *Config::parse("{}", "", diagnostics);
}

/// The one message that the text gives.
std::string parseBad(llvm::StringRef text) {
  Diagnostics diagnostics;
  EXPECT_FALSE(Config::parse(text, "config.json", diagnostics)) << text.take_front(80).str();
  if (diagnostics.count() != 1)
    return std::to_string(diagnostics.count()) + " problems";
  return diagnostics.problems()[0].path + ": " + diagnostics.problems()[0].message;
}

std::vector<std::string> keys(const Config &config) {
  std::vector<std::string> result;
  config.forEachKey([&](llvm::StringRef key) { result.push_back(key.str()); });
  return result;
}

// Python writes infinite limits in two ways that are not numbers of JSON; a string that says so stays one.
TEST(Config, InfinityIsNoLimit) {
  for (llvm::StringRef limit : {"Infinity", "-Infinity", R"({"__float__": "Infinity"})"}) {
    Config config = parseGood((R"({"time_step_limit": [0.5, )" + limit + R"(], "name": "an \"Infinity\" of"})").str());
    EXPECT_EQ(config.find("time_step_limit[0]")->real, 0.5);
    EXPECT_FALSE(config.find("time_step_limit[1]"));
    EXPECT_EQ(config.find("name")->text, "an \"Infinity\" of");
  }
}

TEST(Config, NestedMembersHaveDottedKeys) {
  Config config = parseGood(R"({"a": 1, "rope_scaling": {"factor": 2.5, "deep": {"x": "y"}}, "empty": {}})");
  EXPECT_THAT(keys(config), UnorderedElementsAre("a", "rope_scaling.factor", "rope_scaling.deep.x", "empty"));
  EXPECT_EQ(config.find("a")->size, 1u);
  EXPECT_EQ(config.find("rope_scaling.factor")->real, 2.5);
  EXPECT_EQ(config.find("rope_scaling.deep.x")->text, "y");
  EXPECT_FALSE(config.find("rope_scaling.none"));
  EXPECT_FALSE(config.find("a.b"));
}

TEST(Config, TextConfigStandsBesideTheRest) {
  Config config = parseGood(R"({"architectures": ["Whole"], "model_type": "whole", "hidden_size": 1, "vision": {"hidden_size": 7},
                               "text_config": {"architectures": ["Part"], "model_type": "part", "hidden_size": 2, "layers": 3}})");
  EXPECT_THAT(keys(config), UnorderedElementsAre("architectures", "model_type", "hidden_size", "layers", "vision.hidden_size"));
  EXPECT_EQ(config.find("hidden_size")->size, 2u);
  EXPECT_EQ(config.find("layers")->size, 3u);
  EXPECT_EQ(config.find("architectures[0]")->text, "Whole");
  EXPECT_EQ(config.find("model_type")->text, "whole");
}

TEST(Config, TextConfigThatIsNoObjectIsAKey) {
  EXPECT_EQ(parseGood(R"({"text_config": "none"})").find("text_config")->text, "none");
}

TEST(Config, NullIsAbsent) {
  Config config = parseGood(R"({"a": null, "b": {"c": null, "d": 1}, "e": [null, 4]})");
  EXPECT_THAT(keys(config), UnorderedElementsAre("b.d", "e"));
  EXPECT_FALSE(config.find("a"));
  EXPECT_FALSE(config.find("b.c"));
  EXPECT_FALSE(config.find("e[0]"));
  EXPECT_EQ(config.find("e[1]")->size, 4u);
}

TEST(Config, ElementsHaveKeysInBrackets) {
  Config config = parseGood(R"({"types": ["full", "slide"], "rows": [[1, 2], [3]], "list": [{"x": 5}], "one": 8})");
  EXPECT_EQ(config.find("types[1]")->text, "slide");
  EXPECT_EQ(config.find("rows[0][1]")->size, 2u);
  EXPECT_EQ(config.find("list[0].x")->size, 5u);
  EXPECT_EQ(config.find("one[17]")->size, 8u) << "a value that is no array stands for all elements";
  for (const char *key : {"types[2]", "types[-1]", "types[", "types[1", "types[x]", "types[99999999999999999999999]", "list[0][0].y"})
    EXPECT_FALSE(config.find(key)) << key;
}

TEST(Config, ValuesAreEverythingThatTheyCanBeReadAs) {
  Config config = parseGood(R"({"t": true, "big": 18446744073709551615, "whole": 1e4, "half": 0.5, "minus": -1, "same": [4, 4, 4],
                               "mixed": [4, 5], "none": [], "long": ")" +
                            std::string(100, 'x') + R"("})");
  EXPECT_EQ(config.find("t")->size, 1u);
  EXPECT_EQ(config.find("t")->description, "true");
  EXPECT_EQ(config.find("big")->size, 18446744073709551615u);
  EXPECT_EQ(config.find("whole")->size, 10000u);
  EXPECT_FALSE(config.find("half")->size);
  EXPECT_EQ(config.find("half")->real, 0.5);
  EXPECT_FALSE(config.find("minus")->size);
  EXPECT_EQ(config.find("minus")->real, -1);
  EXPECT_EQ(config.find("same")->size, 4u);
  EXPECT_EQ(config.find("same")->count, 3u);
  EXPECT_FALSE(config.find("mixed")->size);
  EXPECT_EQ(config.find("none")->count, 0u);
  EXPECT_FALSE(config.find("none")->size);
  EXPECT_EQ(config.find("long")->description, "\"" + std::string(60, 'x') + "...\"");
}

TEST(Config, WhatIsNoJsonObjectIsAMessage) {
  for (const char *text :
       {"", "[1]", "7", "{", "{\"a\": }", "{\"a\": NaN}", "{\"a\": Infinite}", "{\"a\": 1} x", "\"\\ud800\"", "\xff\xfe{"})
    EXPECT_EQ(parseBad(text), "config.json: expects a JSON object") << text;
}

TEST(Config, NestingIsBounded) {
  auto nested = [](int levels) {
    std::string open, close;
    for (int i = 0; i < levels; ++i) {
      open += "{\"a\":";
      close += "}";
    }
    return open + "1" + close;
  };
  parseGood(nested(30));
  EXPECT_THAT(parseBad(nested(40)), HasSubstr("nests deeper than 32 levels"));
  EXPECT_THAT(parseBad(nested(200000)), HasSubstr("nests deeper than 32 levels"));
  EXPECT_THAT(parseBad("{\"a\":" + std::string(100000, '[')), HasSubstr("config.json: "));
}

} // namespace
