//===- read_module.c - directives: functions, variables, registers -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/read_impl.h"

#include <stdlib.h>
#include <string.h>

static const int64_t MAX_VARIABLE = INT64_C(1) << 24, MAX_SHARED = INT64_C(1) << 20, MAX_LOCAL = INT64_C(1) << 19;

static int64_t align_up(int64_t value, int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

// generic(name), name or a number
static bool read_initial_value(emu_reader *r, int element, uint8_t *to) {
  emu_text word;
  emu_operand value;
  emu_module *m = r->module;
  const char *before = r->at;
  uint32_t constants = m->constant_bytes;
  int32_t uses = r->use_count;
  bool is_generic = emu_word(r, false, &word) && emu_text_is(word, "generic") && emu_accept(r, '(');
  if (!is_generic)
    r->at = before;
  if (!emu_read_operand(r, element == 8 ? EMU_B64 : EMU_B32, &value) || value.kind != EMU_CONSTANT || r->use_count != uses)
    return r->failed ? false : emu_fail(r, "expects a number or the name of a global variable");
  memcpy(to, m->constants + value.at, (size_t)element);
  m->constant_bytes = constants; // the image has it now
  int64_t offset = 0, address;
  if (emu_accept(r, '+') && !emu_integer(r, &offset))
    return false;
  if (element == 8 && offset) {
    memcpy(&address, to, 8);
    address = (int64_t)((uint64_t)address + (uint64_t)offset);
    memcpy(to, &address, 8);
  }
  return !is_generic || emu_expect(r, ')');
}

// Numbers of an initialiser, which may stand in braces in each other, go into the image one after another.
static bool read_initial(emu_reader *r, const emu_variable *variable, int element) {
  int64_t at = 0;
  int depth = 0;
  do {
    while (emu_accept(r, '{'))
      if (++depth > 8)
        return emu_fail(r, "expects at most 8 braces in each other");
    if (element > 8 || at + element > variable->bytes)
      return emu_fail(r, "expects an initialiser of %lld bytes at most", (long long)variable->bytes);
    if (!emu_peek(r, '}') && !read_initial_value(r, element, r->module->image + variable->offset + at))
      return false;
    at += element;
    while (depth > 0 && emu_accept(r, '}'))
      --depth;
  } while (emu_accept(r, ','));
  return depth == 0 || emu_expect(r, '}');
}

// Makes the variable's place in its space.
static bool place(emu_reader *r, emu_variable *variable) {
  emu_module *m = r->module;
  bool in_entry = r->function >= 0 && m->functions[r->function].is_entry;
  int64_t *bytes = NULL, most = MAX_LOCAL;
  switch (variable->space) {
  case EMU_SHARED: // an entry's are counted from 0 until all are known
    bytes = in_entry ? &m->functions[r->function].shared_bytes : &m->shared_bytes;
    most = MAX_SHARED;
    break;
  case EMU_GLOBAL:
  case EMU_CONST:
    bytes = &m->image_bytes;
    most = MAX_VARIABLE;
    break;
  case EMU_PARAM: // an entry's own, which stand before its body, are in the launch's buffer; all others are a thread's
    bytes = in_entry && !m->functions[r->function].is_defined ? &m->functions[r->function].parameter_bytes : &m->local_bytes;
    break;
  default:
    bytes = &m->local_bytes;
  }
  variable->offset = align_up(*bytes, variable->alignment);
  if (variable->offset + variable->bytes > most)
    return emu_fail(r, "expects variables of %lld bytes at most in this space", (long long)most);
  *bytes = variable->offset + variable->bytes;
  if (bytes != &m->image_bytes)
    return true;
  // The image does not move once an address in it was taken, so it is reserved whole.
  if (!m->image)
    m->image = calloc(1, (size_t)MAX_VARIABLE);
  return m->image || emu_fail(r, "there is no memory for variables");
}

// .space [.align N] .type [.ptr ...] name [dims] [= initial]
static bool read_variable(emu_reader *r, emu_space space, int32_t *out) {
  emu_variable variable = {.space = space, .alignment = 1, .function = r->function};
  emu_text word;
  int64_t number;
  int element = 0;
  while (emu_accept(r, '.')) {
    if (!emu_word(r, false, &word))
      return emu_fail(r, "expects a type");
    if (emu_text_is(word, "align")) {
      if (!emu_integer(r, &number) || number < 1 || number > 4096 || (number & (number - 1)))
        return emu_fail(r, "expects an alignment that is a power of two up to 4096");
      if (element == 0) // else that of what a parameter points to
        variable.alignment = number;
    } else if (emu_text_is(word, "ptr") || emu_text_is(word, "global") || emu_text_is(word, "shared") || emu_text_is(word, "const") ||
               emu_text_is(word, "local")) { // what a parameter points to
      continue;
    } else if (emu_text_is(word, "v2") || emu_text_is(word, "v4")) {
      return emu_fail(r, "expects variables that are no vectors");
    } else if (element == 0) {
      element = emu_type_bytes(emu_type_of(word));
      if (element == 0)
        return emu_fail(r, "expects a type, but got '.%.*s'", word.length, word.at);
    } else
      return emu_fail(r, "unknown part '.%.*s'", word.length, word.at);
  }
  if (!emu_word(r, true, &variable.name) || element == 0)
    return emu_fail(r, "expects a variable's type and name");
  if (variable.alignment < element)
    variable.alignment = element;
  variable.bytes = element;
  while (emu_accept(r, '[')) {
    number = 0; // of an array that is as long as the launch says
    if (!emu_peek(r, ']') && !emu_integer(r, &number))
      return false;
    if (number < 0 || number > MAX_VARIABLE || !emu_expect(r, ']'))
      return r->failed ? false : emu_fail(r, "expects a size of an array");
    variable.bytes *= number;
    if (variable.bytes > MAX_VARIABLE)
      return emu_fail(r, "expects a variable of %lld bytes at most", (long long)MAX_VARIABLE);
  }
  emu_module *m = r->module;
  if (!place(r, &variable) || !EMU_GROW(r, m->variables, m->variable_count, r->variable_room))
    return false;
  if (emu_accept(r, '=')) {
    bool in_image = space == EMU_GLOBAL || space == EMU_CONST;
    if (!in_image)
      return emu_fail(r, "expects an initialiser of global variables only");
    if (!read_initial(r, &variable, element))
      return false;
  }
  *out = m->variable_count;
  m->variables[m->variable_count++] = variable;
  return emu_add_name(r, (emu_name){variable.name, -1, EMU_NAME_VARIABLE, 0, (uint32_t)*out, 0});
}

static bool read_variables(emu_reader *r, emu_space space) {
  int32_t index;
  return read_variable(r, space, &index) && emu_expect(r, ';');
}

// .reg .type %a, %r<8>;
static bool read_registers(emu_reader *r) {
  emu_text word;
  if (!emu_expect(r, '.') || !emu_word(r, false, &word))
    return emu_fail(r, "expects a type of registers");
  emu_type type = emu_type_of(word);
  int bytes = emu_type_bytes(type);
  if (bytes == 0)
    return emu_fail(r, "expects a type of registers, but got '.%.*s'", word.length, word.at);
  emu_module *m = r->module;
  do {
    emu_name name = {
        .family = -1, .kind = type == EMU_PRED ? EMU_NAME_PREDICATE : EMU_NAME_REGISTER, .width = bytes < 4 ? 4 : (uint8_t)bytes};
    int64_t count = 1;
    if (!emu_word(r, false, &name.text))
      return emu_fail(r, "expects a register's name");
    if (emu_accept(r, '<')) {
      if (!emu_integer(r, &count) || !emu_expect(r, '>') || count < 0 || count > 1 << 16)
        return r->failed ? false : emu_fail(r, "expects at most %d registers of a kind", 1 << 16);
      name.family = (int32_t)count;
    }
    name.value = type == EMU_PRED ? (uint32_t)m->predicate_count : m->register_bytes;
    if (type == EMU_PRED)
      m->predicate_count += (int32_t)count;
    else
      m->register_bytes += (uint32_t)count * EMU_LANES * name.width;
    if (m->register_bytes > 1u << 26 || m->predicate_count > 1 << 24)
      return emu_fail(r, "expects fewer registers");
    if (!emu_add_name(r, name))
      return false;
  } while (emu_accept(r, ','));
  return emu_expect(r, ';');
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

// Gives the uses of labels their instructions; those of an outer brace wait if `inner`.
static bool resolve(emu_reader *r, int32_t first_name, int32_t first_fixup, bool inner) {
  int32_t kept = first_fixup;
  for (int32_t i = first_fixup; i < r->fixup_count; ++i) {
    emu_fixup fixup = r->fixups[i];
    uint32_t value = 0;
    const emu_name *name = emu_find_name(r, fixup.text, &value);
    bool indexed = fixup.operand > 0; // the second operand of brx.idx
    bool is_here = name && name - r->names >= first_name && name->kind == (indexed ? EMU_NAME_TARGETS : EMU_NAME_LABEL);
    if (!is_here && inner) {
      r->fixups[kept++] = fixup;
      continue;
    }
    if (!is_here) {
      r->line = fixup.line;
      return emu_fail(r, "expects a label of this function, but got '%.*s'", fixup.text.length, fixup.text.at);
    }
    if (fixup.operand < 0) {
      r->module->targets[fixup.instruction] = value;
      continue;
    }
    emu_operand *operand = &r->module->instructions[fixup.instruction].operands[fixup.operand];
    operand->at = value;
    operand->parts = name->extra;
  }
  r->fixup_count = kept;
  return true;
}

// label: .branchtargets a, b, c;
static bool read_targets(emu_reader *r, emu_text label) {
  emu_module *m = r->module;
  emu_name name = {.text = label, .family = -1, .kind = EMU_NAME_TARGETS, .value = m->target_count};
  do {
    emu_text target;
    if (!emu_word(r, false, &target))
      return emu_fail(r, "expects a label");
    if (!EMU_GROW(r, m->targets, m->target_count, r->target_room) || !EMU_GROW(r, r->fixups, r->fixup_count, r->fixup_room))
      return false;
    r->fixups[r->fixup_count++] = (emu_fixup){target, m->target_count, -1, r->line};
    m->targets[m->target_count++] = 0;
    ++name.extra;
  } while (emu_accept(r, ','));
  return emu_add_name(r, name) && emu_expect(r, ';');
}

static bool read_statements(emu_reader *r, int depth);

static bool read_directive_inside(emu_reader *r) {
  emu_text word;
  int64_t number;
  if (!emu_word(r, false, &word))
    return emu_fail(r, "expects a directive");
  if (emu_text_is(word, "reg"))
    return read_registers(r);
  if (emu_text_is(word, "shared"))
    return read_variables(r, EMU_SHARED);
  if (emu_text_is(word, "local"))
    return read_variables(r, EMU_LOCAL);
  if (emu_text_is(word, "param"))
    return read_variables(r, EMU_PARAM);
  if (emu_text_is(word, "loc")) {
    int64_t file, line;
    if (!emu_integer(r, &file) || !emu_integer(r, &line) || !emu_integer(r, &number))
      return false;
    r->source_file = (uint32_t)file, r->source_line = (uint32_t)line;
    if (emu_accept(r, ',')) // where it was inlined
      while (r->at < r->end && *r->at != '\n')
        ++r->at;
    return true;
  }
  if (emu_text_is(word, "pragma")) {
    emu_skip_statement(r);
    return true;
  }
  return emu_fail(r, "unknown directive '.%.*s'", word.length, word.at);
}

// A label, a guarded instruction or an instruction.
static bool read_instruction_or_label(emu_reader *r) {
  int32_t guard = -1;
  bool negated = false;
  emu_text word;
  if (emu_accept(r, '@')) {
    negated = emu_accept(r, '!');
    uint32_t value;
    if (!emu_word(r, false, &word))
      return emu_fail(r, "expects a predicate");
    const emu_name *name = emu_find_name(r, word, &value);
    if (!name || name->kind != EMU_NAME_PREDICATE)
      return emu_fail(r, "expects a predicate, but got '%.*s'", word.length, word.at);
    guard = (int32_t)value;
    return emu_read_instruction(r, guard, negated);
  }
  const char *before = r->at;
  uint32_t line = r->line;
  if (emu_word(r, false, &word) && emu_accept(r, ':')) {
    const char *after = r->at;
    uint32_t after_line = r->line;
    emu_text directive;
    if (emu_accept(r, '.') && emu_word(r, false, &directive) && emu_text_is(directive, "branchtargets"))
      return read_targets(r, word);
    r->at = after, r->line = after_line; // any other directive is a statement of its own
    return emu_add_name(r, (emu_name){word, -1, EMU_NAME_LABEL, 0, r->module->instruction_count, 0});
  }
  r->at = before, r->line = line;
  return emu_read_instruction(r, guard, negated);
}

static bool read_statements(emu_reader *r, int depth) {
  int32_t first_name = r->name_count, first_fixup = r->fixup_count;
  if (depth > 32)
    return emu_fail(r, "expects at most 32 braces in each other");
  while (!emu_accept(r, '}')) {
    emu_skip_blank(r);
    if (r->at >= r->end)
      return emu_fail(r, "expects '}', but got the end");
    bool done = emu_accept(r, '{')   ? read_statements(r, depth + 1)
                : emu_accept(r, '.') ? read_directive_inside(r)
                                     : read_instruction_or_label(r);
    if (!done && r->at >= r->end)
      return false;
    if (!done)
      emu_skip_statement(r);
  }
  bool done = resolve(r, first_name, first_fixup, depth > 0);
  r->name_count = first_name;
  return done;
}

static bool read_parameters(emu_reader *r) {
  while (!emu_accept(r, ')')) {
    emu_text word;
    int32_t index;
    emu_accept(r, ',');
    if (!emu_expect(r, '.') || !emu_word(r, false, &word))
      return emu_fail(r, "expects a parameter");
    if (!emu_text_is(word, "param"))
      return emu_fail(r, "expects parameters of the space .param, but got '.%.*s'", word.length, word.at);
    if (!read_variable(r, EMU_PARAM, &index))
      return false;
  }
  return true;
}

// Limits of the launch and the like, up to the body or the semicolon.
static bool read_limits(emu_reader *r, emu_function *function) {
  while (emu_accept(r, '.')) {
    emu_text word;
    int64_t number;
    if (!emu_word(r, false, &word))
      return emu_fail(r, "expects a directive");
    if (emu_text_is(word, "noreturn") || emu_text_is(word, "explicitcluster") || emu_text_is(word, "blocksareclusters"))
      continue;
    if (emu_text_is(word, "pragma")) {
      emu_skip_statement(r);
      continue;
    }
    for (int i = 0; i < 3; ++i) {
      if (!emu_integer(r, &number))
        return false;
      if (emu_text_is(word, "maxntid") || emu_text_is(word, "reqntid"))
        function->max_threads[i] = (int32_t)number;
      if (!emu_accept(r, ','))
        break;
    }
  }
  return true;
}

// .entry name (parameters) { } or .func (results) name (parameters) { }
static bool read_function(emu_reader *r, bool is_entry) {
  emu_module *m = r->module;
  int32_t names = r->name_count;
  emu_function function = {.is_entry = is_entry, .line = r->line, .first_parameter = m->variable_count};
  if (!EMU_GROW(r, m->functions, m->function_count, r->function_room))
    return false;
  int32_t self = m->function_count;
  m->functions[m->function_count++] = function;
  r->function = self;
  if (emu_accept(r, '(')) {
    if (!read_parameters(r))
      return false;
    m->functions[self].result_count = m->variable_count - function.first_parameter;
  }
  if (!emu_word(r, true, &m->functions[self].name))
    return emu_fail(r, "expects a function's name");
  if (emu_accept(r, '(') && !read_parameters(r))
    return false;
  m->functions[self].parameter_count = m->variable_count - function.first_parameter;
  if (!read_limits(r, &m->functions[self]))
    return false;
  if (emu_accept(r, ';')) { // declared only: its definition makes parameters of its own
    r->name_count = names;
    return true;
  }
  m->functions[self].is_defined = true;
  m->functions[self].return_at = m->register_bytes;
  m->register_bytes += EMU_LANES * 4;
  m->functions[self].first = m->instruction_count;
  bool done = emu_expect(r, '{') && read_statements(r, 0) && emu_add_return(r);
  m->functions[self].end = m->instruction_count;
  r->name_count = names;
  r->function = -1;
  return done;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

static bool read_top(emu_reader *r);

static bool read_file_name(emu_reader *r) {
  emu_module *m = r->module;
  int64_t number;
  if (!emu_integer(r, &number) || number < 0 || number > 4096 || !emu_expect(r, '"'))
    return r->failed ? false : emu_fail(r, "expects a file's number");
  const char *first = r->at;
  while (r->at < r->end && *r->at != '"' && *r->at != '\n')
    ++r->at;
  emu_text name = {first, (int32_t)(r->at - first)};
  while (m->file_count <= number) {
    if (!EMU_GROW(r, m->files, m->file_count, r->file_room))
      return false;
    m->files[m->file_count++] = (emu_text){"", 0};
  }
  m->files[number] = name;
  return emu_expect(r, '"');
}

// Debug sections are of no matter here.
static bool skip_section(emu_reader *r) {
  while (r->at < r->end && *r->at != '}')
    r->line += *r->at++ == '\n';
  return emu_expect(r, '}');
}

static bool read_top(emu_reader *r) {
  emu_module *m = r->module;
  emu_text word;
  if (!emu_expect(r, '.') || !emu_word(r, false, &word))
    return emu_fail(r, "expects a directive");
  if (emu_text_is(word, "version")) {
    int64_t major, minor;
    if (!emu_integer(r, &major) || !emu_expect(r, '.') || !emu_integer(r, &minor))
      return false;
    m->version_major = (int32_t)major, m->version_minor = (int32_t)minor;
    return true;
  }
  if (emu_text_is(word, "target")) {
    if (!emu_word(r, false, &word) || word.length >= (int32_t)sizeof(m->target))
      return emu_fail(r, "expects a target");
    memcpy(m->target, word.at, (size_t)word.length);
    while (emu_accept(r, ','))
      if (!emu_word(r, false, &word))
        return emu_fail(r, "expects a target");
    return true;
  }
  if (emu_text_is(word, "address_size")) {
    int64_t bits;
    return emu_integer(r, &bits) && (bits == 64 || emu_fail(r, "expects addresses of 64 bits, but got %lld", (long long)bits));
  }
  if (emu_text_is(word, "file"))
    return read_file_name(r);
  if (emu_text_is(word, "section"))
    return skip_section(r);
  if (emu_text_is(word, "visible") || emu_text_is(word, "extern") || emu_text_is(word, "weak") || emu_text_is(word, "common"))
    return read_top(r);
  if (emu_text_is(word, "entry") || emu_text_is(word, "func"))
    return read_function(r, emu_text_is(word, "entry"));
  if (emu_text_is(word, "global"))
    return read_variables(r, EMU_GLOBAL);
  if (emu_text_is(word, "const"))
    return read_variables(r, EMU_CONST);
  if (emu_text_is(word, "shared"))
    return read_variables(r, EMU_SHARED);
  return emu_fail(r, "unknown directive '.%.*s'", word.length, word.at);
}

tenon_status emu_module_read(const char *text, size_t size, emu_module **out) {
  *out = NULL;
  if (size > (size_t)1 << 28)
    return tenon_error(TENON_UNSUPPORTED, "expects PTX of 256 MiB at most");
  emu_reader r = {.line = 1, .function = -1, .status = tenon_ok()};
  r.module = calloc(1, sizeof(*r.module));
  if (r.module)
    r.module->text = malloc(size + 1);
  if (!r.module || !r.module->text) {
    emu_module_destroy(r.module);
    return tenon_out_of_memory("PTX", (int64_t)size);
  }
  memcpy(r.module->text, text, size);
  r.module->text[size] = 0;
  r.at = r.module->text, r.end = r.at + size;
  r.module->register_bytes = EMU_FIRST_REGISTER;
  r.module->predicate_count = 1; // the carry
  while (emu_skip_blank(&r), r.at < r.end) {
    if (emu_accept(&r, ';') || read_top(&r))
      continue;
    r.function = -1;
    emu_skip_statement(&r);
    emu_accept(&r, '}');
  }
  emu_link_calls(&r);
  emu_place_shared(&r);
  free(r.names);
  free(r.fixups);
  free(r.uses);
  if (r.status.code != TENON_OK) {
    emu_module_destroy(r.module);
    return r.status;
  }
  *out = r.module;
  return r.status;
}

void emu_module_destroy(emu_module *module) {
  if (!module)
    return;
  free(module->text);
  free(module->instructions);
  free(module->functions);
  free(module->variables);
  free(module->opcodes);
  free(module->constants);
  free(module->image);
  free(module->parts);
  free(module->targets);
  free(module->files);
  free(module);
}

const emu_function *emu_module_find(const emu_module *module, const char *entry) {
  for (int32_t i = 0; i < module->function_count; ++i)
    if (module->functions[i].is_entry && module->functions[i].is_defined && strlen(entry) == (size_t)module->functions[i].name.length &&
        memcmp(entry, module->functions[i].name.at, strlen(entry)) == 0)
      return &module->functions[i];
  return NULL;
}
