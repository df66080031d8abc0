//===- tokens.c - text, files and lists of ids ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tokens.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tenon_status tokens_parse(const char *what, const char *text, tokens *out) {
  size_t room = 1;
  for (const char *p = text; *p; ++p)
    room += *p == ',';
  out->count = 0;
  out->ids = malloc(room * sizeof(int32_t));
  if (!out->ids)
    return tenon_failure(TENON_RESOURCE, "out of memory for %zu tokens", room);
  while (isspace((unsigned char)*text))
    ++text;
  while (*text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    while (isspace((unsigned char)*end))
      ++end;
    if (end == text || errno != 0 || value < 0 || value > INT32_MAX || (*end && *end != ',') || (*end && !end[1])) {
      free(out->ids);
      out->ids = NULL;
      return USAGE("%s expects ids, comma separated, but got '%.40s'", what, text);
    }
    out->ids[out->count++] = (int32_t)value;
    text = *end ? end + 1 : end;
  }
  return success();
}

void tokens_print(const int32_t *ids, size_t count) {
  for (size_t i = 0; i < count; ++i)
    printf("%s%d", i ? "," : "", ids[i]);
  putchar('\n');
}

static tenon_status read_stream(FILE *file, const char *path, char **data, size_t *size) {
  size_t room = 0;
  *data = NULL;
  *size = 0;
  do {
    if (room - *size < 4096) {
      room = room ? 2 * room : 1 << 16;
      char *grown = realloc(*data, room + 1);
      if (!grown)
        return tenon_failure(TENON_RESOURCE, "out of memory for '%.80s'", path);
      *data = grown;
    }
    *size += fread(*data + *size, 1, room - *size, file);
  } while (!feof(file) && !ferror(file));
  (*data)[*size] = 0;
  return ferror(file) ? USAGE("cannot read '%.80s': %s", path, strerror(errno)) : success();
}

tenon_status read_all(const char *path, char **data, size_t *size) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!file)
    return USAGE("cannot open '%.80s': %s", path, strerror(errno));
  tenon_status status = read_stream(file, path, data, size);
  if (file != stdin)
    fclose(file);
  if (status.code != TENON_OK)
    free(*data);
  return status;
}

tenon_status open_tokenizer(const tenon_module *module, tenon_tokenizer **out) {
  const void *blob;
  size_t size;
  tenon_status status = tenon_module_file(module, "tokenizer.bin", &blob, &size);
  if (status.code == TENON_USAGE)
    return tenon_failure(TENON_UNSUPPORTED, "the artifact has no tokenizer; give --tokens and --print-tokens instead of text");
  TRY(status);
  return tenon_tokenizer_open(blob, size, out);
}

// Ids that the tokenizer allocated become ours.
static tenon_status encode(const tenon_tokenizer *tokenizer, const char *text, size_t size, uint32_t flags, tokens *out) {
  int32_t *ids;
  TRY(tenon_tokenizer_encode(tokenizer, text, size, flags, &ids, &out->count));
  out->ids = malloc((out->count + 1) * sizeof(int32_t));
  if (out->ids)
    memcpy(out->ids, ids, out->count * sizeof(int32_t));
  tenon_text_free(ids);
  return out->ids ? success() : tenon_failure(TENON_RESOURCE, "out of memory for %zu tokens", out->count);
}

tenon_status encode_prompt(const tenon_tokenizer *tokenizer, const char *text, size_t size, tokens *out) {
  return encode(tokenizer, text, size, TENON_ENCODE_ADD_SPECIAL | TENON_ENCODE_PARSE_SPECIAL, out);
}

tenon_status encode_messages(const tenon_tokenizer *tokenizer, const tenon_message *messages, size_t count, tokens *out) {
  char *text;
  size_t size;
  TRY(tenon_chat_render(tokenizer, messages, count, 1, &text, &size));
  tenon_status status = encode(tokenizer, text, size, TENON_ENCODE_PARSE_SPECIAL, out);
  tenon_text_free(text);
  return status;
}

static tenon_status encode_file(const tenon_tokenizer *tokenizer, const char *path, tokens *out) {
  char *text;
  size_t size;
  TRY(read_all(path, &text, &size));
  tenon_status status = encode_prompt(tokenizer, text, size, out);
  free(text);
  return status;
}

tenon_status read_input(const options *o, const tenon_tokenizer *tokenizer, tokens *out) {
  tenon_message message = {.role = "user", .role_size = 4, .content = o->text, .content_size = o->text ? strlen(o->text) : 0};
  switch (o->action) {
  case ACTION_TOKENS:
    return tokens_parse(o->action_name, o->text, out);
  case ACTION_CHAT:
    return encode_messages(tokenizer, &message, 1, out);
  case ACTION_PROMPT_FILE:
  case ACTION_TOKENIZE_FILE:
    return encode_file(tokenizer, o->text, out);
  default:
    return encode_prompt(tokenizer, o->text, strlen(o->text), out);
  }
}

static tenon_status detokenize(const options *o, const tenon_tokenizer *tokenizer) {
  tokens ids;
  TRY(tokens_parse(o->action_name, o->text, &ids));
  char *text;
  size_t size;
  tenon_status status = tenon_tokenizer_decode(tokenizer, ids.ids, ids.count, TENON_DECODE_SPECIAL, &text, &size);
  free(ids.ids);
  TRY(status);
  fwrite(text, 1, size, stdout);
  tenon_text_free(text);
  return status;
}

static tenon_status render_json(const tenon_tokenizer *tokenizer, const char *json, size_t size) {
  char *text;
  size_t text_size;
  TRY(tenon_chat_render_json(tokenizer, json, size, 1, &text, &text_size));
  fwrite(text, 1, text_size, stdout);
  tenon_text_free(text);
  return success();
}

static tenon_status render_chat(const options *o, const tenon_tokenizer *tokenizer) {
  char *json;
  size_t size;
  TRY(read_all(o->text, &json, &size));
  tenon_status status = render_json(tokenizer, json, size);
  free(json);
  return status;
}

tenon_status run_text_action(const options *o, const tenon_tokenizer *tokenizer) {
  if (o->action == ACTION_DETOKENIZE)
    return detokenize(o, tokenizer);
  if (o->action == ACTION_RENDER_CHAT)
    return render_chat(o, tokenizer);
  tokens ids;
  TRY(read_input(o, tokenizer, &ids));
  tokens_print(ids.ids, ids.count);
  free(ids.ids);
  return success();
}
