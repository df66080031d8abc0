//===- steps.c - read the steps of a tokenizer --------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/runtime/text/text_impl.h"

static tenon_status outside(const char *name, uint32_t index) {
  return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: step %u of its %s lies outside the file", index, name);
}

tenon_status text_read_steps(text_steps *out, text_span section, const char *name) {
  while (section.size) {
    if (out->count == TENON_TEXT_MAX_STEPS)
      return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: expects at most %u %s", TENON_TEXT_MAX_STEPS, name);
    if (section.size < 16)
      return outside(name, out->count);
    size_t first = text_load_u32(section.data + 8), second = text_load_u32(section.data + 12);
    size_t rest = section.size - 16;
    if (first > rest || second > rest - first)
      return outside(name, out->count);
    size_t size = 16 + ((first + second + 3) & ~(size_t)3);
    if (size > section.size)
      return outside(name, out->count);
    out->steps[out->count++] = (text_step){.code = text_load_u32(section.data),
                                           .option = text_load_u32(section.data + 4),
                                           .first = {section.data + 16, first},
                                           .second = {section.data + 16 + first, second}};
    section = (text_span){section.data + size, section.size - size};
  }
  return text_ok();
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

static tenon_status compile(text_span pattern, uint32_t options, const char *name, uint32_t index, pcre2_code **out) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  if (!pattern.size || pattern.size > TENON_TEXT_MAX_PATTERN_BYTES)
    return text_failure(TENON_UNSUPPORTED, "the tokenizer is damaged: expects a pattern of at most %u bytes in step %u of its %s",
                        TENON_TEXT_MAX_PATTERN_BYTES, index, name);
  *out = pcre2_compile(pattern.data, pattern.size, options | PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
  if (*out)
    return text_ok();
  PCRE2_UCHAR message[128] = "";
  pcre2_get_error_message(error, message, sizeof message);
  return text_failure(TENON_UNSUPPORTED, "the pattern in step %u of the tokenizer's %s is not understood: %s, at byte %zu", index, name,
                      (const char *)message, (size_t)offset);
}

static tenon_status compile_pattern(text_step *step, text_span ascii, const char *name, uint32_t index) {
  text_pattern *pattern = &step->pattern;
  tenon_status status = compile(step->first, PCRE2_UTF | PCRE2_UCP, name, index, &pattern->code);
  if (status.code)
    return status;
  // Without a JIT for this machine the interpreter does the same, several times slower.
  pattern->jit = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
  if (!ascii.size || !pattern->jit)
    return status;
  // Matching ASCII stops wherever the pattern wants to look beyond it; only the JIT makes that cheap.
  status = compile(ascii, 0, name, index, &pattern->ascii);
  if (!status.code && pcre2_jit_compile(pattern->ascii, PCRE2_JIT_PARTIAL_HARD) != 0) {
    pcre2_code_free(pattern->ascii);
    pattern->ascii = NULL;
  }
  return status;
}

static tenon_status check_step(text_step *step, bool splits, const char *name, uint32_t index) {
  const tenon_status unknown = text_failure(
      TENON_UNSUPPORTED, "step %u of the tokenizer's %s has code %u, which this runtime does not know", index, name, step->code);
  if (splits) {
    if (step->code < TENON_TEXT_SPLIT_PATTERN || step->code > TENON_TEXT_SPLIT_ALPHABET)
      return unknown;
    if (step->code == TENON_TEXT_SPLIT_PATTERN && (step->option & TENON_TEXT_CUT_MASK) > TENON_TEXT_CUT_WITH_NEXT)
      return unknown;
    if (step->code == TENON_TEXT_SPLIT_METASPACE && !step->first.size)
      return unknown;
    return step->code == TENON_TEXT_SPLIT_PATTERN ? compile_pattern(step, step->second, name, index) : text_ok();
  }
  if (step->code < TENON_TEXT_NORMALIZE_FORM || step->code > TENON_TEXT_NORMALIZE_SPACES)
    return unknown;
  if (step->code == TENON_TEXT_NORMALIZE_REPLACE && !step->first.size)
    return unknown;
  if (step->code == TENON_TEXT_NORMALIZE_CHARSMAP)
    return text_check_charsmap(step->first);
  return step->code == TENON_TEXT_NORMALIZE_PATTERN ? compile_pattern(step, (text_span){0}, name, index) : text_ok();
}

tenon_status text_compile_steps(text_steps *steps, bool splits, const char *name) {
  for (uint32_t i = 0; i < steps->count; ++i) {
    tenon_status status = check_step(&steps->steps[i], splits, name, i);
    if (status.code)
      return status;
  }
  return text_ok();
}

void text_free_steps(text_steps *steps) {
  for (uint32_t i = 0; i < steps->count; ++i) {
    pcre2_code_free(steps->steps[i].pattern.code);
    pcre2_code_free(steps->steps[i].pattern.ascii);
  }
}
