//===- chat_impl.h - what reading and rendering chats share -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_RUNTIME_TEXT_CHAT_IMPL_H
#define TENON_RUNTIME_TEXT_CHAT_IMPL_H

#include "tenon/runtime/text/template/template.h"
#include "tenon/runtime/text/text_impl.h"

// What rendering so many bytes of messages and template may use.
template_limits text_chat_limits(size_t input);
// The messages as templates see them; fails the run if they are no list of objects.
template_value text_check_messages(template_run *run, const template_value *messages);

#endif /* TENON_RUNTIME_TEXT_CHAT_IMPL_H */
