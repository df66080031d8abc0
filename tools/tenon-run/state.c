//===- state.c - sequences kept in files ---------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int write_part(void *user, const void *data, size_t size) {
  return fwrite(data, 1, size, user) != size;
}

static int read_part(void *user, void *data, size_t size) {
  return fread(data, 1, size, user) != size;
}

tenon_status load_state(const options *o, tenon_session *session) {
  if (!o->load_state)
    return success();
  FILE *file = fopen(o->load_state, "rb");
  if (!file)
    return USAGE("cannot open '%.80s': %s", o->load_state, strerror(errno));
  tenon_status status = tenon_session_load(session, read_part, file);
  bool ends = status.code != TENON_OK || fgetc(file) == EOF;
  fclose(file);
  return ends ? status : tenon_failure(TENON_UNSUPPORTED, "'%.80s' goes on behind the state: it is damaged", o->load_state);
}

tenon_status save_state(const options *o, tenon_session *session) {
  if (!o->save_state)
    return success();
  FILE *file = fopen(o->save_state, "wb");
  if (!file)
    return USAGE("cannot write '%.80s': %s", o->save_state, strerror(errno));
  tenon_status status = tenon_session_save(session, write_part, file);
  if (fclose(file) != 0 && status.code == TENON_OK)
    status = USAGE("cannot write '%.80s': %s", o->save_state, strerror(errno));
  return status;
}
