//===- pretokenize.c - cut text into pieces by patterns -----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tokenizer has one or more regular expressions. The first cuts the text into its matches and what lies between them; the second does
// the same to each of those, and so on. Tokens never cross a cut. A pattern sees only the piece that it is given: its end is the end.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>

static tenon_status compile_pattern(tenon_tokenizer *tokenizer, uint32_t index, text_span pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
  tokenizer->codes[index] = pcre2_compile(pattern.data, pattern.size, options, &error, &offset, NULL);
  if (!tokenizer->codes[index]) {
    PCRE2_UCHAR message[128] = "";
    pcre2_get_error_message(error, message, sizeof message);
    return text_failure(TENON_UNSUPPORTED, "the tokenizer's pattern %u is not understood: %s, at byte %zu", index, (const char *)message,
                        (size_t)offset);
  }
  // Without a JIT for this machine the interpreter does the same, several times slower.
  tokenizer->jit[index] = pcre2_jit_compile(tokenizer->codes[index], PCRE2_JIT_COMPLETE) == 0;
  return text_ok();
}

tenon_status text_compile_patterns(tenon_tokenizer *tokenizer) {
  text_span rest = tokenizer->pattern_bytes;
  for (uint32_t i = 0; i < tokenizer->patterns; ++i) {
    uint32_t size = rest.size < 4 ? 0 : text_load_u32(rest.data);
    if (!size || size > TENON_TEXT_MAX_PATTERN_BYTES || size > rest.size - 4)
      return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: pattern %u lies outside the file", i);
    tenon_status status = compile_pattern(tokenizer, i, (text_span){rest.data + 4, size});
    if (status.code)
      return status;
    rest = (text_span){rest.data + 4 + size, rest.size - 4 - size};
  }
  return text_ok();
}

// Finds the next match of a pattern in text at or after `from`; false at the end or on failure, which is noted in scratch.
static bool find_match(text_scratch *scratch, uint32_t index, text_span text, size_t from, size_t *begin, size_t *end) {
  const pcre2_code *code = scratch->tokenizer->codes[index];
  int result = PCRE2_ERROR_JIT_STACKLIMIT;
  if (scratch->tokenizer->jit[index])
    result = pcre2_jit_match(code, text.data, text.size, from, PCRE2_NO_UTF_CHECK, scratch->match, scratch->context);
  // The interpreter keeps its backtracking on the heap and so goes on where the JIT's stack ends.
  if (result == PCRE2_ERROR_JIT_STACKLIMIT)
    result = pcre2_match(code, text.data, text.size, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch->match, scratch->context);
  if (result == PCRE2_ERROR_NOMATCH)
    return false;
  const PCRE2_SIZE *range = pcre2_get_ovector_pointer(scratch->match);
  if (result < 0 || range[0] < from || range[1] < range[0] || range[1] > text.size) {
    scratch->failure = text_failure(TENON_UNSUPPORTED, "the tokenizer's pattern %u fails on this text (PCRE2 says %d)", index, result);
    return false;
  }
  *begin = range[0];
  *end = range[1];
  return true;
}

static void cut(text_scratch *scratch, uint32_t index, text_span text) {
  if (!text.size || scratch->failure.code)
    return;
  if (index == scratch->tokenizer->patterns) {
    text_encode_piece(scratch, text.data, text.size);
    return;
  }
  size_t done = 0, from = 0, begin, end;
  while (from < text.size && find_match(scratch, index, text, from, &begin, &end)) {
    cut(scratch, index + 1, (text_span){text.data + done, begin - done});
    cut(scratch, index + 1, (text_span){text.data + begin, end - begin});
    done = end;
    // An empty match is a cut; the search goes on after the next character.
    from = end > begin ? end : end + text_character(text.data + end, text.size - end);
  }
  cut(scratch, index + 1, (text_span){text.data + done, text.size - done});
}

void text_encode_pieces(text_scratch *scratch, const uint8_t *data, size_t size) {
  cut(scratch, 0, (text_span){data, size});
}
