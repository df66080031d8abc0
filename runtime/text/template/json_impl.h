//===- json_impl.h - how JSON is written --------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_JSON_IMPL_H
#define TENON_RUNTIME_TEXT_TEMPLATE_JSON_IMPL_H

#include "tenon/runtime/text/template/run_impl.h"

typedef struct json_style {
  bool ascii; /* escape everything else */
  bool sorted;
  bool indented;
  text_span indent;
  text_span between;
  text_span behind_key;
} json_style;

void template_write_json(template_run *run, const json_style *style, const template_value *value, int level);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_JSON_IMPL_H */
