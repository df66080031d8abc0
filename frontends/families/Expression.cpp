//===- Expression.cpp - the arithmetic of descriptors ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A recursive descent that computes as it reads. In a branch that is not taken it only reads: `active` is false there, and every operand
// counts as 0.

#include "tenon/frontends/families/Expression.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/CheckedArithmetic.h"

#include <cmath>

using namespace tenon;
using llvm::StringRef;

namespace {
using Result = std::optional<Number>;

class Evaluator {
public:
  Evaluator(StringRef text, Division division, NameLookup lookup, std::string &problem)
      : whole(text), rest(text.ltrim()), division(division), lookup(lookup), problem(problem) {}

  Result run() {
    Result result = choice();
    if (result && !rest.empty())
      return fail("expects an operator, but got \"" + rest + "\"");
    return result;
  }

private:
  Result choice();
  Result either();
  Result both();
  Result comparison();
  Result sum();
  Result product();
  Result unary();
  Result primary();
  Result call(StringRef function);

  /// Takes one of the spellings if the text goes on with it. Longer spellings come first.
  StringRef take(llvm::ArrayRef<StringRef> spellings) {
    for (StringRef spelling : spellings)
      if (rest.consume_front(spelling)) {
        rest = rest.ltrim();
        return spelling;
      }
    return "";
  }
  Result fail(const llvm::Twine &message) {
    problem = (message + " in \"" + whole + "\"").str();
    return std::nullopt;
  }
  /// Reads with `part` and ignores its value unless `taken`.
  Result only(bool taken, Result (Evaluator::*part)()) {
    bool before = std::exchange(active, active && taken);
    Result result = (this->*part)();
    active = before;
    return result;
  }
  Result combine(StringRef operation, Number left, Number right);
  Result divide(Number left, Number right);

  StringRef whole, rest;
  Division division;
  NameLookup lookup;
  std::string &problem;
  bool active = true;
  /// How deep parentheses and signs may nest, so that no text exhausts the stack.
  int depth = 32;
};
} // namespace

Result Evaluator::choice() {
  Result condition = either();
  if (!condition || take({"?"}).empty())
    return condition;
  if (--depth < 0)
    return fail("the nesting is too deep");
  Result first = only(condition->isTrue(), &Evaluator::choice);
  if (!first)
    return first;
  if (take({":"}).empty())
    return fail("expects \":\" after \"?\"");
  Result second = only(!condition->isTrue(), &Evaluator::choice);
  ++depth;
  return second && condition->isTrue() ? first : second;
}

Result Evaluator::either() {
  Result left = both();
  while (left && !take({"||"}).empty()) {
    Result right = only(!left->isTrue(), &Evaluator::both);
    if (!right)
      return right;
    left = Number(int64_t{left->isTrue() || right->isTrue()});
  }
  return left;
}

Result Evaluator::both() {
  Result left = comparison();
  while (left && !take({"&&"}).empty()) {
    Result right = only(left->isTrue(), &Evaluator::comparison);
    if (!right)
      return right;
    left = Number(int64_t{left->isTrue() && right->isTrue()});
  }
  return left;
}

static bool compare(StringRef operation, double left, double right) {
  if (operation == "==")
    return left == right;
  if (operation == "!=")
    return left != right;
  if (operation == "<=")
    return left <= right;
  if (operation == ">=")
    return left >= right;
  return operation == "<" ? left < right : left > right;
}

Result Evaluator::comparison() {
  Result left = sum();
  if (!left)
    return left;
  StringRef operation = take({"==", "!=", "<=", ">=", "<", ">"});
  if (operation.empty())
    return left;
  Result right = sum();
  if (!right)
    return right;
  return Number(int64_t{compare(operation, left->asReal(), right->asReal())});
}

Result Evaluator::sum() {
  Result left = product();
  while (left) {
    StringRef operation = take({"+", "-"});
    if (operation.empty())
      break;
    Result right = product();
    if (!right)
      return right;
    left = combine(operation, *left, *right);
  }
  return left;
}

Result Evaluator::product() {
  Result left = unary();
  while (left) {
    StringRef operation = take({"*", "/", "%"});
    if (operation.empty())
      break;
    Result right = unary();
    if (!right)
      return right;
    left = combine(operation, *left, *right);
  }
  return left;
}

Result Evaluator::divide(Number left, Number right) {
  if (right.asReal() == 0)
    return fail("a division by 0");
  if (left.asWhole() && right.asWhole()) {
    if (*left.asWhole() % *right.asWhole() == 0)
      return Number(*left.asWhole() / *right.asWhole());
    if (division == Division::Whole)
      return fail(llvm::Twine(*left.asWhole()) + " is not a multiple of " + llvm::Twine(*right.asWhole()));
  }
  return Number(left.asReal() / right.asReal());
}

Result Evaluator::combine(StringRef operation, Number left, Number right) {
  if (!active)
    return Number(int64_t{0});
  if (operation == "/")
    return divide(left, right);
  std::optional<int64_t> a = left.asWhole(), b = right.asWhole();
  if (operation == "%") {
    if (!a || !b || *a < 0 || *b <= 0)
      return fail("a remainder expects a whole number and a positive one");
    return Number(*a % *b);
  }
  if (a && b) {
    std::optional<int64_t> result = operation == "*"   ? llvm::checkedMul(*a, *b)
                                    : operation == "+" ? llvm::checkedAdd(*a, *b)
                                                       : llvm::checkedSub(*a, *b);
    if (result && *result > INT64_MIN)
      return Number(*result);
    return fail("the " + llvm::Twine(operation == "*" ? "product" : "sum") + " does not fit 63 bits");
  }
  double x = left.asReal(), y = right.asReal();
  return Number(operation == "*" ? x * y : operation == "+" ? x + y : x - y);
}

Result Evaluator::unary() {
  StringRef sign = take({"-", "!"});
  if (sign.empty())
    return primary();
  if (--depth < 0)
    return fail("the nesting is too deep");
  Result operand = unary();
  ++depth;
  if (!operand)
    return operand;
  if (sign == "!")
    return Number(int64_t{!operand->isTrue()});
  return combine("-", Number(int64_t{0}), *operand);
}

Result Evaluator::call(StringRef function) {
  llvm::SmallVector<double, 2> values;
  do {
    Result value = choice();
    if (!value)
      return value;
    values.push_back(value->asReal());
  } while (!take({","}).empty());
  if (take({")"}).empty())
    return fail("expects \")\" after the arguments of " + function);
  bool two = llvm::is_contained({"min", "max", "pow"}, function);
  if (!two && !llvm::is_contained({"sqrt", "ln", "exp", "floor"}, function))
    return fail("there is no function \"" + function + "\"");
  if (values.size() != (two ? 2u : 1u))
    return fail(function + " expects " + llvm::Twine(two ? "two arguments" : "one argument"));
  if (!active)
    return Number(int64_t{0});
  double x = values[0];
  if (function == "floor" && std::abs(x) < 0x1p62)
    return Number(static_cast<int64_t>(std::floor(x)));
  return Number(function == "sqrt"  ? std::sqrt(x)
                : function == "ln"  ? std::log(x)
                : function == "exp" ? std::exp(x)
                : function == "min" ? std::min(x, values[1])
                : function == "max" ? std::max(x, values[1])
                : function == "pow" ? std::pow(x, values[1])
                                    : x);
}

Result Evaluator::primary() {
  if (!take({"("}).empty()) {
    if (--depth < 0)
      return fail("the nesting is too deep");
    Result inner = choice();
    ++depth;
    if (inner && take({")"}).empty())
      return fail("expects \")\"");
    return inner;
  }
  auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; };
  StringRef word = rest.take_while(isPart);
  rest = rest.drop_front(word.size());
  // The sign of a number's exponent, 1e-5.
  if (!word.empty() && llvm::isDigit(word.front()) && (word.back() == 'e' || word.back() == 'E') && rest.starts_with("-")) {
    size_t digits = rest.drop_front().take_while(llvm::isDigit).size();
    word = StringRef(word.data(), word.size() + 1 + digits);
    rest = rest.drop_front(1 + digits);
  }
  rest = rest.ltrim();
  if (!word.empty() && llvm::isDigit(word.front())) {
    int64_t integer;
    if (!word.getAsInteger(10, integer))
      return Number(integer);
    double real;
    if (!word.getAsDouble(real))
      return Number(real);
    return fail("\"" + word + "\" is no number");
  }
  if (word.empty())
    return fail("expects a number or a name, but got \"" + rest.take_front(1) + "\"");
  if (!take({"("}).empty()) {
    if (--depth < 0)
      return fail("the nesting is too deep");
    Result result = call(word);
    ++depth;
    return result;
  }
  if (!active)
    return Number(int64_t{0});
  problem.clear();
  Result value = lookup(word, problem);
  if (!value && !problem.empty())
    return fail(std::string(problem));
  return value;
}

Result tenon::evaluateExpression(StringRef text, Division division, NameLookup lookup, std::string &problem) {
  return Evaluator(text, division, lookup, problem).run();
}
