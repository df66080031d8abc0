//===- TemplateTest.cpp - templates against Jinja ------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What transformers renders (tools/dev/make-template-golden), and what templates may cost.

#include "Golden.h"

extern "C" {
#include "tenon/runtime/text/template/template.h"
}

#include <chrono>
#include <fstream>

using namespace tenon;
using namespace tenon::test;

namespace {
struct Rendering {
  int32_t code;
  std::string text; /// or the message of the failure
};
} // namespace

static text_span span(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

static Rendering finish(template_run *run) {
  char *text = nullptr;
  size_t size = 0;
  tenon_status status = template_render(run, &text, &size);
  Rendering result = {status.code, status.code ? status.msg : std::string(text, size)};
  if (!status.code)
    tenon_text_free(text);
  template_end(run);
  return result;
}

/// Renders with the members of a JSON object as variables.
static Rendering render(const std::string &source, const std::string &json = "{}", template_limits limits = {8000000, 64 << 20}) {
  template_run *run = template_begin(span(source), limits);
  EXPECT_NE(run, nullptr);
  template_value variables = template_read_json(run, span(json), "the variables");
  EXPECT_EQ(template_status(run).code, TENON_OK) << template_status(run).msg;
  for (size_t i = 0; i < variables.dict->count; ++i)
    template_define(run, variables.dict->entries[i].key.string, variables.dict->entries[i].value);
  return finish(run);
}

static Rendering renderChat(const std::string &chatTemplate, const std::string &json) {
  TokenizerModel model;
  model.kind = TokenizerKind::SentencePiece;
  model.tokens = {"<unk>", "<s>", "</s>"};
  model.types = {2, 3, 3};
  model.scores = {0, 0, 0};
  model.bos = 1;
  model.eos = 2;
  model.unk = 0;
  model.chatTemplate = chatTemplate;
  OpenTokenizer tokenizer(model);
  char *text = nullptr;
  size_t size = 0;
  tenon_status status = tenon_chat_render_json(tokenizer, json.data(), json.size(), 0, &text, &size);
  Rendering result = {status.code, status.code ? status.msg : std::string(text, size)};
  if (!status.code)
    tenon_text_free(text);
  return result;
}

static std::string readFile(const std::string &name) {
  std::ifstream file("Inputs/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Expressions and statements of every kind print what Jinja prints; what it refuses is refused.
TEST(TemplateTest, ExpressionsMatchJinja) {
  nlohmann::json golden = readGolden("template-expressions.json");
  ASSERT_GE(golden.size(), 400u);
  std::string variables = readFile("variables.json");
  for (const nlohmann::json &one : golden) {
    Rendering got = render(one[0], variables);
    EXPECT_EQ(got.code == TENON_OK, !one[1].is_null()) << one << got.text;
    if (got.code == TENON_OK && !one[1].is_null())
      EXPECT_EQ(got.text, one[1].get<std::string>()) << one[0];
  }
}

// Templates in the style of model families, each with every conversation.
TEST(TemplateTest, RenderingsMatchTransformers) {
  nlohmann::json golden = readGolden("template-renderings.json");
  nlohmann::ordered_json conversations = nlohmann::ordered_json::parse(readFile("conversations.json"));
  ASSERT_GE(golden.size(), 25u);
  ASSERT_GE(conversations.size(), 6u);
  for (const auto &[name, chats] : golden.items()) {
    std::string source = readFile("templates/" + name + ".jinja");
    for (const auto &[chat, text] : chats.items()) {
      Rendering got = renderChat(source, conversations[chat].dump());
      EXPECT_EQ(got.code == TENON_OK, !text.is_null()) << name << ' ' << chat << ": " << got.text;
      if (got.code == TENON_OK && !text.is_null())
        EXPECT_EQ(got.text, text.get<std::string>()) << name << ' ' << chat;
    }
  }
}

static std::string failure(const std::string &source, int32_t code = TENON_UNSUPPORTED) {
  Rendering got = render(source);
  EXPECT_EQ(got.code, code) << source << got.text;
  return got.text.substr(0, got.text.find_last_not_of('\n') + 1);
}

// What is not there is named, with its line.
TEST(TemplateTest, NamesWhatItRefuses) {
  const std::string line = "the chat template, line ";
  EXPECT_EQ(failure("a\n\n{{ 1 | foo }}"), line + "3: unknown filter 'foo'");
  EXPECT_EQ(failure("{{ 1 is foo }}"), line + "1: unknown test 'foo'");
  EXPECT_EQ(failure("\n{% include 'x' %}"), line + "2: unknown statement 'include'");
  EXPECT_EQ(failure("{{ lipsum() }}"), line + "1: a call of 'lipsum', which is undefined");
  EXPECT_EQ(failure("{{ x.y }}"), line + "1: 'x' is undefined");
  EXPECT_EQ(failure("{{ [1].append(2) }}"), line + "1: the sandbox forbids 'append'");
  EXPECT_EQ(failure("{% if 1 %}\n{% for x in y %}\n{% endfor %}"), line + "1: a block that does not end: expects 'endif'");
  EXPECT_EQ(failure("\n{% endfor %}"), line + "2: nothing is open for 'endfor'");
  EXPECT_EQ(failure("{{ 'abc }}"), line + "1: a string that does not end");
  EXPECT_EQ(failure("{{ 1 2 }}"), line + "1: expects the end of the output, but got '2'");
  EXPECT_EQ(failure("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}"), line + "1: the macro 'f' takes 1 arguments, but got 2");
  EXPECT_EQ(failure("{{ 'a' | replace('a') }}"), line + "1: 'replace' needs the argument 'new'");
  EXPECT_EQ(failure("{{ 9223372036854775807 + 1 }}"), line + "1: an integer beyond 64 bits");
  EXPECT_EQ(failure("{{ raise_exception('no ' ~ 1) }}", TENON_USAGE), line + "1: the template refuses these messages: no 1");
}

// Templates cannot take memory, time or stack at will.
TEST(TemplateTest, BoundsItsWork) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string loop = "{% for a in range(100000) %}", twice = "{% for a in range(9999) %}{% for b in range(9999) %}x";
  EXPECT_EQ(render("{% for a in range(1000000000) %}{% endfor %}").code, TENON_RESOURCE);
  EXPECT_EQ(render(twice + "{% endfor %}{% endfor %}").code, TENON_RESOURCE);
  EXPECT_EQ(render(loop + "{% set x = range(100000) | list %}{% endfor %}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{{ 'x' * 99999999999 }}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{{ [1] * 99999999999 }}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{{ '%999999999d' | format(1) }}{{ 'x'.ljust(999999999) }}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{% set ns = namespace(x='ab') %}" + loop + "{% set ns.x = ns.x + ns.x %}{% endfor %}").code, TENON_RESOURCE);
  EXPECT_EQ(render("{% set ns = namespace(x=[]) %}" + loop + "{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}").code, TENON_RESOURCE);
  for (const char *open : {"(", "[", "{1:", "not ", "- ", "{% if 1 %}", "x[", "f(", "1 if "}) {
    std::string nested;
    for (int i = 0; i < 20000; ++i)
      nested += open;
    EXPECT_NE(render("{{ " + nested).code, TENON_OK);
    EXPECT_NE(render(nested).code == TENON_OK, open[0] == '{' && open[1] == '%');
  }
  std::string sum = "{{ 1";
  for (int i = 0; i < 20000; ++i)
    sum += "+1";
  EXPECT_EQ(render(sum + " }}").code, TENON_RESOURCE);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// Wherever the limits strike, the rendering ends with their failure, and gives everything back.
TEST(TemplateTest, StopsAtAnyStep) {
  std::string source = readFile("templates/harmony-style.jinja");
  std::string chat = nlohmann::ordered_json::parse(readFile("conversations.json"))["parallel_calls"].dump();
  Rendering whole = render(source, chat), got = {TENON_RESOURCE, ""};
  ASSERT_EQ(whole.code, TENON_OK) << whole.text;
  for (uint64_t steps = 500; got.code != TENON_OK && steps < 100000; steps += 3) {
    got = render(source, chat, {steps, 64 << 20});
    EXPECT_EQ(got.code == TENON_OK ? got.text : whole.text, whole.text);
    EXPECT_TRUE(got.code == TENON_OK || got.code == TENON_RESOURCE) << got.text;
  }
  EXPECT_EQ(got.code, TENON_OK);
}

// Text grows in place where it can: a conversation put together piece by piece costs no more than its length.
TEST(TemplateTest, JoinsLongTextInPlace) {
  const std::string source =
      "{% set ns = namespace(s='') %}{% for a in range(20000) %}{% set ns.s = ns.s + ('<' ~ a ~ '> 20 bytes or more') %}"
      "{% endfor %}{{ ns.s | length }}";
  EXPECT_EQ(render(source, "{}", {8000000, 8 << 20}).text, "468890");
  // A string that has grown leaves the shorter one as it was.
  EXPECT_EQ(render("{% set a = 'x' * 300 + 'y' %}{% set b = a + 'B' %}{% set c = a + 'C' %}{{ a[-1] }}{{ b[-1] }}{{ c[-1] }}").text, "yBC");
}

// Bytes that are not UTF-8 pass through.
TEST(TemplateTest, KeepsBytesThatAreNotText) {
  EXPECT_EQ(render("\xff{{ '\xfe\x80 \xc3' | trim | upper }}\xe2\x82").text, "\xff\xfe\x80 \xc3\xe2\x82");
  EXPECT_EQ(render("{{ '\xff\xc3'[::-1] ~ '\xff' | length }}").text, "\xc3\xff"
                                                                     "1");
}
