//===- RunToolTest.cpp - tenon-run on the toy model ---------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/wait.h>

using namespace tenon::test;

namespace {

struct Result {
  int code;
  std::string out, error;
};

std::string text(const Bytes &bytes) {
  return std::string(bytes.begin(), bytes.end());
}

// Runs tenon-run with these arguments, which a shell reads.
Result run(const std::string &arguments) {
  std::string out = writeFile("out", {}), error = writeFile("error", {});
  int status = std::system((TENON_RUN " " + arguments + " >" + out + " 2>" + error + " </dev/null").c_str());
  return {WEXITSTATUS(status), text(readFile(out)), text(readFile(error))};
}
Result runToy(const std::string &arguments) {
  return run(toyArtifact() + " " + arguments);
}

void expectError(const Result &result, int code, const std::string &sentence) {
  EXPECT_EQ(result.code, code);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.error.find("tenon-run: error: "), std::string::npos) << result.error;
  EXPECT_NE(result.error.find(sentence), std::string::npos) << result.error;
}

TEST(Run, PrintsTokens) {
  Result result = runToy("--tokens=3,1,4 --max-tokens=5 --print-tokens");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "6,6,26,12,0\n");
  EXPECT_EQ(result.error, "");
}

TEST(Run, SamplesBySeed) {
  std::string sampled = "--tokens=3,1,4 --max-tokens=9 --print-tokens --temperature=2 --top-k=20 --top-p=0.95 --min-p=0.01 --seed=";
  EXPECT_EQ(runToy(sampled + "5").out, runToy(sampled + "5 --threads=1").out);
  EXPECT_NE(runToy(sampled + "5").out, runToy(sampled + "6").out);
}

TEST(Run, StopsWhenTheContextIsFull) {
  Result result = runToy("--tokens=3 --print-tokens");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.error.find("the context of 64 tokens is full"), std::string::npos);
}

TEST(Run, WritesLogits) {
  std::string path = writeFile("logits.npy", {});
  Result result = runToy("--tokens=3,1,4 --logits=" + path);
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "");
  Bytes file = readFile(path);
  std::string header = text(Bytes(file.begin(), file.begin() + 128));
  EXPECT_NE(header.find("'descr': '<f4', 'fortran_order': False, 'shape': (3, 32)"), std::string::npos) << header;
  ASSERT_EQ(file.size(), 128 + 3 * vocabulary * sizeof(float));
  std::vector<float> last(vocabulary);
  std::memcpy(last.data(), file.data() + 128 + 2 * vocabulary * sizeof(float), vocabulary * sizeof(float));
  EXPECT_EQ(last, toyLogits({3, 1, 4}));
  // The file serves as an expectation of the entry that gives the same.
  EXPECT_EQ(runToy("--entry=forward --input=tokens=3xi32=3,1,4 --expected=logits=@" + path).code, 0);
  expectError(runToy("--entry=forward --input=tokens=3xi32=3,1,5 --expected=logits=@" + path), 3, "'logits' differs at 32 of 96 elements");
  expectError(runToy("--entry=forward --input=tokens=2xi32=3,1 --expected=logits=@" + path), 3, "another shape");
}

TEST(Run, CallsEntries) {
  Result result = runToy("--entry=combine --input=x=2x3xf32=1,2,3,4,5,6 --input=y=2x3xf32=10");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "z=2x3xf32=12,14,16,18,20,22\ncount=i64=2\n");
}

TEST(Run, ReadsAndWritesNpy) {
  std::string x = writeFile("x.npy", {});
  EXPECT_EQ(runToy("--entry=combine --input=x=1x3xf32=1,2,3 --input=y=1x3xf32=0 --output=z=@" + x).code, 0);
  EXPECT_EQ(runToy("--entry=combine --input=x=@" + x + " --input=y=1x3xf32=1").out, "z=1x3xf32=5,9,13\ncount=i64=1\n");
  Bytes file = readFile(x);
  for (size_t size : {size_t(0), size_t(5), size_t(40), file.size() - 1}) {
    std::string cut = writeFile("cut.npy", Bytes(file.begin(), file.begin() + long(size)));
    expectError(runToy("--entry=combine --input=y=1x3xf32=1 --input=x=@" + cut), 2, "input 'x': '" + cut);
  }
}

TEST(Run, TestsItself) {
  Result result = runToy("--selftest");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "golden/first.bin: 44 of 44 numbers within 1e-05, largest difference 0\n");
}

TEST(Run, StatisticsGoToStandardError) {
  Result result = runToy("--tokens=3,1,4 --max-tokens=5 --print-tokens --stats=json --threads=2");
  EXPECT_EQ(result.out, "6,6,26,12,0\n");
  for (const char *part : {"\"model\": \"toy\"", "\"threads\": 2", "\"prefill_tokens\": 3", "\"decode_tokens\": 5", "\"load_ms\": "})
    EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
  EXPECT_NE(runToy("--tokens=3 --max-tokens=1 --print-tokens --stats=text").error.find("decode   1 tokens"), std::string::npos);
}

TEST(Run, GoesOnFromASavedState) {
  std::string file = testing::TempDir() + "run.state";
  Result whole = runToy("--tokens=3,1,4,1,5 --max-tokens=5 --print-tokens");
  EXPECT_EQ(runToy("--tokens=3,1,4 --max-tokens=0 --save-state=" + file).code, 0);
  EXPECT_EQ(runToy("--tokens=1,5 --max-tokens=5 --print-tokens --load-state=" + file).out, whole.out);
  expectError(runToy("--selftest --load-state=" + file), 1, "--load-state and --save-state need something to generate from");
  expectError(runToy("--tokens=1 --max-tokens=1 --print-tokens --load-state=/nowhere/state"), 1, "cannot open '/nowhere/state'");
  FILE *more = fopen(file.c_str(), "ab");
  fputc(0, more);
  fclose(more);
  expectError(runToy("--tokens=1 --max-tokens=1 --print-tokens --load-state=" + file), 2, "goes on behind the state");
}

TEST(Run, SaysItsVersion) {
  Result result = run("--version");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out.rfind("tenon 0.", 0), 0u) << result.out;
}

TEST(Run, Helps) {
  Result result = run("--help");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("tenon-run smollm2.tenon --chat="), std::string::npos);
}

TEST(Run, ExplainsWrongUse) {
  expectError(run(""), 1, "expects an artifact");
  expectError(runToy(""), 1, "expects something to do");
  expectError(runToy("--tokens=1 --selftest"), 1, "--tokens and --selftest exclude each other");
  expectError(runToy("--frobnicate=1"), 1, "unknown option '--frobnicate'");
  expectError(runToy("--print-tokens --tokens=1,x"), 1, "--tokens expects ids, comma separated, but got 'x'");
  expectError(runToy("--tokens=1 --print-tokens --max-tokens=-1"), 1, "--max-tokens expects a whole number");
  expectError(runToy("--print-tokens --tokens=1,"), 1, "--tokens expects ids, comma separated, but got '1,'");
  expectError(runToy("--tokens=1 --print-tokens --temperature=-1"), 1, "--temperature expects a number of at least 0, but got '-1'");
  expectError(runToy("--tokens=1 --print-tokens --temperature=hot"), 1, "--temperature expects a number");
  expectError(runToy("--tokens=1 --device=tpu"), 1, "--device expects cpu, cuda, emu or auto");
  expectError(runToy("--selftest --input=x=f32=1"), 1, "need --entry");
  expectError(runToy("--tokens=99 --print-tokens"), 1, "the vocabulary has 32 tokens");
  expectError(runToy("--print-tokens --tokens="), 1, "no tokens");
  expectError(runToy("--entry=absent"), 1, "no entry 'absent'");
  expectError(runToy("--entry=combine --input=x=1x3xf32=1"), 1, "needs --input=y=...");
  expectError(runToy("--entry=combine --input=q=1x3xf32=1"), 1, "no tensor 'q'");
  expectError(runToy("--entry=combine --input=x=1x3xf32=1,2"), 1, "expects 3 values or one, but got 2");
  expectError(runToy("--entry=combine --input=x=1x3xf99=1"), 1, "expects a type such as 1x4xf32");
  expectError(run("/nonexistent --tokens=1"), 1, "cannot open");
}

TEST(Run, ExplainsWhatItCannotRun) {
  expectError(runToy("--prompt=hello"), 2, "not a tokenizer");
  expectError(runToy("--tokens=1 --print-tokens --device=cuda"), 2, "no NVIDIA driver");
  expectError(runToy("--tokens=1 --print-tokens --code=x86-64-v4"), 2, "no code for x86-64-v4");
  expectError(run(writeFile("junk.tenon", Bytes(9000, 'j')) + " --tokens=1"), 2, "not a zip file");
}

TEST(Run, RunsOutOfContext) {
  std::string tokens = "1";
  for (int i = 0; i < context; ++i)
    tokens += ",1";
  expectError(runToy("--print-tokens --tokens=" + tokens), 4, "65 tokens do not fit");
}

} // namespace
