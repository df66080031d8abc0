//===- added.c - tokens that are cut out of the text --------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of the added tokens in a text the leftmost is taken, and of those that begin together the longest. One that may only stand as a word
// and does not is passed over as a whole.
//===----------------------------------------------------------------------===//

#include "tenon/runtime/text/text_impl.h"

#include <stdlib.h>

static bool is_in_set(const tenon_tokenizer *tokenizer, uint32_t row, bool always, bool normalized) {
  uint32_t flags = text_added_flags(tokenizer, row);
  return ((flags & TENON_TEXT_ADDED_NORMALIZED) != 0) == normalized && !(always && (flags & TENON_TEXT_ADDED_SPECIAL));
}

static tenon_status build_set(text_added *out, text_trie_entry *entries, size_t count) {
  out->only_byte = -2;
  for (size_t i = 0; i < count; ++i)
    if (entries[i].size)
      out->only_byte = out->only_byte == -2 || out->only_byte == entries[i].data[0] ? entries[i].data[0] : -1;
  return text_trie_build(&out->trie, entries, count);
}

// What the tokens of the second set look like in normalised text: `owned` gets the bytes.
static tenon_status normalize_spellings(const tenon_tokenizer *tokenizer, text_trie_entry *entries, size_t count, text_buffer *owned) {
  text_scratch scratch;
  tenon_status status = text_open_scratch(&scratch, tokenizer, 0);
  for (size_t i = 0; i < count && !status.code; ++i) {
    text_span text = text_normalize(&scratch, (text_span){entries[i].data, entries[i].size});
    status = scratch.failure;
    entries[i].size = (uint32_t)text.size;
    text_append(owned, text.data, text.size);
  }
  if (!status.code && owned->failed)
    status = text_out_of_memory();
  const uint8_t *at = (const uint8_t *)owned->data;
  for (size_t i = 0; i < count && !status.code; at += entries[i++].size)
    entries[i].data = at;
  text_close_scratch(&scratch);
  return status;
}

static tenon_status build_sets(const tenon_tokenizer *tokenizer, text_added *sets, bool always, text_trie_entry *entries) {
  tenon_status status = text_ok();
  for (int set = 0; set < TEXT_ADDED_SETS && !status.code; ++set) {
    size_t count = 0;
    for (uint32_t row = 0; row < tokenizer->added.size / 8; ++row) {
      text_span spelling = text_spelling(tokenizer, text_added_id(tokenizer, row));
      if (is_in_set(tokenizer, row, always, set == TEXT_ADDED_NORMALIZED))
        entries[count++] = (text_trie_entry){spelling.data, (uint32_t)spelling.size, (int32_t)row};
    }
    text_buffer owned = {0};
    if (set == TEXT_ADDED_NORMALIZED)
      status = normalize_spellings(tokenizer, entries, count, &owned);
    if (!status.code)
      status = build_set(&sets[set], entries, count);
    free(owned.data);
  }
  return status;
}

tenon_status text_build_added(tenon_tokenizer *tokenizer) {
  text_trie_entry *entries = malloc((tokenizer->added.size / 8 + 1) * sizeof *entries);
  if (!entries)
    return text_out_of_memory();
  tenon_status status = build_sets(tokenizer, tokenizer->parsed, false, entries);
  if (!status.code)
    status = build_sets(tokenizer, tokenizer->always, true, entries);
  free(entries);
  return status;
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

// The row of the longest token at the start of text and its size; -1 if there is none.
static int32_t row_at(const text_added *added, text_span text, size_t *size) {
  int32_t row = -1;
  uint32_t node = 0;
  for (size_t i = 0; i < text.size; ++i) {
    node = text_trie_step(&added->trie, node, text.data[i]);
    if (!node)
      break;
    if (added->trie.nodes[node].value >= 0) {
      row = added->trie.nodes[node].value;
      *size = i + 1;
    }
  }
  return row;
}

static bool stands_alone(text_span text, size_t begin, size_t end) {
  size_t length, before = text_character_before(text.data, begin);
  if (before && text_is_word(text_read(text.data + begin - before, before, &length)))
    return false;
  return end == text.size || !text_is_word(text_read(text.data + end, text.size - end, &length));
}

static size_t spaces_before(text_span text, size_t from, size_t begin) {
  while (begin > from) {
    size_t length, before = text_character_before(text.data, begin);
    if (!before || before > begin - from || !text_is_space(text_read(text.data + begin - before, before, &length)))
      break;
    begin -= before;
  }
  return begin;
}

static size_t spaces_behind(text_span text, size_t end) {
  size_t length;
  while (end < text.size && text_is_space(text_read(text.data + end, text.size - end, &length)))
    end += length;
  return end;
}

bool text_find_added(const tenon_tokenizer *tokenizer, const text_added *added, text_span text, size_t from, text_found *out) {
  if (added->only_byte == -2)
    return false;
  for (size_t at = from; at < text.size; ++at) {
    if (added->only_byte >= 0) {
      const uint8_t *found = memchr(text.data + at, added->only_byte, text.size - at);
      if (!found)
        return false;
      at = (size_t)(found - text.data);
    } else if (!added->trie.root[text.data[at]]) {
      continue;
    }
    size_t size = 0;
    int32_t row = row_at(added, (text_span){text.data + at, text.size - at}, &size);
    if (row < 0)
      continue;
    uint32_t flags = text_added_flags(tokenizer, (uint32_t)row);
    if ((flags & TENON_TEXT_ADDED_SINGLE_WORD) && !stands_alone(text, at, at + size)) {
      at += size - 1;
      continue;
    }
    out->begin = (flags & TENON_TEXT_ADDED_LSTRIP) ? spaces_before(text, from, at) : at;
    out->end = (flags & TENON_TEXT_ADDED_RSTRIP) ? spaces_behind(text, at + size) : at + size;
    out->id = (int32_t)text_added_id(tokenizer, (uint32_t)row);
    return true;
  }
  return false;
}
