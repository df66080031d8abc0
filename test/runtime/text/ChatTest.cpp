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

// What is not supported is named, with its line in the template.
TEST(ChatTest, NamesWhatIsNotSupported) {
  auto refusal = [](const char *text) {
    Rendering got = render(text, user);
    EXPECT_EQ(got.code, TENON_UNSUPPORTED) << got.text;
    return got.text;
  };
  EXPECT_EQ(refusal("\n{{ messages | nofilter }}"), "the chat template, line 2: unknown filter 'nofilter'");
  EXPECT_EQ(refusal("{{ messages[5].content }}"), "the chat template, line 1: '5' is undefined");
  EXPECT_EQ(refusal(""), "the model has no chat template; give it a plain prompt");
}

// A message may have all that templates read of it; the parsed messages give the same as their JSON.
TEST(ChatTest, KeepsWholeMessages) {
  const std::string calls = "{% for m in messages %}{{ m.role }}:{{ m.content }}{{ m.tool_calls | tojson if m.tool_calls }};{% endfor %}";
  const std::string json =
      R"([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},)"
      R"( {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"z": 1, "a": 2.50}}}]}])";
  EXPECT_EQ(render(calls, json).text, "user:[{'type': 'text', 'text': 'a'}, {'type': 'text', 'text': 'b'}];assistant:None"
                                      R"([{"function": {"name": "f", "arguments": {"z": 1, "a": 2.5}}}];)");
  EXPECT_EQ(render(calls, R"({"tools": [], "messages": [{"role": "user", "content": "x"}]})").text, "user:x;");
  tenon_message *messages = nullptr;
  size_t count = 0;
  ASSERT_EQ(tenon_messages_parse(json.data(), json.size(), &messages, &count).code, TENON_OK);
  ASSERT_EQ(count, 2u);
  EXPECT_EQ(std::string(messages[0].content, messages[0].content_size), "ab");
  EXPECT_EQ(messages[1].content_size, 0u);
  tenon_text_free(messages);
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
  EXPECT_EQ(messagesError(""), "the messages: expects a value at byte 0");
  EXPECT_EQ(messagesError("{}"), "the messages: expects an array of messages, or an object with \"messages\"");
  EXPECT_EQ(messagesError("[] x"), "the messages: expects nothing more at byte 3, but got 'x'");
  EXPECT_EQ(messagesError(R"([{"content": "x"}])"), "the messages: expects a string as the \"role\" of message 0");
  EXPECT_EQ(messagesError(R"([{"role": "a"}, 1])"), "the messages: expects an object as message 1");
  for (const char *bad :
       {R"([{"role": "a", "content": "b"},])", R"([{"role": "a" "content": "b"}])", R"([{"role": "a", "content": "b")",
        R"([{"role": "\ud800", "content": ""}])", R"([{"role": "\udc00", "content": ""}])", R"([{"role": "\x", "content": ""}])",
        "[{\"role\": \"\xff\", \"content\": \"\"}]", "[{\"role\": \"\n\", \"content\": \"\"}]", R"([{"role": "", "content": "", "a": 01}])",
        R"([{"role": "", "content": "", "a": .5}])", R"([{"role": "", "content": "", "a": nul}])",
        R"([{"role": "", "content": "", "a": [1,]}])", R"([{"role": "\u12)"})
    messagesError(bad);
  messagesError(R"([{"role": "", "content": "", "a": )" + std::string(100000, '['));
}
