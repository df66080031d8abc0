//===- run_impl.h - evaluating a template -------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_RUNTIME_TEXT_TEMPLATE_RUN_IMPL_H
#define TENON_RUNTIME_TEXT_TEMPLATE_RUN_IMPL_H

#include "tenon/runtime/text/template/template.h"

#include <locale.h>

struct template_node;

typedef struct template_variable {
  text_span name;
  template_value value;
} template_variable;

// Names are looked up from the innermost scope outwards. Macros keep the scope that they were defined in.
typedef struct template_scope template_scope;
struct template_scope {
  template_scope *parent;
  template_variable *variables;
  size_t count;
  size_t capacity;
  bool kept; /* by a macro: it may not be used again */
};

typedef struct template_block {
  struct template_block *next;
  size_t size;
} template_block;

// Expressions, blocks and macros within one another: what the machine's stack must bear.
#define TEMPLATE_DEPTH 500
#define TEMPLATE_PARSE_DEPTH 250

typedef enum template_signal { SIGNAL_NONE, SIGNAL_BREAK, SIGNAL_CONTINUE } template_signal;

struct template_run {
  text_span source;
  template_limits limits;
  template_block *blocks;
  uint8_t *free; /* the rest of the newest block */
  size_t free_size;
  size_t bytes;
  uint64_t steps;
  text_buffer out;
  int depth;
  uint32_t line; /* 0: not in the template */
  template_scope *scope;
  template_value filtered; /* the text of the block that a filter block filters */
  template_signal signal;
  locale_t plain; /* the thread's locale from begin to end */
  locale_t before;
  tenon_status failure;
};

//===----------------------------------------------------------------------===//
// run.c: limits, memory and output
//===----------------------------------------------------------------------===//

// Counts work; false when the rendering failed or used up its steps.
bool template_work(template_run *run, size_t steps);
static inline bool template_step(template_run *run) {
  return template_work(run, 1);
}
static inline bool template_failed(const template_run *run) {
  return run->failure.code != 0;
}
// Counts depth; false, with a failure, when it is used up. template_leave always follows.
bool template_deeper(template_run *run);
static inline void template_leave(template_run *run) {
  --run->depth;
}
// Null when the run failed; aligned for anything.
void *template_allocate(template_run *run, size_t count, size_t size);
// Memory for at least one item more than count.
void *template_grow(template_run *run, void *items, size_t count, size_t *capacity, size_t size);
uint8_t *template_bytes(template_run *run, size_t size);
template_value template_copy(template_run *run, const void *data, size_t size);
// Left, then right; where left is long and the last to grow from its memory, right is put behind it in place.
template_value template_joined(template_run *run, const template_value *left, text_span right);

// The output, and what is captured from it: everything since `begin`, taken off its end.
void template_put(template_run *run, const void *data, size_t size);
static inline void template_put_text(template_run *run, const char *text) {
  template_put(run, text, strlen(text));
}
static inline size_t template_capture(const template_run *run) {
  return run->out.size;
}
template_value template_captured(template_run *run, size_t begin);

//===----------------------------------------------------------------------===//
// value.c, operate.c: what holds for all values
//===----------------------------------------------------------------------===//

struct template_range {
  int64_t start;
  int64_t step;
  int64_t stop;
  int64_t count;
};

struct template_method {
  template_value self;
  const template_row *row;
};

// What messages call the value's type: "string", "dict".
const char *template_kind_name(const template_value *value);
bool template_is_number(const template_value *value); /* integers, booleans and reals */
double template_as_real(const template_value *value);
bool template_is_integer(const template_value *value); /* and boolean */
static inline bool template_is_sequence(const template_value *value) {
  return value->kind == VALUE_LIST || value->kind == VALUE_TUPLE;
}
bool template_truth(const template_value *value);
bool template_callable(const template_value *value);
bool template_iterable(const template_value *value);
// -1: it has none.
int64_t template_length(template_run *run, const template_value *value);
// All items of an iterable value, or a failure; a generator's are then gone. The list may be the value's own.
template_list *template_items(template_run *run, const template_value *value);
template_value template_range_item(const template_range *range, int64_t at);

bool template_equal(template_run *run, const template_value *left, const template_value *right);
uint64_t template_hash(template_run *run, const template_value *key);
// Less than 0, 0, more; fails for values that have no order. `sign` names the operator in the failure.
int template_order(template_run *run, const template_value *left, const template_value *right, const char *sign);
bool template_contains(template_run *run, const template_value *container, const template_value *item);
template_value template_operate(template_run *run, int symbol, const template_value *left, const template_value *right);

// access.c
template_value template_attribute(template_run *run, const template_value *value, text_span name);
template_value template_item(template_run *run, const template_value *value, const template_value *key);
// Absent bounds are those of the sequence.
template_value template_slice(template_run *run, const template_value *value, const template_value bounds[3]);

//===----------------------------------------------------------------------===//
// print.c, json_write.c, format.c: text of values
//===----------------------------------------------------------------------===//

// Python's str() and repr(), to the output.
void template_write(template_run *run, const template_value *value);
void template_write_repr(template_run *run, const template_value *value);
// Python's str(): a string is itself.
text_span template_text(template_run *run, const template_value *value);
// The shortest digits that read back as the number, as Python writes them; `text` has room for 32 bytes.
size_t template_real_text(double number, char *text);
template_value template_percent(template_run *run, text_span format, const template_value *arguments);

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

typedef struct template_arguments {
  template_value *positional;
  size_t count;
  template_variable *named;
  size_t named_count;
} template_arguments;

#define TEMPLATE_PARAMETERS 6

// A filter, test, method or function. `parameters` are names in order, "old! new! count"; ! marks those that must be given, and "*"
// alone takes whatever comes. `given` has the parameters' values, VALUE_ABSENT where none was given.
struct template_row {
  const char *name;
  const char *parameters;
  template_value (*call)(template_run *run, const template_value *self, const template_value *given, const template_arguments *all);
};

const template_row *template_find_row(const template_row *rows, text_span name);
template_value template_call_row(template_run *run, const template_row *row, const template_value *self,
                                 const template_arguments *arguments);
template_value template_call(template_run *run, const template_value *callee, const template_arguments *arguments);

const template_row *template_find_filter(text_span name);
const template_row *template_find_test(text_span name);
const template_row *template_find_function(text_span name);
// The method of this kind of value; *unsafe when the sandbox forbids it.
const template_row *template_find_method(const template_value *value, text_span name, bool *unsafe);

extern const template_row template_text_filters[];
extern const template_row template_number_filters[];
extern const template_row template_sequence_filters[];
extern const template_row template_order_filters[];
extern const template_row template_string_methods[];
extern const template_row template_find_methods[];

// What parameters mean. Each fails the run where the value is of another kind.
text_span template_want_text(template_run *run, const template_value *value, const char *what);
int64_t template_want_integer(template_run *run, const template_value *value, const char *what, int64_t otherwise);

//===----------------------------------------------------------------------===//
// characters.c: text as characters
//===----------------------------------------------------------------------===//

// The size of the character at the front; of a byte that is not part of one, 1.
size_t template_character(text_span text);
uint32_t template_code_point(text_span text);
size_t template_encode(uint32_t code_point, uint8_t bytes[4]);
size_t template_count(text_span text);
// The byte at which a character stands; the size of the text if it has fewer.
size_t template_offset(text_span text, size_t character);
bool template_is_space(uint32_t code_point);
bool template_printable(uint32_t code_point);
uint32_t template_upper(uint32_t code_point);
uint32_t template_lower(uint32_t code_point);
// Whether the character has case, or is a letter.
bool template_cased(uint32_t code_point);
bool template_letter(uint32_t code_point);

enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };
// Without the characters of `set` at its ends; null: white space.
text_span template_strip(text_span text, const text_span *set, int sides);
// Where part first stands in text from `from` on; SIZE_MAX: nowhere.
size_t template_find(text_span text, text_span part, size_t from);

//===----------------------------------------------------------------------===//
// evaluate.c, statements.c, macro.c
//===----------------------------------------------------------------------===//

template_value template_evaluate(template_run *run, const struct template_node *node);
bool template_evaluate_arguments(template_run *run, const struct template_node *list, template_arguments *out);
void template_execute(template_run *run, const struct template_node *body);
void template_assign(template_run *run, const struct template_node *target, template_value value);

template_scope *template_push_scope(template_run *run, template_scope *parent);
const template_value *template_lookup(const template_run *run, text_span name);
template_value template_new_macro(template_run *run, const struct template_node *node, text_span name);
template_value template_call_macro(template_run *run, template_macro *macro, const template_arguments *arguments);
void template_execute_call_block(template_run *run, const struct template_node *node);

// loop.c
void template_execute_for(template_run *run, const struct template_node *node);
template_value template_loop_attribute(template_run *run, template_loop *loop, text_span name);
template_value template_loop_call(template_run *run, template_loop *loop, text_span name, const template_arguments *arguments);

#endif /* TENON_RUNTIME_TEXT_TEMPLATE_RUN_IMPL_H */
