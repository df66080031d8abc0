//===- state.h - sequences kept in files ---------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUN_STATE_H
#define TENON_RUN_STATE_H

#include "options.h"

// Goes on from the state in the file of --load-state, and keeps it in the file of --save-state; nothing without the option.
tenon_status load_state(const options *o, tenon_session *session);
tenon_status save_state(const options *o, tenon_session *session);

#endif /* TENON_RUN_STATE_H */
