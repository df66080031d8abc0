//===- Pattern.cpp - regular expressions of tokenizers in PCRE2's words -*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tokenizers were trained with Oniguruma or Rust's regex. What those mean otherwise than PCRE2 is spelled out: \s, \w and \h, classes
// within classes and intersections (&&), and ^ and $, which there see every line.
//
// A class of properties is slow to match, since every character's properties are looked up. Most text is ASCII, where a class is a set of
// at most 128 characters: the second form of a pattern has such sets in place of classes.
//===----------------------------------------------------------------------===//

#include "tenon/frontends/tokenizer/PatternImpl.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

#include <bitset>
#include <optional>
#include <vector>

using namespace llvm;
using namespace tenon;

/// The characters of Unicode's White_Space, for use inside brackets. PCRE2's own \s has U+180E too.
#define SPACE R"(\x09-\x0d\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})"
#define WORD R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})"

static constexpr unsigned maxDepth = 16;

namespace {

using AsciiSet = std::bitset<128>;

/// A class between brackets: items that PCRE2 can have between its own, and other classes that restrict it.
struct CharacterClass {
  bool negated = false;
  std::string items;
  AsciiSet ascii;
  std::vector<CharacterClass> operands; ///< further operands of &&
};

class Translator {
public:
  explicit Translator(StringRef pattern) : whole(pattern), rest(pattern) {}
  Expected<TranslatedPattern> translate();

private:
  Error refuse(const Twine &what) const {
    return createStringError("the pattern '" + whole + "' has " + what + ", which is not supported");
  }
  void append(StringRef text) { full += text, ascii += text; }
  void appendSet(StringRef items, bool negated, const AsciiSet &set);
  void appendClass(const CharacterClass &set);
  void writeFull(std::string &out, const CharacterClass &set) const;
  AsciiSet asciiOf(const CharacterClass &set) const;

  Error translateEscape();
  Error translateCharacter();
  Expected<CharacterClass> readClass(unsigned depth);
  Error readOperand(CharacterClass &into, unsigned depth);
  Error readItem(CharacterClass &into, unsigned depth);
  /// One character or set at the front of a class; sets have no number.
  Expected<std::optional<uint32_t>> readElement(CharacterClass &into, std::string &text);
  Expected<std::string> readBraced();
  Expected<uint32_t> readNumber(char kind);
  void addProperty(CharacterClass &into, StringRef name, bool negated);

  StringRef whole, rest;
  std::string full, ascii;
  bool asciiKnown = true, seesLines = false;
};

} // namespace

static AsciiSet setOf(StringRef characters) {
  AsciiSet set;
  for (char character : characters)
    set.set(uint8_t(character));
  return set;
}

static AsciiSet range(unsigned first, unsigned last) {
  AsciiSet set;
  for (unsigned character = first; character <= last && character < 128; ++character)
    set.set(character);
  return set;
}

static AsciiSet lower() {
  return range('a', 'z');
}
static AsciiSet upper() {
  return range('A', 'Z');
}
static AsciiSet digits() {
  return range('0', '9');
}
static AsciiSet spaces() {
  return range(9, 13) | setOf(" ");
}
static AsciiSet words() {
  return lower() | upper() | digits() | setOf("_");
}
static AsciiSet hexadecimal() {
  return digits() | range('a', 'f') | range('A', 'F');
}

/// The ASCII characters of a property, or nothing if it is not known here.
static std::optional<AsciiSet> propertyAmongAscii(StringRef name) {
  return StringSwitch<std::optional<AsciiSet>>(name)
      .Cases({"L", "Letter", "Alphabetic", "Alpha", "Latin", "L&"}, lower() | upper())
      .Cases({"Lu", "Uppercase_Letter"}, upper())
      .Cases({"Ll", "Lowercase_Letter"}, lower())
      .Cases({"N", "Number", "Nd", "Digit"}, digits())
      .Cases({"P", "Punctuation"}, setOf("!\"#%&'()*,-./:;?@[\\]_{}"))
      .Case("Pc", setOf("_"))
      .Case("Pd", setOf("-"))
      .Case("Ps", setOf("([{"))
      .Case("Pe", setOf(")]}"))
      .Case("Po", setOf("!\"#%&'*,./:;?@\\"))
      .Cases({"S", "Symbol"}, setOf("$+<=>^`|~"))
      .Case("Sc", setOf("$"))
      .Case("Sm", setOf("+<=>|~"))
      .Case("Sk", setOf("^`"))
      .Cases({"Z", "Zs", "Separator"}, setOf(" "))
      .Cases({"C", "Cc"}, range(0, 31) | range(127, 127))
      .Cases({"Lt", "Lm", "Lo", "M", "Mark", "Mn", "Mc"}, AsciiSet())
      .Cases({"Me", "Nl", "No", "So", "Pi", "Pf", "Cf"}, AsciiSet())
      .Cases({"Han", "Hiragana", "Katakana", "Hangul", "Arabic", "Cyrillic", "Greek"}, AsciiSet())
      .Cases({"Hebrew", "Thai", "Devanagari", "Bopomofo"}, AsciiSet())
      .Default(std::nullopt);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string brackets(const AsciiSet &set) {
  std::string text = "[";
  for (unsigned first = 0; first < 128; ++first) {
    if (!set[first])
      continue;
    unsigned last = first;
    while (last + 1 < 128 && set[last + 1])
      ++last;
    auto number = [](unsigned value) { return "\\x" + utohexstr(value, /*LowerCase=*/true, /*Width=*/2); };
    text += first == last ? number(first) : number(first) + "-" + number(last);
    first = last;
  }
  // No character at all.
  return set.none() ? "[^\\x00-\\xff]" : text + "]";
}

void Translator::appendSet(StringRef items, bool negated, const AsciiSet &set) {
  full += (Twine(negated ? "[^" : "[") + items + "]").str();
  ascii += brackets(negated ? ~set : set);
}

AsciiSet Translator::asciiOf(const CharacterClass &set) const {
  AsciiSet result = set.ascii;
  for (const CharacterClass &operand : set.operands)
    result &= asciiOf(operand);
  return set.negated ? ~result : result;
}

/// An intersection is the last operand behind looks at the others.
void Translator::writeFull(std::string &out, const CharacterClass &set) const {
  if (set.operands.empty()) {
    out += (Twine(set.negated ? "[^" : "[") + set.items + "]").str();
    return;
  }
  std::string looks;
  looks += "(?=[" + set.items + "])";
  for (const CharacterClass &operand : set.operands) {
    looks += "(?=";
    writeFull(looks, operand);
    looks += ")";
  }
  out += set.negated ? "(?:(?!" + looks + R"()[\x{0}-\x{10ffff}]))" : "(?:" + looks + R"([\x{0}-\x{10ffff}]))";
}

void Translator::appendClass(const CharacterClass &set) {
  writeFull(full, set);
  ascii += brackets(asciiOf(set));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// The content of {} at the front.
Expected<std::string> Translator::readBraced() {
  size_t end = rest.find('}');
  if (!rest.starts_with("{") || end == StringRef::npos || end > 40)
    return refuse("an escape without its braces");
  std::string content = rest.slice(1, end).str();
  rest = rest.drop_front(end + 1);
  return content;
}

/// The number behind \x or \u.
Expected<uint32_t> Translator::readNumber(char kind) {
  std::string digits;
  if (rest.starts_with("{")) {
    Expected<std::string> braced = readBraced();
    if (!braced)
      return braced.takeError();
    digits = *braced;
  } else {
    digits = rest.take_front(kind == 'u' ? 4 : 2).str();
    rest = rest.drop_front(digits.size());
  }
  uint32_t number = 0;
  if (StringRef(digits).getAsInteger(16, number) || number > 0x10ffff)
    return refuse("a character of the number '" + digits + "'");
  return number;
}

static std::string spelled(uint32_t character) {
  return ("\\x{" + utohexstr(character, /*LowerCase=*/true) + "}");
}

void Translator::addProperty(CharacterClass &into, StringRef name, bool negated) {
  if (name.consume_front("^"))
    negated = !negated;
  name.consume_front("Script=");
  into.items += (Twine(negated ? "\\P{" : "\\p{") + name + "}").str();
  std::optional<AsciiSet> set = propertyAmongAscii(name);
  asciiKnown &= set.has_value();
  if (set)
    into.ascii |= negated ? ~*set : *set;
}

/// What a backslash in front of a letter means, where that is a set.
static bool addSet(CharacterClass &into, char letter) {
  struct Set {
    char letter;
    StringRef items;
    AsciiSet ascii;
  };
  const Set sets[] = {{'s', SPACE, spaces()}, {'w', WORD, words()}, {'d', "\\p{Nd}", digits()}, {'h', "0-9a-fA-F", hexadecimal()}};
  for (const Set &set : sets)
    if (set.letter == letter) {
      into.items += set.items;
      into.ascii |= set.ascii;
      return true;
    }
  return false;
}

/// What a backslash in front of a letter means, where that is a control character.
static std::optional<char> controlCharacter(char letter) {
  static constexpr std::pair<char, char> controls[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'f', '\f'}, {'v', '\v'}};
  for (auto [name, character] : controls)
    if (letter == name)
      return character;
  return std::nullopt;
}

Expected<std::optional<uint32_t>> Translator::readElement(CharacterClass &into, std::string &text) {
  char first = rest.front();
  if (first != '\\') {
    size_t size = uint8_t(first) < 0x80 ? 1 : uint8_t(first) < 0xe0 ? 2 : uint8_t(first) < 0xf0 ? 3 : 4;
    text = rest.take_front(size).str();
    rest = rest.drop_front(text.size());
    if (size == 1) {
      if (first == '[')
        text = "\\[";
      return std::optional<uint32_t>(uint8_t(first));
    }
    uint32_t character = uint8_t(first) & (0xff >> (size + 1));
    for (char byte : StringRef(text).drop_front())
      character = character << 6 | (uint8_t(byte) & 0x3f);
    return std::optional<uint32_t>(character);
  }
  if (rest.size() < 2)
    return refuse("a backslash at its end");
  char letter = rest[1];
  rest = rest.drop_front(2);
  if (letter == 'p' || letter == 'P') {
    Expected<std::string> name = readBraced();
    if (!name)
      return name.takeError();
    addProperty(into, *name, letter == 'P');
    return std::optional<uint32_t>();
  }
  if (letter == 'x' || letter == 'u') {
    Expected<uint32_t> number = readNumber(letter);
    if (!number)
      return number.takeError();
    text = spelled(*number);
    return std::optional<uint32_t>(*number);
  }
  if (addSet(into, letter))
    return std::optional<uint32_t>();
  if (std::optional<char> control = controlCharacter(letter)) {
    text = spelled(uint8_t(*control));
    return std::optional<uint32_t>(uint8_t(*control));
  }
  if (letter == 'S' || letter == 'W' || letter == 'D' || letter == 'H') {
    CharacterClass plain;
    addSet(plain, char(letter - 'A' + 'a'));
    into.ascii |= ~plain.ascii;
    // A negated set cannot stand in a list; an empty look would. PCRE2's own differ from it in no ASCII character.
    if (letter == 'H')
      return refuse("\\H in a class");
    into.items += {'\\', letter};
    return std::optional<uint32_t>();
  }
  if (isAlnum(letter))
    return refuse("\\" + Twine(letter) + " in a class");
  text = {'\\', letter};
  return std::optional<uint32_t>(uint8_t(letter));
}

Error Translator::readItem(CharacterClass &into, unsigned depth) {
  if (rest.starts_with("[:")) {
    size_t end = rest.find(":]");
    if (end == StringRef::npos)
      return refuse("an unclosed name of a class");
    into.items += rest.take_front(end + 2);
    asciiKnown = false;
    rest = rest.drop_front(end + 2);
    return Error::success();
  }
  if (rest.starts_with("[")) {
    rest = rest.drop_front();
    Expected<CharacterClass> inner = readClass(depth + 1);
    if (!inner)
      return inner.takeError();
    if (inner->negated || !inner->operands.empty())
      return refuse("a negated class within a class");
    into.items += inner->items;
    into.ascii |= inner->ascii;
    return Error::success();
  }
  std::string text;
  Expected<std::optional<uint32_t>> first = readElement(into, text);
  if (!first)
    return first.takeError();
  if (!*first)
    return Error::success();
  into.items += text;
  uint32_t last = **first;
  if (rest.starts_with("-") && rest.size() > 1 && rest[1] != ']') {
    rest = rest.drop_front();
    CharacterClass unused;
    Expected<std::optional<uint32_t>> end = readElement(unused, text);
    if (!end)
      return end.takeError();
    if (!*end || **end < last)
      return refuse("a range without an end");
    into.items += "-" + text;
    last = **end;
  }
  into.ascii |= range(**first, last);
  return Error::success();
}

Error Translator::readOperand(CharacterClass &into, unsigned depth) {
  bool first = true;
  while (!rest.empty() && (first || rest.front() != ']') && !rest.starts_with("&&")) {
    if (Error error = readItem(into, depth))
      return error;
    first = false;
  }
  return Error::success();
}

/// Behind the opening bracket.
Expected<CharacterClass> Translator::readClass(unsigned depth) {
  if (depth > maxDepth)
    return refuse("classes nested deeper than " + Twine(maxDepth));
  CharacterClass result;
  result.negated = rest.consume_front("^");
  if (Error error = readOperand(result, depth))
    return std::move(error);
  while (rest.consume_front("&&")) {
    CharacterClass operand;
    if (rest.consume_front("[")) {
      Expected<CharacterClass> inner = readClass(depth + 1);
      if (!inner)
        return inner.takeError();
      operand = std::move(*inner);
    } else if (Error error = readOperand(operand, depth)) {
      return std::move(error);
    }
    result.operands.push_back(std::move(operand));
  }
  if (!rest.consume_front("]"))
    return refuse("an unclosed class");
  return result;
}

Error Translator::translateEscape() {
  char letter = rest.size() > 1 ? rest[1] : '\\';
  CharacterClass set;
  if (letter == 'S' || letter == 'W' || letter == 'D' || letter == 'H') {
    addSet(set, char(letter - 'A' + 'a'));
    rest = rest.drop_front(2);
    appendSet(set.items, true, set.ascii);
    return Error::success();
  }
  // Anchors, word boundaries and the like mean the same; so do references to groups.
  if (StringRef("bBAzZGRXK123456789").contains(letter)) {
    append(rest.take_front(2));
    rest = rest.drop_front(2);
    return Error::success();
  }
  std::string text;
  Expected<std::optional<uint32_t>> character = readElement(set, text);
  if (!character)
    return character.takeError();
  if (!*character) {
    appendSet(set.items, false, set.ascii);
  } else {
    full += text;
    ascii += **character < 128 ? text : brackets({});
  }
  return Error::success();
}

Error Translator::translateCharacter() {
  char first = rest.front();
  if (uint8_t(first) >= 0x80) {
    CharacterClass unused;
    std::string text;
    if (Expected<std::optional<uint32_t>> character = readElement(unused, text); !character)
      return character.takeError();
    full += text;
    ascii += brackets({});
    return Error::success();
  }
  seesLines |= first == '^' || first == '$';
  append(rest.take_front(1));
  rest = rest.drop_front();
  return Error::success();
}

Expected<TranslatedPattern> Translator::translate() {
  while (!rest.empty()) {
    Error error = Error::success();
    if (rest.front() == '\\') {
      error = translateEscape();
    } else if (rest.consume_front("[")) {
      Expected<CharacterClass> set = readClass(0);
      if (set)
        appendClass(*set);
      else
        error = set.takeError();
    } else {
      error = translateCharacter();
    }
    if (error)
      return std::move(error);
  }
  StringRef mode = seesLines ? "(?m)" : "";
  return TranslatedPattern{(mode + full).str(), asciiKnown ? (mode + ascii).str() : ""};
}

Expected<TranslatedPattern> tenon::translatePattern(StringRef pattern) {
  return Translator(pattern).translate();
}

std::string tenon::quotePattern(StringRef text) {
  std::string quoted;
  for (char character : text) {
    if (uint8_t(character) < 0x80 && !isAlnum(character)) {
      if (uint8_t(character) < 0x20)
        quoted += "\\x" + utohexstr(uint8_t(character), true, 2);
      else
        quoted += {'\\', character};
    } else {
      quoted.push_back(character);
    }
  }
  return quoted;
}
