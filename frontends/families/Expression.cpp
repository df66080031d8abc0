//===- Expression.cpp - products and quotients of sizes ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/frontends/families/Expression.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace tenon;

std::optional<int64_t> tenon::evaluateSizes(llvm::StringRef text, const llvm::StringMap<int64_t> &sizes, std::string &problem) {
  auto fail = [&](const llvm::Twine &message) {
    problem = (message + " in \"" + text + "\"").str();
    return std::nullopt;
  };
  std::optional<int64_t> result = 1;
  char operation = '*';
  for (llvm::StringRef rest = text.trim();;) {
    llvm::StringRef word = rest.take_until([](char c) { return c == '*' || c == '/'; });
    rest = rest.drop_front(word.size());
    word = word.trim();
    int64_t operand;
    if (auto found = sizes.find(word); found != sizes.end())
      operand = found->second;
    else if (word.getAsInteger(10, operand))
      return fail("there is no number \"" + word + "\"");
    if (operation == '*') {
      result = llvm::checkedMul(*result, operand);
      if (!result)
        return fail("the product does not fit 63 bits");
    } else {
      if (operand <= 0 || *result % operand != 0)
        return fail(llvm::Twine(*result) + " is not a multiple of " + llvm::Twine(operand));
      *result /= operand;
    }
    if (rest.empty())
      return result;
    operation = rest.front();
    rest = rest.drop_front().ltrim();
  }
}
