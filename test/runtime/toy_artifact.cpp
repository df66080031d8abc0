//===- toy_artifact.cpp - writes the toy model's artifact ---------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// toy_artifact OUT.tenon: for tests that run programs on a model but need no compiler; see toy_code.c.
#include "Artifact.h"

#include <cstdio>
#include <fstream>

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: toy_artifact OUT.tenon\n");
    return 1;
  }
  tenon::test::Bytes bytes = tenon::test::makeZip(tenon::test::toyMembers());
  std::ofstream file(argv[1], std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()), std::streamsize(bytes.size()));
  return file.good() ? 0 : 1;
}
