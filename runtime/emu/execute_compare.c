//===- execute_compare.c - comparisons, predicates, selection, moves -*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/read_impl.h"

// Comparisons: the low two bits of floats' unordered forms are those of the ordered ones.
typedef enum comparison { EQ, NE, LT, LE, GT, GE, EQU, NEU, LTU, LEU, GTU, GEU, NUM, NOT_NUM } comparison;
typedef enum junction { ALONE, WITH_AND, WITH_OR, WITH_XOR } junction;

static bool holds(comparison c, bool less, bool equal, bool unordered) {
  switch (c) {
  case EQ:
    return !unordered && equal;
  case NE:
    return !unordered && !equal;
  case LT:
    return !unordered && less;
  case LE:
    return !unordered && (less || equal);
  case GT:
    return !unordered && !less && !equal;
  case GE:
    return !unordered && !less;
  case NUM:
    return !unordered;
  case NOT_NUM:
    return unordered;
  default:
    return unordered || holds((comparison)(c - EQU), less, equal, false);
  }
}

#define COMPARE(name, A, T, less, equal, unordered)                                                                                        \
  static uint32_t compare_##name(const emu_warp *w, const emu_operand *x, const emu_operand *y, comparison how, uint32_t lanes) {          \
    const A *pa = emu_lanes(w, x), *pb = emu_lanes(w, y);                                                                                  \
    uint32_t bits = 0;                                                                                                                     \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      T a = (T)pa[i], b = (T)pb[i];                                                                                                        \
      bits |= (uint32_t)holds(how, less, equal, unordered) << i;                                                                           \
    });                                                                                                                                    \
    return bits;                                                                                                                           \
  }
#define COMPARE_INTEGER(name, A, T) COMPARE(name, A, T, a < b, a == b, false)
#define COMPARE_FLOAT(name, A, T, widen) COMPARE(name, A, A, widen(a) < widen(b), widen(a) == widen(b), isnan(widen(a)) || isnan(widen(b)))
#define SAME(x) (x)
#define HALF_OF(x) emu_from_half((uint16_t)(x))
#define BFLOAT_OF(x) emu_from_bfloat((uint16_t)(x))
COMPARE_INTEGER(u16, uint32_t, uint16_t)
COMPARE_INTEGER(s16, uint32_t, int16_t)
COMPARE_INTEGER(u32, uint32_t, uint32_t)
COMPARE_INTEGER(s32, uint32_t, int32_t)
COMPARE_INTEGER(u64, uint64_t, uint64_t)
COMPARE_INTEGER(s64, uint64_t, int64_t)
COMPARE_FLOAT(f32, float, float, SAME)
COMPARE_FLOAT(f64, double, double, SAME)
COMPARE_FLOAT(f16, uint32_t, uint32_t, HALF_OF)
COMPARE_FLOAT(bf16, uint32_t, uint32_t, BFLOAT_OF)

static uint32_t compare(const emu_warp *w, const emu_instruction *in, const emu_operand *x, const emu_operand *y, uint32_t lanes) {
  comparison how = (comparison)in->mode;
  switch ((emu_type)in->type) {
  case EMU_U16:
  case EMU_B16:
    return compare_u16(w, x, y, how, lanes);
  case EMU_S16:
    return compare_s16(w, x, y, how, lanes);
  case EMU_U32:
  case EMU_B32:
    return compare_u32(w, x, y, how, lanes);
  case EMU_S32:
    return compare_s32(w, x, y, how, lanes);
  case EMU_U64:
  case EMU_B64:
    return compare_u64(w, x, y, how, lanes);
  case EMU_S64:
    return compare_s64(w, x, y, how, lanes);
  case EMU_F32:
    return compare_f32(w, x, y, how, lanes);
  case EMU_F64:
    return compare_f64(w, x, y, how, lanes);
  case EMU_F16:
    return compare_f16(w, x, y, how, lanes);
  default:
    return compare_bf16(w, x, y, how, lanes);
  }
}

static uint32_t join(const emu_warp *w, const emu_instruction *in, uint32_t bits, const emu_operand *with) {
  if (in->mode2 == ALONE)
    return bits;
  uint32_t other = emu_predicate(w, with);
  return in->mode2 == WITH_AND ? bits & other : in->mode2 == WITH_OR ? bits | other : bits ^ other;
}

// setp p|q, a, b, c: p = (a ? b) c, q = !(a ? b) c
static void setp(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t bits = compare(w, in, &in->operands[2], &in->operands[3], lanes);
  uint32_t first = join(w, in, bits, &in->operands[4]), second = join(w, in, ~bits, &in->operands[4]);
  emu_set_predicate(w, &in->operands[0], lanes, first);
  emu_set_predicate(w, &in->operands[1], lanes, second);
}

// set d, a, b: 1.0 or all ones where it holds
static void set(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t bits = join(w, in, compare(w, in, &in->operands[1], &in->operands[2], lanes), &in->operands[3]);
  uint32_t *d = emu_lanes(w, &in->operands[0]), yes = in->type2 == EMU_F32 ? emu_bits(1.0f) : UINT32_MAX;
  EMU_FOR_LANES(lanes, i, { d[i] = bits >> i & 1 ? yes : 0; });
}

static void selp(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t bits = emu_predicate(w, &in->operands[3]);
  if (in->operands[0].width == 8) {
    uint64_t *d = emu_lanes(w, &in->operands[0]);
    const uint64_t *a = emu_lanes(w, &in->operands[1]), *b = emu_lanes(w, &in->operands[2]);
    EMU_FOR_LANES(lanes, i, { d[i] = bits >> i & 1 ? a[i] : b[i]; });
  } else {
    uint32_t *d = emu_lanes(w, &in->operands[0]);
    const uint32_t *a = emu_lanes(w, &in->operands[1]), *b = emu_lanes(w, &in->operands[2]);
    EMU_FOR_LANES(lanes, i, { d[i] = bits >> i & 1 ? a[i] : b[i]; });
  }
}

// slct d, a, b, c: c >= 0 ? a : b
static void slct(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const uint32_t *c = emu_lanes(w, &in->operands[3]);
  EMU_FOR_LANES(lanes, i, {
    bool first = in->type2 == EMU_F32 ? emu_from_bits(c[i]) >= 0 : (int32_t)c[i] >= 0;
    emu_set_unsigned(w, &in->operands[0], i, emu_unsigned(w, &in->operands[first ? 1 : 2], i));
  });
}

static void predicates(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t a = emu_predicate(w, &in->operands[1]), b = in->operand_count > 2 ? emu_predicate(w, &in->operands[2]) : 0;
  uint32_t bits = in->mode == 0 ? a & b : in->mode == 1 ? a | b : in->mode == 2 ? a ^ b : in->mode == 3 ? ~a : a;
  emu_set_predicate(w, &in->operands[0], lanes, bits);
}

// mov of values that are as wide as their places, of predicates, of {a, b} to one and of one to {a, b}.
static void mov_narrow(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  const uint32_t *a = emu_lanes(w, &in->operands[1]);
  EMU_FOR_LANES(lanes, i, { d[i] = a[i]; });
}

static void mov_wide(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint64_t *d = emu_lanes(w, &in->operands[0]);
  const uint64_t *a = emu_lanes(w, &in->operands[1]);
  EMU_FOR_LANES(lanes, i, { d[i] = a[i]; });
}

// Elements share the value's bytes evenly.
static void mov_pack(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const emu_operand *from = &in->operands[1];
  int bits = emu_type_bytes((emu_type)in->type) * 8 / from->elements;
  uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
  EMU_FOR_LANES(lanes, i, {
    uint64_t value = 0;
    for (int e = 0; e < from->elements; ++e) {
      const void *at = emu_element(w, from, e);
      uint64_t part = emu_part_of(w, from, e)->width == 8 ? ((const uint64_t *)at)[i] : ((const uint32_t *)at)[i];
      value |= (part & mask) << (bits * e);
    }
    emu_set_unsigned(w, &in->operands[0], i, value);
  });
}

static void mov_unpack(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const emu_operand *to = &in->operands[0];
  int bits = emu_type_bytes((emu_type)in->type) * 8 / to->elements;
  uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
  EMU_FOR_LANES(lanes, i, {
    uint64_t value = emu_unsigned(w, &in->operands[1], i);
    for (int e = 0; e < to->elements; ++e) {
      if (emu_part_of(w, to, e)->kind != EMU_REGISTER)
        continue;
      void *at = emu_element(w, to, e);
      uint64_t part = value >> (bits * e) & mask;
      if (emu_part_of(w, to, e)->width == 8)
        ((uint64_t *)at)[i] = part;
      else
        ((uint32_t *)at)[i] = (uint32_t)part;
    }
  });
}

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

static bool take_comparison(emu_opcode *o, bool is_float, bool is_unsigned, uint16_t *out) {
  static const char *const names[] = {"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};
  static const char *const unsigned_names[] = {"lo", "ls", "hi", "hs"};
  for (uint16_t i = 0; i < (is_float ? 14 : 6); ++i)
    if (emu_take(o, names[i]))
      return *out = i, true;
  for (uint16_t i = 0; i < 4 && is_unsigned; ++i)
    if (emu_take(o, unsigned_names[i]))
      return *out = (uint16_t)(LT + i), true;
  return false;
}

static bool take_compared(emu_opcode *o, emu_type type) {
  emu_instruction *in = o->instruction;
  bool is_float = type == EMU_F32 || type == EMU_F64 || type == EMU_F16 || type == EMU_BF16;
  bool is_unsigned = type == EMU_U16 || type == EMU_U32 || type == EMU_U64;
  if (!is_float && (type < EMU_B16 || type > EMU_S64 || type == EMU_B128 || type == EMU_U8 || type == EMU_S8))
    return false;
  in->type = type;
  emu_take(o, "ftz");
  in->mode2 = emu_take(o, "and") ? WITH_AND : emu_take(o, "or") ? WITH_OR : emu_take(o, "xor") ? WITH_XOR : ALONE;
  return take_comparison(o, is_float, is_unsigned, &in->mode);
}

static bool decode_setp(emu_opcode *o) {
  if (!take_compared(o, emu_take_type(o)))
    return false;
  o->paired = true;
  o->types[0] = EMU_PRED, o->types[4] = EMU_PRED;
  o->writes = 2;
  o->least = o->most = 4 + (o->instruction->mode2 != ALONE);
  o->instruction->execute = setp;
  return true;
}

static bool decode_set(emu_opcode *o) {
  emu_type result = emu_take_type(o);
  if ((result != EMU_F32 && result != EMU_U32 && result != EMU_S32) || !take_compared(o, emu_take_type(o)))
    return false;
  o->instruction->type2 = result;
  o->types[0] = EMU_B32, o->types[3] = EMU_PRED;
  o->least = o->most = 3 + (o->instruction->mode2 != ALONE);
  o->instruction->execute = set;
  return true;
}

static bool decode_selp(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  o->types[3] = EMU_PRED;
  o->least = o->most = 4;
  o->instruction->execute = selp;
  return true;
}

static bool decode_slct(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  o->instruction->type2 = emu_take_type(o);
  o->types[3] = EMU_B32;
  o->least = o->most = 4;
  o->instruction->execute = slct;
  return o->instruction->type2 == EMU_F32 || o->instruction->type2 == EMU_S32;
}

bool emu_decode_predicates(emu_opcode *o) {
  static const char *const names[] = {"and", "or", "xor", "not", "mov"};
  for (uint16_t i = 0; i < 5; ++i) {
    if (!emu_text_is(o->parts[0], names[i]))
      continue;
    o->instruction->mode = i;
    o->least = o->most = i < 3 ? 3 : 2;
    o->instruction->execute = predicates;
    return true;
  }
  return false;
}

// The form of a mov is known when its operands are: the next character says whether the first is a vector.
static bool decode_mov(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->type = emu_take_type(o);
  if (in->type == EMU_PRED)
    return emu_decode_predicates(o);
  int bytes = emu_type_bytes((emu_type)in->type);
  o->least = o->most = 2;
  const char *second = memchr(o->reader->at, ',', (size_t)(o->reader->end - o->reader->at));
  bool unpacks = emu_peek(o->reader, '{');
  bool packs = !unpacks && second && emu_next_is(o->reader, second + 1, '{');
  if (!unpacks && !packs) {
    in->execute = bytes == 8 ? mov_wide : bytes == 4 || bytes == 2 ? mov_narrow : NULL;
    return in->execute != NULL;
  }
  in->execute = unpacks ? mov_unpack : mov_pack;
  o->vectors = unpacks ? 1 : 2;
  int elements = emu_count_elements(unpacks ? o->reader->at : second + 1, o->reader->end);
  if (bytes < 4 || bytes > 8 || (elements != 2 && elements != 4))
    return false;
  o->elements = elements;
  o->types[unpacks ? 0 : 1] = bytes / elements == 4 ? EMU_B32 : bytes / elements == 2 ? EMU_B16 : EMU_B8;
  return true;
}

const emu_decoder emu_compare_decoders[] = {
    {"setp", decode_setp}, {"set", decode_set}, {"selp", decode_selp}, {"slct", decode_slct}, {"mov", decode_mov}, {NULL, NULL},
};
