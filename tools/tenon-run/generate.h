//===- generate.h - continues tokens and streams the answer --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_GENERATE_H
#define TENON_RUN_GENERATE_H

#include "tokens.h"

// Where the tokens of an answer go as they are chosen.
typedef struct answer {
  tenon_detokenizer *detokenizer;  /* null: ids are printed instead of text */
  const tenon_module_info *ending; /* null: the runtime sees to the end; otherwise the end token is recorded too, but not printed */
  bool record;                     /* keep text and ids */
  char *text;
  size_t size, room;
  tokens ids;
  size_t ids_room;
  int64_t count;    /* delivered */
  int64_t first_ns; /* when the first token was there; 0: none yet */
  char last;        /* byte written */
  tenon_status status;
} answer;

void answer_free(answer *answer);

// Generates as the options say and streams to standard output; ends with a newline.
tenon_status generate_answer(const options *o, tenon_session *session, answer *answer);

// --prompt, --chat, --tokens, --prompt-file: feeds the input, writes its logits, generates. *first_ns is set as in an answer.
tenon_status run_generation(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_session *session,
                            int64_t *first_ns);

// --interactive.
tenon_status run_chat(const options *o, const tenon_tokenizer *tokenizer, const tenon_module_info *info, tenon_session *session,
                      int64_t *first_ns);

int64_t now_ns(void);

#endif /* TENON_RUN_GENERATE_H */
