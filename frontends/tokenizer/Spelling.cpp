//===- Spelling.cpp - what a token's spelling stands for --------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/tokenizer/SpellingImpl.h"

#include "llvm/Support/ConvertUTF.h"

#include <array>

using namespace llvm;

/// The byte of each character of GPT-2's alphabet, -1 for others. Printable bytes of Latin-1 spell themselves; the rest, in order, are the
/// characters from U+0100 on.
static const std::array<int, 512> &byteAlphabet() {
  static const std::array<int, 512> table = [] {
    std::array<int, 512> table;
    table.fill(-1);
    auto spellsItself = [](int byte) {
      return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    };
    int next = 256;
    for (int byte = 0; byte < 256; ++byte)
      table[spellsItself(byte) ? byte : next++] = byte;
    return table;
  }();
  return table;
}

std::optional<std::string> tenon::bytesOfByteAlphabet(StringRef token) {
  std::string bytes;
  auto *at = reinterpret_cast<const UTF8 *>(token.begin()), *end = reinterpret_cast<const UTF8 *>(token.end());
  while (at != end) {
    UTF32 character = 0;
    if (convertUTF8Sequence(&at, end, &character, strictConversion) != conversionOK || character >= byteAlphabet().size() ||
        byteAlphabet()[character] < 0)
      return std::nullopt;
    bytes.push_back(char(byteAlphabet()[character]));
  }
  return bytes;
}

/// Takes an escape, without its backslash, off the text; nothing if there is none of that form.
static std::optional<char> takeEscape(StringRef &text) {
  static constexpr StringLiteral letters = "tnr\\'\"", bytes = "\t\n\r\\'\"";
  if (text.empty())
    return std::nullopt;
  if (size_t at = letters.find(text.front()); at != StringRef::npos) {
    text = text.drop_front();
    return bytes[at];
  }
  unsigned byte = 0;
  if (!text.consume_front("x") || text.size() < 2 || text.take_front(2).getAsInteger(16, byte))
    return std::nullopt;
  text = text.drop_front(2);
  return char(byte);
}

std::optional<std::string> tenon::bytesOfEscapes(StringRef token) {
  std::string bytes;
  while (!token.empty()) {
    std::optional<char> byte = token.front();
    bool isEscape = token.consume_front("\\");
    if (isEscape)
      byte = takeEscape(token);
    else
      token = token.drop_front();
    if (!byte)
      return std::nullopt;
    bytes.push_back(*byte);
  }
  return bytes;
}

std::string tenon::replaceAll(StringRef text, StringRef part, StringRef by) {
  std::string result;
  while (!text.empty()) {
    size_t found = part.empty() ? StringRef::npos : text.find(part);
    result += text.take_front(found);
    if (found == StringRef::npos)
      break;
    result += by;
    text = text.drop_front(found + part.size());
  }
  return result;
}

std::string tenon::bytesOfSpacedPiece(StringRef token) {
  return replaceAll(token, "\xe2\x96\x81", " ");
}

std::string tenon::textOfWordPiece(StringRef part, bool continues, bool cleanUp) {
  std::string text = continues ? part.str() : " " + part.str();
  if (!cleanUp)
    return text;
  static constexpr std::pair<StringRef, StringRef> closer[] = {{" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
                                                               {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
                                                               {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (auto [apart, together] : closer)
    text = replaceAll(text, apart, together);
  return text;
}

std::optional<std::string> tenon::bytesOfByteToken(StringRef token) {
  unsigned byte = 0;
  if (token.size() != 6 || !token.consume_front("<0x") || !token.consume_back(">") || token.getAsInteger(16, byte))
    return std::nullopt;
  return std::string(1, char(byte));
}
