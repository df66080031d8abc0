//===- read_instruction.c - opcodes, their operands, calls ---------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/read_impl.h"

#include <stdlib.h>
#include <string.h>

typedef struct type_row {
  const char *name;
  emu_type type;
  int bytes;
} type_row;

static const type_row types[] = {
    {"pred", EMU_PRED, 1},   {"b8", EMU_B8, 1},         {"b16", EMU_B16, 2},       {"b32", EMU_B32, 4},   {"b64", EMU_B64, 8},
    {"b128", EMU_B128, 16},  {"u8", EMU_U8, 1},         {"u16", EMU_U16, 2},       {"u32", EMU_U32, 4},   {"u64", EMU_U64, 8},
    {"s8", EMU_S8, 1},       {"s16", EMU_S16, 2},       {"s32", EMU_S32, 4},       {"s64", EMU_S64, 8},   {"f16", EMU_F16, 2},
    {"f16x2", EMU_F16X2, 4}, {"bf16", EMU_BF16, 2},     {"bf16x2", EMU_BF16X2, 4}, {"tf32", EMU_TF32, 4}, {"f32", EMU_F32, 4},
    {"f64", EMU_F64, 8},     {"e4m3x2", EMU_E4M3X2, 2}, {"e5m2x2", EMU_E5M2X2, 2},
};

emu_type emu_type_of(emu_text text) {
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i)
    if (emu_text_is(text, types[i].name))
      return types[i].type;
  return EMU_NO_TYPE;
}

int emu_type_bytes(emu_type type) {
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i)
    if (types[i].type == type)
      return types[i].bytes;
  return 0;
}

//===----------------------------------------------------------------------===//
// Parts of an opcode
//===----------------------------------------------------------------------===//

bool emu_take(emu_opcode *o, const char *part) {
  for (int32_t i = 1; i < o->count; ++i) {
    if (o->taken >> i & 1 || !emu_text_is(o->parts[i], part))
      continue;
    o->taken |= UINT32_C(1) << i;
    return true;
  }
  return false;
}

emu_type emu_take_type(emu_opcode *o) {
  for (int32_t i = 1; i < o->count; ++i) {
    emu_type type = o->taken >> i & 1 ? EMU_NO_TYPE : emu_type_of(o->parts[i]);
    if (type == EMU_NO_TYPE)
      continue;
    o->taken |= UINT32_C(1) << i;
    return type;
  }
  return EMU_NO_TYPE;
}

emu_space emu_take_space(emu_opcode *o) {
  if (emu_take(o, "global"))
    return EMU_GLOBAL;
  if (emu_take(o, "shared") || emu_take(o, "shared::cta"))
    return EMU_SHARED;
  if (emu_take(o, "local"))
    return EMU_LOCAL;
  if (emu_take(o, "param"))
    return EMU_PARAM;
  return emu_take(o, "const") ? EMU_CONST : EMU_GENERIC;
}

emu_rounding emu_take_rounding(emu_opcode *o) {
  static const char *const names[] = {"rn", "rz", "rm", "rp"};
  for (int i = 0; i < 4; ++i)
    if (emu_take(o, names[i]))
      return (emu_rounding)i;
  return EMU_RN;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static const emu_decoder *const tables[] = {
    emu_integer_decoders, emu_float_decoders, emu_compare_decoders, emu_convert_decoders, emu_memory_decoders,
    emu_control_decoders, emu_warp_decoders,  emu_barrier_decoders, emu_async_decoders,   emu_matrix_decoders,
};

static emu_decode find_decoder(emu_text base) {
  for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); ++t)
    for (const emu_decoder *row = tables[t]; row->base; ++row)
      if (emu_text_is(base, row->base))
        return row->decode;
  return NULL;
}

static bool split(emu_reader *r, emu_text text, emu_opcode *o) {
  int32_t first = 0;
  for (int32_t i = 0; i <= text.length; ++i) {
    if (i < text.length && text.at[i] != '.')
      continue;
    if (o->count == EMU_MAX_PARTS)
      return emu_fail(r, "expects at most %d parts in '%.*s'", EMU_MAX_PARTS, text.length, text.at);
    o->parts[o->count++] = (emu_text){text.at + first, i - first};
    first = i + 1;
  }
  return true;
}

static bool decode(emu_reader *r, emu_text text, emu_opcode *o) {
  if (!split(r, text, o))
    return false;
  emu_decode decoder = find_decoder(o->parts[0]);
  if (!decoder)
    return emu_fail(r, "unknown instruction '%.*s'", text.length, text.at);
  bool known = decoder(o) && o->instruction->execute;
  if (r->failed)
    return false;
  for (int32_t i = 1; known && i < o->count; ++i)
    if (!(o->taken >> i & 1))
      return emu_fail(r, "unknown part '.%.*s' of '%.*s'", o->parts[i].length, o->parts[i].at, text.length, text.at);
  return known || emu_fail(r, "unknown form '%.*s'", text.length, text.at);
}

static bool read_label(emu_reader *r, emu_operand *out) {
  emu_text label;
  if (!emu_word(r, false, &label))
    return emu_fail(r, "expects a label");
  *out = (emu_operand){.kind = EMU_LABEL};
  if (!EMU_GROW(r, r->fixups, r->fixup_count, r->fixup_room))
    return false;
  r->fixups[r->fixup_count++] = (emu_fixup){label, r->module->instruction_count,
                                            (int32_t)(out - r->module->instructions[r->module->instruction_count].operands), r->line};
  return true;
}

static bool read_operands(emu_reader *r, emu_opcode *o) {
  emu_instruction *in = o->instruction;
  bool is_branch = emu_text_is(o->parts[0], "bra") || emu_text_is(o->parts[0], "brx");
  while (!emu_peek(r, ';')) {
    if (in->operand_count > 0 && !emu_expect(r, ','))
      return false;
    if (in->operand_count >= EMU_MAX_OPERANDS - 1)
      return emu_fail(r, "expects at most %d operands", EMU_MAX_OPERANDS - 1);
    emu_operand *operand = &in->operands[in->operand_count];
    emu_type type = o->types[in->operand_count] == EMU_NO_TYPE ? (emu_type)in->type : o->types[in->operand_count];
    bool is_label = is_branch && (emu_text_is(o->parts[0], "bra") || in->operand_count == 1);
    if (is_label ? !read_label(r, operand) : !emu_read_operand(r, type, operand))
      return false;
    ++in->operand_count;
    if (!o->paired || in->operand_count != 1)
      continue;
    operand = &in->operands[in->operand_count++];
    *operand = (emu_operand){.kind = EMU_NONE};
    if (emu_accept(r, '|') && !emu_read_operand(r, EMU_PRED, operand))
      return false;
  }
  if (in->operand_count < o->least || in->operand_count > o->most)
    return emu_fail(r, "expects %d to %d operands, but got %d", o->least, o->most, in->operand_count);
  return emu_expect(r, ';');
}

static bool check_place(emu_opcode *o, int k, emu_type type, uint8_t kind, uint8_t width) {
  int bytes = emu_type_bytes(type), place = bytes < 4 ? 4 : bytes;
  if (kind == EMU_NONE)
    return k < o->writes || emu_fail(o->reader, "expects a value as operand %d", k + 1);
  if (type == EMU_PRED ? kind != EMU_PREDICATE : kind != EMU_REGISTER && (kind != EMU_CONSTANT || k < o->writes))
    return emu_fail(o->reader, "expects %s as operand %d",
                    type == EMU_PRED ? "a predicate"
                    : k < o->writes  ? "a register"
                                     : "a value",
                    k + 1);
  if (type == EMU_PRED || width == place || (o->loose >> k & 1 && width > place))
    return true;
  return emu_fail(o->reader, "expects %d bytes as operand %d, but got %d", place, k + 1, width);
}

// What is written to "_" goes to a place that nobody reads.
static void drop(emu_type type, uint8_t *kind, uint8_t *width, uint32_t *at) {
  int bytes = emu_type_bytes(type);
  if (*kind == EMU_NONE && type != EMU_PRED)
    *kind = EMU_REGISTER, *width = bytes < 4 ? 4 : (uint8_t)bytes, *at = EMU_DROPPED;
}

bool emu_check_operands(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  for (int k = 0; k < in->operand_count; ++k) {
    emu_operand *operand = &in->operands[k];
    emu_type type = o->types[k] == EMU_NO_TYPE ? (emu_type)in->type : o->types[k];
    if ((operand->kind == EMU_NONE && operand->elements == 0 && o->paired && k == 1) || operand->kind == EMU_LABEL)
      continue;
    if (o->addresses >> k & 1) {
      if (operand->kind != EMU_ADDRESS)
        return emu_fail(o->reader, "expects an address as operand %d", k + 1);
      continue;
    }
    bool is_vector = operand->elements > 0;
    if (operand->kind == EMU_ADDRESS || (is_vector != (o->vectors >> k & 1)) ||
        (is_vector && o->elements && operand->elements != o->elements))
      return emu_fail(o->reader, "expects another form of operand %d", k + 1);
    for (int e = 0; e < operand->elements; ++e) {
      emu_part *part = &o->reader->module->parts[operand->parts + (uint32_t)e];
      if (!check_place(o, k, type, part->kind, part->width))
        return false;
      drop(type, &part->kind, &part->width, &part->at);
    }
    if (!is_vector && !check_place(o, k, type, operand->kind, operand->width))
      return false;
    if (!is_vector)
      drop(type, &operand->kind, &operand->width, &operand->at);
  }
  return true;
}

// The number of an opcode among those seen.
static bool number_opcode(emu_reader *r, emu_text text, uint32_t *out) {
  emu_module *m = r->module;
  for (*out = 0; *out < m->opcode_count; ++*out)
    if (emu_texts_equal(m->opcodes[*out], text))
      return true;
  if (!EMU_GROW(r, m->opcodes, m->opcode_count, r->opcode_room))
    return false;
  m->opcodes[m->opcode_count++] = text;
  return true;
}

static emu_instruction *open_instruction(emu_reader *r, emu_text text) {
  emu_module *m = r->module;
  uint32_t opcode = 0;
  if (!EMU_GROW(r, m->instructions, m->instruction_count, r->instruction_room) || !number_opcode(r, text, &opcode))
    return NULL;
  emu_instruction *in = &m->instructions[m->instruction_count];
  *in = (emu_instruction){
      .guard = -1, .line = r->line, .file = r->source_file, .source_line = r->source_line, .opcode = opcode, .text = text};
  return in;
}

bool emu_read_instruction(emu_reader *r, int32_t guard, bool guard_negated) {
  emu_text text;
  if (!emu_word(r, true, &text))
    return emu_fail(r, "expects an instruction");
  emu_instruction *in = open_instruction(r, text);
  if (!in)
    return false;
  in->guard = guard, in->guard_negated = guard_negated;
  if (emu_text_is(text, "call") || emu_text_is(text, "call.uni"))
    return emu_read_call(r, in);
  emu_opcode o = {.reader = r, .instruction = in, .writes = 1};
  if (!decode(r, text, &o) || !read_operands(r, &o))
    return false;
  if (!emu_check_operands(&o))
    return false;
  ++r->module->instruction_count;
  return true;
}

bool emu_add_return(emu_reader *r) {
  emu_instruction *in = open_instruction(r, (emu_text){"ret", 3});
  if (!in)
    return false;
  in->execute = emu_execute_return;
  in->ends_run = true;
  in->mode2 = (uint32_t)r->function;
  ++r->module->instruction_count;
  return true;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

// The variables named in (a, b).
static bool read_list(emu_reader *r, int32_t *variables, int32_t *count) {
  *count = 0;
  if (!emu_expect(r, '('))
    return false;
  while (!emu_accept(r, ')')) {
    emu_text word;
    uint32_t value;
    if (*count > 0 && !emu_expect(r, ','))
      return false;
    if (!emu_word(r, true, &word))
      return emu_fail(r, "expects a parameter");
    const emu_name *name = emu_find_name(r, word, &value);
    if (!name || name->kind != EMU_NAME_VARIABLE)
      return emu_fail(r, "expects a variable of the space .param, but got '%.*s'", word.length, word.at);
    if (*count == EMU_MAX_OPERANDS)
      return emu_fail(r, "expects at most %d parameters of a call", EMU_MAX_OPERANDS);
    variables[(*count)++] = (int32_t)value;
  }
  return true;
}

// A copy from one variable of a thread's local memory to another.
static bool add_copy(emu_reader *r, emu_instruction *in, const emu_variable *from, const emu_variable *to) {
  if (from->bytes != to->bytes)
    return emu_fail(r, "expects a parameter of %lld bytes, but got %lld", (long long)to->bytes, (long long)from->bytes);
  if (in->operand_count >= EMU_MAX_OPERANDS)
    return emu_fail(r, "expects fewer parameters");
  in->operands[in->operand_count++] =
      (emu_operand){.kind = EMU_ADDRESS, .at = (uint32_t)from->offset, .offset = to->offset, .parts = (uint32_t)from->bytes};
  return true;
}

static int32_t find_function(const emu_module *m, emu_text name) {
  for (int32_t i = m->function_count - 1; i >= 0; --i)
    if (emu_texts_equal(m->functions[i].name, name))
      return i;
  return -1;
}

// call (results), function, (parameters); becomes a call, which copies the parameters, and an end of the call, which copies the results.
bool emu_read_call(emu_reader *r, emu_instruction *in) {
  int32_t results[EMU_MAX_OPERANDS], parameters[EMU_MAX_OPERANDS], result_count = 0, parameter_count = 0;
  emu_text callee;
  if (emu_peek(r, '(') && (!read_list(r, results, &result_count) || !emu_expect(r, ',')))
    return false;
  if (!emu_word(r, true, &callee))
    return emu_fail(r, "expects a function");
  if (emu_accept(r, ',') && !read_list(r, parameters, &parameter_count))
    return false;
  int32_t index = find_function(r->module, callee);
  if (index < 0)
    return emu_fail(r, "expects a function of this module, but got '%.*s'", callee.length, callee.at);
  const emu_function *function = &r->module->functions[index];
  if (result_count != function->result_count || result_count + parameter_count != function->parameter_count)
    return emu_fail(r, "expects %d results and %d parameters, but got %d and %d", function->result_count,
                    function->parameter_count - function->result_count, result_count, parameter_count);
  const emu_variable *formal = &r->module->variables[function->first_parameter];
  for (int32_t i = 0; i < parameter_count; ++i)
    if (!add_copy(r, in, &r->module->variables[parameters[i]], &formal[result_count + i]))
      return false;
  in->execute = emu_execute_call;
  in->mode2 = (uint32_t)index;
  in->ends_run = true;
  emu_instruction call = *in;
  ++r->module->instruction_count;
  emu_instruction *after = open_instruction(r, call.text);
  if (!after)
    return false;
  after->execute = emu_execute_call_end;
  after->guard = call.guard, after->guard_negated = call.guard_negated;
  formal = &r->module->variables[r->module->functions[index].first_parameter];
  for (int32_t i = 0; i < result_count; ++i)
    if (!add_copy(r, after, &formal[i], &r->module->variables[results[i]]))
      return false;
  ++r->module->instruction_count;
  return emu_expect(r, ';');
}

static int32_t find_definition(const emu_module *m, const emu_function *declared) {
  for (int32_t i = 0; i < m->function_count; ++i)
    if (m->functions[i].is_defined && emu_texts_equal(m->functions[i].name, declared->name))
      return i;
  return -1;
}

// Whether a function reaches itself; `state` is 1 for functions on the way, 2 for those that are done.
static bool recurs(const emu_module *m, int32_t function, uint8_t *state) {
  if (state[function])
    return state[function] == 1;
  state[function] = 1;
  for (uint32_t i = m->functions[function].first; i < m->functions[function].end; ++i)
    if (m->instructions[i].execute == emu_execute_call && recurs(m, (int32_t)m->instructions[i].mode2, state))
      return true;
  state[function] = 2;
  return false;
}

void emu_link_calls(emu_reader *r) {
  emu_module *m = r->module;
  for (uint32_t i = 0; i + 1 < m->instruction_count; ++i) {
    emu_instruction *call = &m->instructions[i], *end = call + 1;
    if (call->execute != emu_execute_call)
      continue;
    const emu_function *declared = &m->functions[call->mode2];
    int32_t index = find_definition(m, declared);
    r->line = call->line;
    if (index < 0 || m->functions[index].parameter_count != declared->parameter_count) {
      emu_fail(r, "expects a definition of '%.*s'", declared->name.length, declared->name.at);
      return;
    }
    const emu_variable *formal = &m->variables[m->functions[index].first_parameter];
    for (int k = 0; k < end->operand_count; ++k)
      end->operands[k].at = (uint32_t)formal[k].offset;
    for (int k = 0; k < call->operand_count; ++k)
      call->operands[k].offset = formal[end->operand_count + k].offset;
    call->mode2 = (uint32_t)index;
  }
  uint8_t *state = calloc((size_t)m->function_count + 1, 1);
  for (int32_t i = 0; state && i < m->function_count; ++i) {
    r->line = m->functions[i].line;
    if (recurs(m, i, state)) {
      emu_fail(r, "expects functions that do not call themselves, but '%.*s' does", m->functions[i].name.length, m->functions[i].name.at);
      break;
    }
  }
  free(state);
}
