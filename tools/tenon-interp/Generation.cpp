//===- Generation.cpp - a language model's answer ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Generation.h"
#include "Npy.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "tenon/dialects/decode/Decode.h"
#include "tenon/runtime/text/text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace tenon;

namespace {
/// The model's tokenizer; null if its files have none.
class Text {
public:
  ~Text() {
    if (tokenizer)
      tenon_tokenizer_close(tokenizer);
  }

  /// Opens the tokenizer of the model's files.
  int open(const ModelFiles &files) {
    if (!files.tokenizer())
      return fail(exitUnsupported, "the model has no tokenizer; use --tokens and --print-tokens");
    llvm::Expected<std::vector<uint8_t>> bytes = buildTokenizerBlob(*files.tokenizer());
    if (!bytes)
      return fail(exitUnsupported, llvm::toString(bytes.takeError()));
    blob = std::move(*bytes);
    return check(tenon_tokenizer_open(blob.data(), blob.size(), &tokenizer));
  }

  int encode(StringRef text, uint32_t flags, std::vector<double> &out) const {
    int32_t *ids;
    size_t count;
    if (int code = check(tenon_tokenizer_encode(tokenizer, text.data(), text.size(), flags, &ids, &count)))
      return code;
    out.assign(ids, ids + count);
    tenon_text_free(ids);
    return exitOk;
  }

  int encodeChat(StringRef message, std::vector<double> &out) const {
    tenon_message user = {"user", 4, message.data(), message.size()};
    char *prompt;
    size_t size;
    if (int code = check(tenon_chat_render(tokenizer, &user, 1, /*add_generation_prompt=*/1, &prompt, &size)))
      return code;
    int code = encode(StringRef(prompt, size), TENON_ENCODE_PARSE_SPECIAL, out);
    tenon_text_free(prompt);
    return code;
  }

  int print(ArrayRef<double> tokens) const {
    std::vector<int32_t> ids(tokens.begin(), tokens.end());
    char *text;
    size_t size;
    if (int code = check(tenon_tokenizer_decode(tokenizer, ids.data(), ids.size(), TENON_DECODE_CONTINUE, &text, &size)))
      return code;
    llvm::outs() << StringRef(text, size) << '\n';
    tenon_text_free(text);
    return exitOk;
  }

private:
  static int check(tenon_status status) { return status.code == TENON_OK ? exitOk : fail(exitUnsupported, status.msg); }

  std::vector<uint8_t> blob;
  tenon_tokenizer *tokenizer = nullptr;
};
} // namespace

/// The tokens that the options spell.
static int readInput(const InterpOptions &options, const Text &text, std::vector<double> &tokens) {
  if (!options.prompt.empty())
    return text.encode(options.prompt, TENON_ENCODE_ADD_SPECIAL, tokens);
  if (!options.chat.empty())
    return text.encodeChat(options.chat, tokens);
  if (!options.promptFile.empty()) {
    auto file = llvm::MemoryBuffer::getFileOrSTDIN(options.promptFile);
    if (!file)
      return fail(exitUsage, "'" + options.promptFile + "': " + file.getError().message());
    return text.encode((*file)->getBuffer(), TENON_ENCODE_ADD_SPECIAL, tokens);
  }
  for (StringRef part : llvm::split(options.tokens, ',')) {
    int32_t token;
    if (part.trim().getAsInteger(10, token) || token < 0)
      return fail(exitUsage, "--tokens expects ids such as 5,17,3, but got '" + options.tokens + "'");
    tokens.push_back(token);
  }
  return exitOk;
}

/// The uniform number of the token at a position, as runtime/tenon.h defines it.
static double uniformAt(uint64_t seed, uint64_t position) {
  uint64_t x = seed + (position + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return static_cast<double>(x >> 40) / (1 << 24);
}

/// Lets the loop choose as the options say instead of as the model's own region does.
static void replaceChoice(decode::GenerateOp loop, const InterpOptions &options) {
  Block &block = loop.getChoose().front();
  while (!block.empty())
    block.back().erase();
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  auto type = RankedTensorType::get({1}, builder.getI32Type());
  Value token = decode::SampleOp::create(builder, loop.getLoc(), type, block.getArgument(0), block.getArgument(1),
                                         builder.getF32FloatAttr(options.temperature), builder.getI64IntegerAttr(options.topK),
                                         builder.getF32FloatAttr(options.topP), builder.getF32FloatAttr(options.minP));
  decode::YieldOp::create(builder, loop.getLoc(), token);
}

static int writeLogits(const InterpOptions &options, ArrayRef<double> tokens, Evaluator &evaluator) {
  EvalTensor input = EvalTensor::dense({static_cast<int64_t>(tokens.size())}, std::vector<double>(tokens));
  FailureOr<EvalValues> results = evaluator.run("forward", EvalValue(input));
  if (failed(results) || results->size() != 1 || !results->front().isTensor())
    return exitUnsupported;
  if (llvm::Error error = writeNpy(options.logits, results->front().tensor(), /*integers=*/false))
    return fail(exitUsage, llvm::toString(std::move(error)));
  evaluator.resetState();
  return exitOk;
}

/// Runs the module's loop on the input; `limit` is the most tokens it emits.
static FailureOr<EvalTensor> generate(const InterpOptions &options, decode::GenerateOp loop, ArrayRef<double> tokens, int64_t limit,
                                      Evaluator &evaluator) {
  if (options.temperature > 0) {
    replaceChoice(loop, options);
    if (failed(mlir::verify(loop)))
      return failure();
  }
  std::vector<double> uniform;
  for (int64_t i = 0; i < limit; ++i)
    uniform.push_back(uniformAt(options.seed, tokens.size() + i));
  EvalValues operands = {EvalTensor::dense({static_cast<int64_t>(tokens.size())}, std::vector<double>(tokens)),
                         EvalTensor::dense({limit}, std::move(uniform)), limit};
  EvalValues results;
  if (failed(loop.evaluate(evaluator, operands, results)))
    return failure();
  return results.front().tensor();
}

int tenon::runGeneration(const InterpOptions &options, const ModelFiles &files, ModuleOp module, Evaluator &evaluator) {
  auto loops = module.getOps<decode::GenerateOp>();
  if (loops.empty())
    return fail(exitUnsupported, "the module has no decode.generate");
  bool generates = options.maxTokens != 0 && (options.logits.empty() || options.maxTokens > 0);
  Text text;
  if (options.tokens.empty() || (generates && !options.printTokens))
    if (int code = text.open(files))
      return code;
  std::vector<double> tokens;
  if (int code = readInput(options, text, tokens))
    return code;
  auto context = module->getAttrOfType<IntegerAttr>("tenon.context");
  int64_t room = (context ? context.getInt() : 1 << 20) - static_cast<int64_t>(tokens.size());
  if (tokens.empty() || room < 0)
    return fail(tokens.empty() ? exitUsage : exitUnsupported, "expects from 1 token to the context's length");
  if (!options.logits.empty())
    if (int code = writeLogits(options, tokens, evaluator))
      return code;
  if (!generates)
    return exitOk;
  int64_t limit = options.maxTokens < 0 ? room : std::min(room, options.maxTokens);
  FailureOr<EvalTensor> emitted = generate(options, *loops.begin(), tokens, limit, evaluator);
  if (failed(emitted))
    return exitUnsupported;
  if (!options.printTokens)
    return text.print(emitted->values());
  llvm::interleave(emitted->values(), llvm::outs(), [](double id) { llvm::outs() << static_cast<int64_t>(id); }, ",");
  llvm::outs() << '\n';
  return exitOk;
}
