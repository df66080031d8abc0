//===- read_operand.c - what instructions work on ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/read_impl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct special_row {
  const char *name;
  enum emu_special special;
} special_row;

static const special_row specials[] = {
    {"%tid.x", EMU_TID_X},
    {"%tid.y", EMU_TID_Y},
    {"%tid.z", EMU_TID_Z},
    {"%ntid.x", EMU_NTID_X},
    {"%ntid.y", EMU_NTID_Y},
    {"%ntid.z", EMU_NTID_Z},
    {"%ctaid.x", EMU_CTAID_X},
    {"%ctaid.y", EMU_CTAID_Y},
    {"%ctaid.z", EMU_CTAID_Z},
    {"%nctaid.x", EMU_NCTAID_X},
    {"%nctaid.y", EMU_NCTAID_Y},
    {"%nctaid.z", EMU_NCTAID_Z},
    {"%laneid", EMU_LANEID},
    {"%warpid", EMU_WARPID},
    {"%nwarpid", EMU_NWARPID},
    {"%lanemask_eq", EMU_LANEMASK_EQ},
    {"%lanemask_lt", EMU_LANEMASK_LT},
    {"%lanemask_le", EMU_LANEMASK_LE},
    {"%lanemask_gt", EMU_LANEMASK_GT},
    {"%lanemask_ge", EMU_LANEMASK_GE},
    {"%smid", EMU_SMID},
    {"%nsmid", EMU_NSMID},
    {"%dynamic_smem_size", EMU_DYNAMIC_SMEM_SIZE},
    {"%total_smem_size", EMU_TOTAL_SMEM_SIZE},
    {"%cluster_ctaid.x", EMU_CLUSTER_CTAID_X},
    {"%cluster_ctaid.y", EMU_CLUSTER_CTAID_Y},
    {"%cluster_ctaid.z", EMU_CLUSTER_CTAID_Z},
    {"%cluster_nctaid.x", EMU_CLUSTER_NCTAID_X},
    {"%cluster_nctaid.y", EMU_CLUSTER_NCTAID_Y},
    {"%cluster_nctaid.z", EMU_CLUSTER_NCTAID_Z},
    {"%cluster_ctarank", EMU_CLUSTER_CTARANK},
    {"%cluster_nctarank", EMU_CLUSTER_NCTARANK},
    {"%clusterid.x", EMU_CLUSTER_ID_X},
    {"%clusterid.y", EMU_CLUSTER_ID_Y},
    {"%clusterid.z", EMU_CLUSTER_ID_Z},
    {"%nclusterid.x", EMU_NCLUSTER_ID_X},
    {"%nclusterid.y", EMU_NCLUSTER_ID_Y},
    {"%nclusterid.z", EMU_NCLUSTER_ID_Z},
    {"%is_explicit_cluster", EMU_IS_EXPLICIT_CLUSTER},
    {"%gridid", EMU_GRIDID},
};

// The bytes of a lane's place for a value of a type.
static int place_bytes(emu_type type) {
  int bytes = emu_type_bytes(type);
  return bytes < 4 ? 4 : bytes;
}

static uint64_t from_double(double value, emu_type type) {
  uint64_t bits = 0;
  float narrow = (float)value;
  if (type == EMU_F64 || type == EMU_B64)
    memcpy(&bits, &value, 8);
  else
    memcpy(&bits, &narrow, 4);
  return bits;
}

// 0f3F800000, 0d3FF0000000000000, 1.5, 42, 0x2A, -1
static bool read_number(emu_reader *r, emu_type type, emu_operand *out) {
  emu_skip_blank(r);
  bool negative = emu_accept(r, '-');
  emu_text word;
  const char *digits = r->at;
  if (!emu_word(r, true, &word) || word.length > 70)
    return emu_fail(r, "expects a number");
  char text[72] = {0};
  memcpy(text, word.at, (size_t)word.length);
  char kind = text[0] == '0' ? (char)tolower((unsigned char)text[1]) : 0;
  bool is_float = type == EMU_F32 || type == EMU_F64 || type == EMU_F16 || type == EMU_BF16;
  if ((kind == 'f' && word.length == 10) || (kind == 'd' && word.length == 18)) {
    uint64_t bits = strtoull(text + 2, NULL, 16);
    if (negative)
      bits ^= UINT64_C(1) << (kind == 'f' ? 31 : 63);
    if (kind == 'd' && type == EMU_F32) {
      double wide;
      memcpy(&wide, &bits, 8);
      bits = from_double(wide, EMU_F32);
    }
    *out = emu_constant(r, bits, place_bytes(type == EMU_NO_TYPE ? (kind == 'f' ? EMU_F32 : EMU_F64) : type));
    return !r->failed;
  }
  if (strchr(text, '.') || (is_float && kind != 'x')) {
    char *stop;
    double value = strtod(text, &stop);
    if (*stop)
      return emu_fail(r, "expects a number, but got '%s'", text);
    *out = emu_constant(r, from_double(negative ? -value : value, type), place_bytes(type));
    return !r->failed;
  }
  r->at = digits;
  int64_t value = 0;
  if (!emu_integer(r, &value))
    return false;
  *out = emu_constant(r, (uint64_t)(negative ? -value : value), place_bytes(type));
  return !r->failed;
}

// A register, a special register, a number, or the address of a variable.
static bool read_plain(emu_reader *r, emu_type type, emu_operand *out) {
  emu_skip_blank(r);
  if (r->at < r->end && (*r->at == '-' || isdigit((unsigned char)*r->at)))
    return read_number(r, type, out);
  *out = (emu_operand){.kind = EMU_NONE};
  out->negated = emu_accept(r, '!');
  emu_text word;
  const char *before = r->at;
  if (!emu_word(r, true, &word))
    return emu_fail(r, "expects an operand");
  if (emu_text_is(word, "_")) {
    out->kind = EMU_NONE;
    return true;
  }
  if (emu_text_is(word, "WARP_SZ")) {
    *out = emu_constant(r, EMU_LANES, place_bytes(type));
    return !r->failed;
  }
  for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); ++i) {
    if (!emu_text_is(word, specials[i].name))
      continue;
    *out = (emu_operand){.kind = EMU_REGISTER, .width = 4, .at = (uint32_t)specials[i].special * EMU_LANES * 4};
    return true;
  }
  uint32_t value = 0;
  const emu_name *name = emu_find_name(r, word, &value);
  if (!name) { // A predicate and its destination share "p|q"; a register's component is not a word of its own.
    r->at = before;
    return emu_fail(r, "'%.*s' is not declared", word.length, word.at);
  }
  switch ((emu_name_kind)name->kind) {
  case EMU_NAME_REGISTER:
    out->kind = EMU_REGISTER, out->width = name->width, out->at = value;
    return true;
  case EMU_NAME_PREDICATE:
    out->kind = EMU_PREDICATE, out->at = value;
    return true;
  case EMU_NAME_VARIABLE:
    *out = emu_address_constant(r, (int32_t)value, place_bytes(type == EMU_NO_TYPE ? EMU_B64 : type));
    return !r->failed;
  case EMU_NAME_LABEL:
  case EMU_NAME_TARGETS:
    return emu_fail(r, "expects a value, but '%.*s' is a label", word.length, word.at);
  }
  return false;
}

// [base], [base + offset], [variable + offset], [number]
static bool read_address(emu_reader *r, emu_operand *out) {
  emu_operand base;
  if (!read_plain(r, EMU_B64, &base))
    return false;
  if (base.kind != EMU_REGISTER && base.kind != EMU_CONSTANT)
    return emu_fail(r, "expects an address");
  *out = base;
  out->kind = EMU_ADDRESS;
  out->base_kind = base.kind;
  if (emu_accept(r, '+') && !emu_integer(r, &out->offset))
    return false;
  return true;
}

// {a, b, c, d}, each as wide as an element
static bool read_vector(emu_reader *r, emu_type type, emu_operand *out) {
  *out = (emu_operand){.kind = EMU_REGISTER, .parts = r->module->part_count};
  do {
    emu_operand element;
    if (out->elements == EMU_MAX_ELEMENTS)
      return emu_fail(r, "expects at most %d elements", EMU_MAX_ELEMENTS);
    emu_module *m = r->module;
    if (!read_plain(r, type, &element) || !EMU_GROW(r, m->parts, m->part_count, r->part_room))
      return false;
    if (element.negated)
      return emu_fail(r, "expects no '!' in a vector");
    m->parts[m->part_count++] = (emu_part){element.at, element.kind, element.width};
    ++out->elements;
  } while (emu_accept(r, ','));
  return emu_expect(r, '}');
}

bool emu_read_operand(emu_reader *r, emu_type type, emu_operand *out) {
  if (emu_accept(r, '{'))
    return read_vector(r, type, out);
  if (!emu_accept(r, '['))
    return read_plain(r, type, out);
  if (!read_address(r, out))
    return false;
  if (emu_accept(r, ',')) { // a tensor's coordinates: [map, {x, y}]
    emu_operand coordinates;
    if (!emu_expect(r, '{') || !read_vector(r, EMU_B32, &coordinates))
      return false;
    out->elements = coordinates.elements;
    out->parts = coordinates.parts;
  }
  return emu_expect(r, ']');
}

bool emu_names_parameter(const emu_reader *r) {
  const char *at = memchr(r->at, '[', (size_t)(r->end - r->at));
  if (!at)
    return false;
  emu_reader ahead = *r;
  ahead.at = at + 1;
  emu_text word;
  uint32_t value;
  const emu_name *name = emu_word(&ahead, true, &word) ? emu_find_name(&ahead, word, &value) : NULL;
  if (!name || name->kind != EMU_NAME_VARIABLE) // a register with the address of one
    return true;
  const emu_function *function = &r->module->functions[r->function];
  return (int32_t)value >= function->first_parameter && (int32_t)value < function->first_parameter + function->parameter_count;
}
