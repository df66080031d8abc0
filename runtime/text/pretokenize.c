//===- pretokenize.c - cut text into pieces -----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first step cuts the text; the second does the same to each of its pieces, and so on. Tokens never cross a cut. A pattern sees only
// the piece that it is given: its end is the end. Steps that change a piece write it anew, each into a buffer of its own.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

static void cut(text_scratch *scratch, uint32_t index, text_span text);

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

static size_t ascii_size(text_span text, size_t from) {
  size_t at = from;
  uint64_t word;
  for (; text.size - at >= sizeof word; at += sizeof word) {
    memcpy(&word, text.data + at, sizeof word);
    if (word & UINT64_C(0x8080808080808080))
      break;
  }
  while (at < text.size && text.data[at] < 0x80)
    ++at;
  return at;
}

bool text_find_match(text_scratch *scratch, const text_pattern *pattern, text_span text, size_t from, size_t *begin, size_t *end) {
  int result = PCRE2_ERROR_JIT_STACKLIMIT;
  if (pattern->jit)
    result = pcre2_jit_match(pattern->code, text.data, text.size, from, PCRE2_NO_UTF_CHECK, scratch->match, scratch->context);
  // The interpreter keeps its backtracking on the heap and so goes on where the JIT's stack ends.
  if (result == PCRE2_ERROR_JIT_STACKLIMIT)
    result = pcre2_match(pattern->code, text.data, text.size, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch->match, scratch->context);
  if (result == PCRE2_ERROR_NOMATCH)
    return false;
  const PCRE2_SIZE *range = pcre2_get_ovector_pointer(scratch->match);
  if (result < 0 || range[0] < from || range[1] < range[0] || range[1] > text.size) {
    scratch->failure = text_failure(TENON_UNSUPPORTED, "a pattern of the tokenizer fails on this text (PCRE2 says %d)", result);
    return false;
  }
  *begin = range[0];
  *end = range[1];
  return true;
}

// Matches and what lies between them, on their way to become pieces.
typedef struct cutter {
  text_scratch *scratch;
  uint32_t next;  /* the step that gets the pieces */
  uint32_t how;   /* TENON_TEXT_CUT_* */
  text_span held; /* a piece that what comes next may join */
  bool held_matches;
  bool last_matched;
} cutter;

static void release(cutter *to) {
  if (to->held.size)
    cut(to->scratch, to->next, to->held);
  to->held.size = 0;
}

static void join(cutter *to, text_span part) {
  if (to->held.size)
    to->held.size += part.size;
  else
    to->held = part;
}

static void give(cutter *to, text_span part, bool matches) {
  if (!part.size)
    return;
  matches ^= (to->how & TENON_TEXT_CUT_INVERT) != 0;
  switch (to->how & TENON_TEXT_CUT_MASK) {
  case TENON_TEXT_CUT_ISOLATED:
    cut(to->scratch, to->next, part);
    break;
  case TENON_TEXT_CUT_REMOVED:
    if (!matches)
      cut(to->scratch, to->next, part);
    break;
  case TENON_TEXT_CUT_CONTIGUOUS:
    if (matches != to->held_matches)
      release(to);
    join(to, part);
    to->held_matches = matches;
    break;
  case TENON_TEXT_CUT_WITH_PREVIOUS:
    if (!matches || to->last_matched)
      release(to);
    join(to, part);
    break;
  default:
    // A match is held for what follows; two in a row do not join.
    if (matches)
      release(to);
    join(to, part);
    if (!matches)
      release(to);
    break;
  }
  to->last_matched = matches;
}

// Matches in ASCII, which ends at `end`, by the quick pattern, as long as it does not want to see what lies behind. Returns where the
// last match ends.
static size_t cut_ascii(cutter *to, const text_pattern *pattern, text_span text, size_t done, size_t end) {
  size_t from = done;
  text_scratch *scratch = to->scratch;
  const PCRE2_SIZE *range = pcre2_get_ovector_pointer(scratch->match);
  while (from < end) {
    int result = pcre2_jit_match(pattern->ascii, text.data, end, from, PCRE2_PARTIAL_HARD, scratch->match, scratch->context);
    // What follows cuts by patterns of its own, into the same ranges.
    size_t begin = range[0], match_end = range[1];
    if (result < 0 || match_end <= begin || begin < from)
      break;
    give(to, (text_span){text.data + done, begin - done}, false);
    give(to, (text_span){text.data + begin, match_end - begin}, true);
    done = from = match_end;
  }
  return done;
}

static void cut_by_pattern(text_scratch *scratch, uint32_t index, text_span text) {
  const text_step *step = &scratch->tokenizer->splits.steps[index];
  cutter to = {.scratch = scratch, .next = index + 1, .how = step->option};
  size_t done = 0, from = 0, ascii_end = 0, begin, end;
  while (from < text.size && !scratch->failure.code) {
    if (step->pattern.ascii && from == done && text.data[from] < 0x80) {
      if (ascii_end <= from)
        ascii_end = ascii_size(text, from);
      from = done = cut_ascii(&to, &step->pattern, text, done, ascii_end);
    }
    if (from >= text.size || scratch->failure.code || !text_find_match(scratch, &step->pattern, text, from, &begin, &end))
      break;
    give(&to, (text_span){text.data + done, begin - done}, false);
    give(&to, (text_span){text.data + begin, end - begin}, true);
    done = end;
    // An empty match is a cut; the search goes on after the next character.
    from = end > begin ? end : end + text_character(text.data + end, text.size - end);
  }
  give(&to, (text_span){text.data + done, text.size - done}, false);
  release(&to);
}

//===----------------------------------------------------------------------===//
// Steps that change a piece
//===----------------------------------------------------------------------===//

static text_span written(text_scratch *scratch, const text_buffer *buffer) {
  if (buffer->failed)
    scratch->failure = text_out_of_memory();
  return (text_span){(const uint8_t *)buffer->data, buffer->failed ? 0 : buffer->size};
}

static void cut_with_space(text_scratch *scratch, uint32_t index, text_span text) {
  if (text.data[0] != ' ') {
    text_buffer *buffer = &scratch->pieces[index];
    buffer->size = 0;
    text_append(buffer, " ", 1);
    text_append(buffer, text.data, text.size);
    text = written(scratch, buffer);
  }
  cut(scratch, index + 1, text);
}

static bool begins_with(text_span text, text_span with) {
  return text.size >= with.size && memcmp(text.data, with.data, with.size) == 0;
}

static void write_metaspaced(text_buffer *out, const text_step *step, text_span text, bool prefix) {
  out->size = 0;
  if (prefix && text.data[0] != ' ' && !begins_with(text, step->first))
    text_append(out, step->first.data, step->first.size);
  const uint8_t *end = text.data + text.size, *space;
  for (const uint8_t *at = text.data; at < end; at = space + 1) {
    space = memchr(at, ' ', (size_t)(end - at));
    text_append(out, at, (size_t)((space ? space : end) - at));
    if (!space)
      break;
    text_append(out, step->first.data, step->first.size);
  }
}

static void cut_at_metaspaces(text_scratch *scratch, uint32_t index, text_span text) {
  const text_step *step = &scratch->tokenizer->splits.steps[index];
  bool first = scratch->beginning == text.data;
  scratch->beginning = NULL;
  text_buffer *buffer = &scratch->pieces[index];
  write_metaspaced(buffer, step, text,
                   (step->option & TENON_TEXT_METASPACE_ALWAYS) || (first && (step->option & TENON_TEXT_METASPACE_FIRST)));
  text = written(scratch, buffer);
  if (!(step->option & TENON_TEXT_METASPACE_SPLIT)) {
    cut(scratch, index + 1, text);
    return;
  }
  size_t begin = 0;
  for (size_t at = 1; at < text.size; ++at)
    if (text.data[at] == step->first.data[0] && begins_with((text_span){text.data + at, text.size - at}, step->first)) {
      cut(scratch, index + 1, (text_span){text.data + begin, at - begin});
      begin = at;
      at += step->first.size - 1;
    }
  cut(scratch, index + 1, (text_span){text.data + begin, text.size - begin});
}

//===----------------------------------------------------------------------===//
// GPT-2's alphabet
//===----------------------------------------------------------------------===//

// Printable bytes of Latin-1 spell themselves; the rest, in order, are the characters from U+0100 on.
static bool spells_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

static void write_letters(text_buffer *out, text_span text) {
  uint16_t letters[256];
  uint16_t next = 256;
  for (int byte = 0; byte < 256; ++byte)
    letters[byte] = spells_itself(byte) ? (uint16_t)byte : next++;
  out->size = 0;
  for (size_t i = 0; i < text.size; ++i)
    text_append_character(out, letters[text.data[i]]);
}

static void write_bytes(text_buffer *out, text_span letters) {
  uint8_t bytes[512] = {0};
  int next = 256;
  for (int byte = 0; byte < 256; ++byte)
    bytes[spells_itself(byte) ? byte : next++] = (uint8_t)byte;
  out->size = 0;
  for (size_t at = 0, length; at < letters.size; at += length) {
    uint32_t letter = text_read(letters.data + at, letters.size - at, &length);
    text_append(out, &bytes[letter & 511], 1);
  }
}

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

// Words are pieces of their own where no token reaches from a character to a U+2581 behind it.
static void encode_words(text_scratch *scratch, text_span text) {
  static const uint8_t mark[] = {0xe2, 0x96, 0x81};
  size_t begin = 0;
  bool after_mark = true;
  for (size_t at = 0; at < text.size;) {
    const uint8_t *found = memchr(text.data + at, mark[0], text.size - at);
    if (!found)
      break;
    after_mark &= found == text.data + at;
    at = (size_t)(found - text.data);
    if (text.size - at < sizeof mark || memcmp(found, mark, sizeof mark) != 0) {
      after_mark = false;
      ++at;
      continue;
    }
    if (!after_mark) {
      text_encode_piece(scratch, text.data + begin, at - begin);
      begin = at;
    }
    after_mark = true;
    at += sizeof mark;
  }
  text_encode_piece(scratch, text.data + begin, text.size - begin);
}

static void cut(text_scratch *scratch, uint32_t index, text_span text) {
  const tenon_tokenizer *tokenizer = scratch->tokenizer;
  if (!text.size || scratch->failure.code)
    return;
  if (index < tokenizer->splits.count) {
    switch (tokenizer->splits.steps[index].code) {
    case TENON_TEXT_SPLIT_PATTERN:
      cut_by_pattern(scratch, index, text);
      return;
    case TENON_TEXT_SPLIT_SPACE:
      cut_with_space(scratch, index, text);
      return;
    case TENON_TEXT_SPLIT_METASPACE:
      cut_at_metaspaces(scratch, index, text);
      return;
    default:
      write_letters(&scratch->pieces[index], text);
      cut(scratch, index + 1, written(scratch, &scratch->pieces[index]));
      return;
    }
  }
  if (tokenizer->letters) {
    text_buffer *bytes = &scratch->letters;
    write_bytes(bytes, text);
    text = written(scratch, bytes);
  }
  if (tokenizer->words_independent)
    encode_words(scratch, text);
  else
    text_encode_piece(scratch, text.data, text.size);
}

void text_encode_pieces(text_scratch *scratch, text_span text) {
  cut(scratch, 0, text);
}
