//===- call_impl.h - how filters, tests and methods are written ---*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_CALL_IMPL_H
#define TENON_RUNTIME_TEXT_TEMPLATE_CALL_IMPL_H

#include "tenon/runtime/text/template/run_impl.h"

// The head of a template_row's function, and what keeps the compiler quiet about what it does not use.
#define CALLED(name)                                                                                                                       \
  static template_value name(template_run *run, const template_value *self, const template_value *given, const template_arguments *all)
#define UNUSED (void)run, (void)self, (void)given, (void)all

// What several of them share.
typedef enum template_case { CASE_UPPER, CASE_LOWER, CASE_CAPITAL, CASE_TITLE, CASE_SWAPPED } template_case;
template_value template_change_case(template_run *run, text_span text, template_case how);
template_value template_replace(template_run *run, text_span text, text_span old, text_span made, int64_t count);
// Padded to a width with blanks or a fill: -1 text left, 0 in the middle, 1 right.
template_value template_padded(template_run *run, text_span text, int64_t width, text_span fill, int place);
template_value template_join(template_run *run, text_span between, const template_list *items);
// At the ends of lines, of any kind that Python knows; the ends stay if kept.
template_value template_split_lines(template_run *run, text_span text, bool kept);
// The item's attribute a.b.0; null path: the item itself. An undefined step becomes `otherwise` if that is not absent.
template_value template_path(template_run *run, template_value item, const template_value *path, const template_value *otherwise);
// Strings in lower case, everything else as it is.
template_value template_fold(template_run *run, template_value value, const template_value *case_sensitive);
template_value template_generator(template_run *run);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_CALL_IMPL_H */
