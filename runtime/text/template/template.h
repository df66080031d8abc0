//===- template.h - Jinja as chat templates use it ----------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A template is cut into tokens, parsed to a tree and evaluated, as Jinja 3.1 does it in Hugging Face's environment: an immutable
// sandbox with trim_blocks and lstrip_blocks, break and continue, {% generation %}, a lenient Undefined, and tojson that writes what
// json.dumps(ensure_ascii=False) writes. docs/chat-templates.md lists what is there.
//
// One template_run is one rendering. Everything that it makes lives in its memory until template_end; values never change, except
// namespaces. The first failure stays, and from then on every function returns at once: callers check at the end.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_TEMPLATE_H
#define TENON_RUNTIME_TEXT_TEMPLATE_TEMPLATE_H

#include "tenon/runtime/text/bytes.h"

#include <string.h>

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

typedef enum template_kind {
  VALUE_ABSENT,    /* an argument that was not given */
  VALUE_UNDEFINED, /* `string` says what is not defined */
  VALUE_NONE,
  VALUE_BOOLEAN,
  VALUE_INTEGER,
  VALUE_LONG, /* an integer beyond 64 bits: `string` is its digits; it can be passed on and compared only */
  VALUE_REAL,
  VALUE_STRING,
  VALUE_LIST,
  VALUE_TUPLE,
  VALUE_VIEW,      /* what keys(), values() and items() give */
  VALUE_GENERATOR, /* what map, select and their like give: it can be gone through once */
  VALUE_RANGE,
  VALUE_DICT,
  VALUE_NAMESPACE,
  VALUE_LOOP,
  VALUE_MACRO,
  VALUE_FUNCTION,
  VALUE_METHOD,
} template_kind;

enum {
  VALUE_SAFE = 1,   /* of a string: escaped already */
  VALUE_ROOM = 2,   /* of a string: a template_room stands before its bytes */
  VALUE_UNSAFE = 4, /* of an undefined value: the sandbox forbids it */
};

typedef struct template_list template_list;
typedef struct template_dict template_dict;
typedef struct template_range template_range;
typedef struct template_loop template_loop;
typedef struct template_macro template_macro;
typedef struct template_method template_method;
typedef struct template_row template_row;

typedef struct template_value {
  uint8_t kind;
  uint8_t flags;
  union {
    int64_t integer; /* and boolean */
    double real;
    text_span string;
    template_list *list; /* and tuple, view, generator */
    template_dict *dict; /* and namespace */
    template_range *range;
    template_loop *loop;
    template_macro *macro;
    template_method *method;
    const template_row *function;
  };
} template_value;

struct template_list {
  template_value *items;
  size_t count;
  size_t capacity;
  const char *name; /* of a view: what Python calls it */
};

typedef struct template_entry {
  template_value key;
  template_value value;
  uint64_t hash;
} template_entry;

// Entries in the order in which they came. Beyond a few they are found by open addressing.
struct template_dict {
  template_entry *entries;
  size_t count;
  size_t capacity;
  uint32_t *slots; /* index + 1; null: few entries */
  size_t slot_mask;
};

static inline text_span template_span(const char *text) {
  return (text_span){(const uint8_t *)text, strlen(text)};
}

static inline bool template_same(text_span left, text_span right) {
  return left.size == right.size && (!left.size || memcmp(left.data, right.data, left.size) == 0);
}

static inline bool template_named(text_span span, const char *text) {
  return template_same(span, template_span(text));
}

static inline template_value template_none(void) {
  return (template_value){.kind = VALUE_NONE, .flags = 0, .integer = 0};
}

static inline template_value template_boolean(bool truth) {
  return (template_value){.kind = VALUE_BOOLEAN, .flags = 0, .integer = truth};
}

static inline template_value template_integer(int64_t number) {
  return (template_value){.kind = VALUE_INTEGER, .flags = 0, .integer = number};
}

static inline template_value template_real(double number) {
  return (template_value){.kind = VALUE_REAL, .flags = 0, .real = number};
}

static inline template_value template_string(text_span text) {
  return (template_value){.kind = VALUE_STRING, .flags = 0, .string = text};
}

static inline template_value template_literal(const char *text) {
  return template_string(template_span(text));
}

static inline template_value template_undefined(text_span what) {
  return (template_value){.kind = VALUE_UNDEFINED, .flags = 0, .string = what};
}

//===----------------------------------------------------------------------===//
// A rendering
//===----------------------------------------------------------------------===//

typedef struct template_run template_run;

// What one rendering may use: steps are about 20 ns each; bytes are of memory, and of text apart.
typedef struct template_limits {
  uint64_t steps;
  size_t bytes;
} template_limits;

// Null: out of memory. Until template_end, in the same thread, the thread's locale is C.
template_run *template_begin(text_span source, template_limits limits);
// Renders; the status is the run's failure if it has one. `text` is for tenon_text_free.
tenon_status template_render(template_run *run, char **text, size_t *size);
tenon_status template_status(const template_run *run);
void template_end(template_run *run);

// A variable of the template.
void template_define(template_run *run, text_span name, template_value value);

// Fails the run: "the chat template, line 3: " and the message.
void template_fail(template_run *run, int32_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));
// Fails it with a message that has no line: the template is not to blame.
void template_fail_plain(template_run *run, int32_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));

template_value template_new_list(template_run *run, template_kind kind, size_t capacity);
void template_list_add(template_run *run, template_list *list, template_value item);
template_value template_new_dict(template_run *run, template_kind kind);
// Fails the run if the key cannot be one.
void template_dict_set(template_run *run, template_dict *dict, template_value key, template_value value);
// Null: there is none.
const template_value *template_dict_get(template_run *run, const template_dict *dict, const template_value *key);
const template_value *template_dict_find(template_run *run, const template_dict *dict, const char *key);

// Reads strict JSON (RFC 8259, well-formed UTF-8); `what` begins the message of a failure.
template_value template_read_json(template_run *run, text_span json, const char *what);
// The JSON of a value, as json.dumps(value, ensure_ascii=False) writes it.
text_span template_json(template_run *run, const template_value *value);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_TEMPLATE_H */
