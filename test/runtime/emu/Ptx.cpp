//===- Ptx.cpp - kernels around one instruction --------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Ptx.h"

namespace tenon::emu {

std::string elementwise(const std::string &body, const std::string &result, const std::vector<std::string> &sources) {
  auto bytes = [](const std::string &type) { return std::to_string(std::stoi(type.substr(type.find_first_of("123468"))) / 8); };
  std::string text = HEAD;
  text += ".visible .entry k(.param .u64 pd";
  for (size_t i = 0; i < sources.size(); ++i)
    text += ", .param .u64 p" + std::string(1, char('a' + i));
  text += ")\n{\n.reg .b64 %q<8>; .reg .b32 %i, %x<8>; .reg .pred %p<8>; .reg .b16 %h<8>; .reg .b64 %w<8>;\n";
  text += ".reg ." + result + " %d;\nmov.u32 %i, %tid.x;\n";
  for (size_t i = 0; i < sources.size(); ++i) {
    std::string name(1, char('a' + i));
    text += ".reg ." + sources[i] + " %" + name + ";\nld.param.u64 %q0, [p" + name + "];\nmad.wide.u32 %q0, %i, " + bytes(sources[i]) +
            ", %q0;\nld.global." + sources[i] + " %" + name + ", [%q0];\n";
  }
  text +=
      body + "\nld.param.u64 %q0, [pd];\nmad.wide.u32 %q0, %i, " + bytes(result) + ", %q0;\nst.global." + result + " [%q0], %d;\nret;\n}\n";
  return text;
}

} // namespace tenon::emu
