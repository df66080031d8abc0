//===- ChatTest.cpp - chat templates against Jinja, and messages --*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Golden.h"

using namespace tenon;
using namespace tenon::test;

namespace {
/// The outcome of rendering: the text, or the message of the refusal.
struct Rendering {
  int32_t code;
  std::string text;
};
} // namespace

static TokenizerModel modelWith(const std::string &chatTemplate) {
  TokenizerModel model;
  model.kind = TokenizerKind::SentencePiece;
  model.tokens = {"<unk>", "<s>", "</s>"};
  model.types = {2, 3, 3};
  model.scores = {0, 0, 0};
  model.bos = 1;
  model.eos = 2;
  model.chatTemplate = chatTemplate;
  return model;
}

static Rendering render(const std::string &chatTemplate, const std::string &json, bool prompt = false) {
  OpenTokenizer tokenizer(modelWith(chatTemplate));
  tenon_message *messages = nullptr;
  size_t count = 0, size = 0;
  tenon_status status = tenon_messages_parse(json.data(), json.size(), &messages, &count);
  if (status.code)
    return {status.code, status.msg};
  char *text = nullptr;
  status = tenon_chat_render(tokenizer, messages, count, prompt, &text, &size);
  Rendering result = {status.code, status.code ? status.msg : std::string(text, size)};
  tenon_text_free(messages);
  if (!status.code)
    tenon_text_free(text);
  return result;
}

// Whatever Jinja renders, byte for byte; what it refuses is refused.
TEST(ChatTest, MatchesJinja) {
  nlohmann::json golden = readGolden("chat.json");
  ASSERT_GT(golden["templates"].size(), 5u);
  for (const nlohmann::json &one : golden["templates"])
    for (const nlohmann::json &chat : one["cases"]) {
      Rendering got = render(one["template"], chat["messages"].dump(), chat["prompt"]);
      EXPECT_EQ(got.code == TENON_OK, !chat["text"].is_null()) << one["name"] << chat << got.text;
      if (got.code == TENON_OK)
        EXPECT_EQ(got.text, chat["text"].get<std::string>()) << one["name"] << chat;
    }
}

static const char user[] = R"([{"role": "user", "content": "x"}])";

// What is not supported is named, with its place in the template.
TEST(ChatTest, NamesWhatIsNotSupported) {
  auto refusal = [](const char *text) {
    Rendering got = render(text, user);
    EXPECT_EQ(got.code, TENON_UNSUPPORTED) << got.text;
    return got.text;
  };
  const std::string prefix = "the chat template is not supported: ";
  EXPECT_EQ(refusal("{% macro f() %}{% endmacro %}"), prefix + "the statement at byte 3: macro");
  EXPECT_EQ(refusal("{{ messages | tojson }}"), prefix + "the filter at byte 13:  tojson ");
  EXPECT_EQ(refusal("{{ strftime_now('%d') }}"), prefix + "the function at byte 3: strftime_now");
  EXPECT_EQ(refusal("{{ messages[0].content.split('a') }}"), prefix + "the method at byte 23: split('a') ");
  EXPECT_EQ(refusal("{{ x.y }}"), prefix + "a member of something undefined at byte 5: y ");
  EXPECT_EQ(refusal("{{ 'a' + x }}"), prefix + "an operator on something undefined at byte 6:  + x ");
  EXPECT_EQ(refusal("{{ [1] }}"), prefix + "an expression at byte 2:  [1] ");
  EXPECT_EQ(refusal("{% for m in messages %}"), prefix + "a for that does not close, or has an else at byte 6:  m in messages ");
  EXPECT_EQ(refusal("{% if true %}"), prefix + "an if that does not close at byte 5:  true ");
  EXPECT_EQ(refusal("a {% endif %}"), prefix + "the statement, which closes nothing, at byte 4:  endif ");
  EXPECT_EQ(refusal("a {{ 'b }}"), "the chat template has a tag at byte 2 that does not end");
  EXPECT_EQ(refusal(""), "the model has no chat template; give it a plain prompt");
}

// Templates cannot take memory or time at will.
TEST(ChatTest, BoundsItsWork) {
  std::string nested(3000, '(');
  EXPECT_EQ(render("{{ " + nested + " }}", user).code, TENON_UNSUPPORTED);
  std::string loops, blocks;
  for (int i = 0; i < 40; ++i)
    loops += "{% for m in messages %}", blocks += "{% if true %}";
  EXPECT_EQ(render(blocks + blocks, user).code, TENON_UNSUPPORTED);
  EXPECT_NE(render(loops + "x", R"([{"role": "", "content": ""}, {"role": "", "content": ""}, {"role": "", "content": ""}])").code,
            TENON_OK);
  std::string doubling = "{% set a = 'xxxxxxxxxxxxxxxx' %}";
  for (int i = 0; i < 40; ++i)
    doubling += "{% set a = a + a %}";
  EXPECT_EQ(render(doubling + "{{ a }}", user).code, TENON_RESOURCE);
}

static std::string messagesError(const std::string &json) {
  Rendering got = render("{{ messages | length }}", json);
  EXPECT_NE(got.code, TENON_OK) << json << got.text;
  return got.text;
}

TEST(MessagesTest, ReadsStrictJson) {
  const char escapes[] =
      R"([{"c\u006fntent": "\"\\\/\b\f\n\r\t\u00e9\u4e2d\ud83d\ude00", "role": "é", "tools": [1.5e+3, {"a": null}, -0, true]}])";
  Rendering got = render("{{ messages[0].role }}{{ messages[0].content }}", escapes);
  EXPECT_EQ(got.text, "é\"\\/\b\f\n\r\té中😀");
  EXPECT_EQ(render("{{ messages | length }}", " [ ] \n").text, "0");
  EXPECT_EQ(render("{{ messages[0].role }}", R"([{"role": "a", "role": "b", "content": ""}])").text, "b");
}

TEST(MessagesTest, SaysWhereItIsWrong) {
  EXPECT_EQ(messagesError(""), "the messages: expects an array of messages, '[' at byte 0");
  EXPECT_EQ(messagesError("{}"), "the messages: expects an array of messages, '[' at byte 0, but got '{'");
  EXPECT_EQ(messagesError("[] x"), "the messages: expects nothing behind the messages at byte 3, but got 'x'");
  EXPECT_EQ(messagesError(R"([{"role": "user"}])"),
            "the messages: expects a message with \"role\" and \"content\" before here at byte 17, but got ']'");
  EXPECT_EQ(messagesError(R"([{"role": 1, "content": ""}])"), "the messages: expects a string at byte 10, but got '1'");
  for (const char *bad :
       {R"([{"role": "a", "content": "b"},])", R"([{"role": "a" "content": "b"}])", R"([{"role": "a", "content": "b")",
        R"([{"role": "\ud800", "content": ""}])", R"([{"role": "\udc00", "content": ""}])", R"([{"role": "\x", "content": ""}])",
        "[{\"role\": \"\xff\", \"content\": \"\"}]", "[{\"role\": \"\n\", \"content\": \"\"}]", R"([{"role": "", "content": "", "a": 01}])",
        R"([{"role": "", "content": "", "a": .5}])", R"([{"role": "", "content": "", "a": nul}])",
        R"([{"role": "", "content": "", "a": [1,]}])", R"([{"role": "\u12)"})
    messagesError(bad);
  messagesError(R"([{"role": "", "content": "", "a": )" + std::string(100000, '['));
}
