//===- execute_integer.c - integers, bits, comparisons, moves ------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/read_impl.h"

// An executor of one to three sources. `T` is the lane's type, `A` that of its place: 16-bit values have places of 4 bytes. `U` is the
// unsigned type in which results wrap, `W` a type of twice the bits.
#define EXECUTOR_WIDE(name, D, T, A, U, W, value)                                                                                          \
  static void name(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                               \
    D *d = emu_lanes(w, &in->operands[0]);                                                                                                 \
    const A *pa = emu_lanes(w, &in->operands[1]);                                                                                          \
    const A *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                                                             \
    const A *pc = in->operand_count > 3 ? emu_lanes(w, &in->operands[3]) : pa;                                                             \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      typedef U unsigned_type;                                                                                                             \
      typedef W wide_type;                                                                                                                 \
      T a = (T)pa[i], b = (T)pb[i], c = (T)pc[i];                                                                                          \
      (void)b, (void)c, (void)(wide_type)0;                                                                                                \
      d[i] = (D)(unsigned_type)(value);                                                                                                    \
    });                                                                                                                                    \
  }
#define EXECUTOR(name, D, T, A, value) EXECUTOR_WIDE(name, D, T, A, D, D, value)

// The executors of one operation on all integer types.
#define INTEGERS(name, value)                                                                                                              \
  EXECUTOR_WIDE(name##_u16, uint32_t, uint16_t, uint32_t, uint16_t, uint32_t, value)                                                       \
  EXECUTOR_WIDE(name##_s16, uint32_t, int16_t, uint32_t, uint16_t, int32_t, value)                                                         \
  EXECUTOR_WIDE(name##_u32, uint32_t, uint32_t, uint32_t, uint32_t, uint64_t, value)                                                       \
  EXECUTOR_WIDE(name##_s32, uint32_t, int32_t, uint32_t, uint32_t, int64_t, value)                                                         \
  EXECUTOR_WIDE(name##_u64, uint64_t, uint64_t, uint64_t, uint64_t, unsigned __int128, value)                                              \
  EXECUTOR_WIDE(name##_s64, uint64_t, int64_t, uint64_t, uint64_t, __int128, value)

#define U(x) ((unsigned_type)(x))
INTEGERS(add, U(a) + U(b))
INTEGERS(sub, U(a) - U(b))
INTEGERS(mul_lo, (uint64_t)U(a) * U(b))
INTEGERS(mad_lo, (uint64_t)U(a) * U(b) + U(c))
INTEGERS(mul_hi, ((wide_type)a * (wide_type)b) >> (8 * sizeof(a)))
INTEGERS(mad_hi, U(((wide_type)a * (wide_type)b) >> (8 * sizeof(a))) + U(c))
INTEGERS(min_, a < b ? a : b)
INTEGERS(max_, a > b ? a : b)
INTEGERS(abs_, a < 0 ? 0 - U(a) : U(a))
INTEGERS(neg, 0 - U(a))
// Division by zero leaves the value open; all bits are set, as cards do. The most negative number has no quotient by -1.
INTEGERS(div_, b == 0 ? U(-1) : U((wide_type)a / (wide_type)b))
INTEGERS(rem_, b == 0 ? U(a) : U((wide_type)a % (wide_type)b))
// Shifts are by a number of 32 bits; more than the width shifts all out.
#define SHIFTS(name, value)                                                                                                                \
  SHIFT(name##_16, uint32_t, uint16_t, int16_t, value)                                                                                     \
  SHIFT(name##_32, uint32_t, uint32_t, int32_t, value)                                                                                     \
  SHIFT(name##_64, uint64_t, uint64_t, int64_t, value)
#define SHIFT(name, D, T, S, value)                                                                                                        \
  static void name(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                               \
    D *d = emu_lanes(w, &in->operands[0]);                                                                                                 \
    const D *pa = emu_lanes(w, &in->operands[1]);                                                                                          \
    const uint32_t *pb = emu_lanes(w, &in->operands[2]);                                                                                   \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      T a = (T)pa[i];                                                                                                                      \
      S s = (S)a;                                                                                                                          \
      uint32_t by = pb[i];                                                                                                                 \
      bool all = by >= 8 * sizeof(T);                                                                                                      \
      (void)s;                                                                                                                             \
      d[i] = (T)(value);                                                                                                                   \
    });                                                                                                                                    \
  }
SHIFTS(shl, all ? 0 : (uint64_t)a << by)
SHIFTS(shr_u, all ? 0 : a >> by)
SHIFTS(shr_s, s >> (all ? 8 * sizeof(s) - 1 : by))

EXECUTOR(mul_wide_u16, uint32_t, uint16_t, uint32_t, (uint32_t)a *(uint32_t)b)
EXECUTOR(mul_wide_s16, uint32_t, int16_t, uint32_t, (int32_t)a *(int32_t)b)
EXECUTOR(mul_wide_u32, uint64_t, uint32_t, uint32_t, (uint64_t)a *b)
EXECUTOR(mul_wide_s32, uint64_t, int32_t, uint32_t, (int64_t)a *b)
EXECUTOR(mul24_lo_u32, uint32_t, uint32_t, uint32_t, (a & 0xffffff) * (b & 0xffffff))
EXECUTOR(mul24_lo_s32, uint32_t, int32_t, uint32_t,
         (uint32_t)((int32_t)((uint32_t)a << 8) >> 8) * (uint32_t)((int32_t)((uint32_t)b << 8) >> 8))
EXECUTOR(sad_u32, uint32_t, uint32_t, uint32_t, (a > b ? a - b : b - a) + c)
EXECUTOR(sad_s32, uint32_t, int32_t, uint32_t, (a > b ? (uint32_t)a - (uint32_t)b : (uint32_t)b - (uint32_t)a) + (uint32_t)c)

// The 64-bit addend of a product of 32 bits stands in a place of its own width.
#define MAD_WIDE(name, D, T, P)                                                                                                            \
  static void name(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                               \
    D *d = emu_lanes(w, &in->operands[0]);                                                                                                 \
    const uint32_t *pa = emu_lanes(w, &in->operands[1]), *pb = emu_lanes(w, &in->operands[2]);                                             \
    const D *pc = emu_lanes(w, &in->operands[3]);                                                                                          \
    EMU_FOR_LANES(lanes, i, { d[i] = (D)((P)(T)pa[i] * (P)(T)pb[i]) + pc[i]; });                                                           \
  }
MAD_WIDE(mad_wide_u16, uint32_t, uint16_t, uint32_t)
MAD_WIDE(mad_wide_s16, uint32_t, int16_t, int32_t)
MAD_WIDE(mad_wide_u32, uint64_t, uint32_t, uint64_t)
MAD_WIDE(mad_wide_s32, uint64_t, int32_t, int64_t)

#define BITS(name, value)                                                                                                                  \
  EXECUTOR(name##_b16, uint32_t, uint16_t, uint32_t, (uint16_t)(value))                                                                    \
  EXECUTOR(name##_b32, uint32_t, uint32_t, uint32_t, value)                                                                                \
  EXECUTOR(name##_b64, uint64_t, uint64_t, uint64_t, value)
BITS(and_, a &b)
BITS(or_, a | b)
BITS(xor_, a ^ b)
BITS(not_, ~a)
BITS(cnot, a == 0)

// Any function of three bits, by its table.
static void lop3(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  const uint32_t *pa = emu_lanes(w, &in->operands[1]), *pb = emu_lanes(w, &in->operands[2]), *pc = emu_lanes(w, &in->operands[3]);
  uint32_t table = (uint32_t)emu_unsigned(w, &in->operands[4], 0);
  EMU_FOR_LANES(lanes, i, {
    uint32_t a = pa[i], b = pb[i], c = pc[i], result = 0;
    for (int bit = 0; bit < 8; ++bit)
      result |= (0 - (table >> bit & 1)) & (bit & 4 ? a : ~a) & (bit & 2 ? b : ~b) & (bit & 1 ? c : ~c);
    d[i] = result;
  });
}

// Results of 32 bits, whatever the source is.
#define COUNT(name, A, value)                                                                                                              \
  static void name(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                               \
    uint32_t *d = emu_lanes(w, &in->operands[0]);                                                                                          \
    const A *pa = emu_lanes(w, &in->operands[1]);                                                                                          \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      A a = pa[i];                                                                                                                         \
      d[i] = (uint32_t)(value);                                                                                                            \
    });                                                                                                                                    \
  }
COUNT(popc_32, uint32_t, __builtin_popcount(a))
COUNT(popc_64, uint64_t, __builtin_popcountll(a))
COUNT(clz_32, uint32_t, a ? __builtin_clz(a) : 32)
COUNT(clz_64, uint64_t, a ? __builtin_clzll(a) : 64)
// The highest bit that differs from the sign; all ones if there is none. `shiftamt` counts from the top.
#define FIND(a, bits) ((a) ? (in->mode ? __builtin_clzll((uint64_t)(a) << (64 - bits)) : 63 - __builtin_clzll(a)) : UINT32_MAX)
COUNT(bfind_u32, uint32_t, FIND((uint64_t)a, 32))
COUNT(bfind_u64, uint64_t, FIND(a, 64))
COUNT(bfind_s32, uint32_t, FIND((uint64_t)((int32_t)a < 0 ? ~a : a), 32))
COUNT(bfind_s64, uint64_t, FIND((int64_t)a < 0 ? ~a : a, 64))

static uint64_t reverse(uint64_t value, int bits) {
  uint64_t result = 0;
  for (int i = 0; i < bits; ++i)
    result |= (value >> i & 1) << (bits - 1 - i);
  return result;
}
EXECUTOR(brev_32, uint32_t, uint32_t, uint32_t, reverse(a, 32))
EXECUTOR(brev_64, uint64_t, uint64_t, uint64_t, reverse(a, 64))

// A field of bits; positions and lengths beyond the width are cut, and a signed field is filled with its highest bit.
static uint64_t field(uint64_t value, uint32_t position, uint32_t length, int bits, bool is_signed) {
  position &= 255, length &= 255;
  if (length == 0)
    return 0;
  uint32_t top = position + length - 1 < (uint32_t)bits ? position + length - 1 : (uint32_t)bits - 1;
  bool fill = is_signed && (value >> top & 1);
  uint64_t result = position < 64 && position < (uint32_t)bits ? value >> position : 0;
  uint32_t kept = position < (uint32_t)bits ? (length < bits - position ? length : bits - position) : 0;
  uint64_t mask = kept >= 64 ? UINT64_MAX : (UINT64_C(1) << kept) - 1;
  return fill ? result | ~mask : result & mask;
}

static uint64_t insert(uint64_t from, uint64_t into, uint32_t position, uint32_t length, int bits) {
  position &= 255, length &= 255;
  for (uint32_t i = 0; i < length && position + i < (uint32_t)bits; ++i) {
    uint64_t bit = UINT64_C(1) << (position + i);
    into = from >> i & 1 ? into | bit : into & ~bit;
  }
  return into;
}

static void bfe(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  int bits = emu_type_bytes((emu_type)in->type) * 8;
  bool is_signed = in->type == EMU_S32 || in->type == EMU_S64;
  const uint32_t *position = emu_lanes(w, &in->operands[2]), *length = emu_lanes(w, &in->operands[3]);
  EMU_FOR_LANES(lanes, i, {
    uint64_t value = field(emu_unsigned(w, &in->operands[1], i), position[i], length[i], bits, is_signed);
    emu_set_unsigned(w, &in->operands[0], i, value);
  });
}

static void bfi(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  int bits = emu_type_bytes((emu_type)in->type) * 8;
  const uint32_t *position = emu_lanes(w, &in->operands[3]), *length = emu_lanes(w, &in->operands[4]);
  EMU_FOR_LANES(lanes, i, {
    uint64_t into = emu_unsigned(w, &in->operands[2], i);
    emu_set_unsigned(w, &in->operands[0], i, insert(emu_unsigned(w, &in->operands[1], i), into, position[i], length[i], bits));
  });
}

// shf.l/.r of the pair b:a; clamped at 32 or taken by 31.
EXECUTOR(shf, uint32_t, uint32_t, uint32_t, ({
           uint32_t by = in->mode & 2 ? c & 31 : (c > 32 ? 32 : c);
           uint64_t pair = (uint64_t)b << 32 | a;
           in->mode & 1 ? (uint32_t)(pair >> by) : (uint32_t)(by == 32 ? pair : pair << by >> 32);
         }))

static uint32_t permute(uint32_t a, uint32_t b, uint32_t c, int mode) {
  uint64_t bytes = (uint64_t)b << 32 | a;
  uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    uint32_t s = 0;
    switch (mode) {
    case 0: // any bytes, or their signs
      s = c >> (4 * i) & 15;
      break;
    case 1: // four forward
      s = (c & 3) + i;
      break;
    case 2: // four backward
      s = ((c & 3) - i) & 7;
      break;
    case 3: // one byte four times
      s = c & 3;
      break;
    case 4: // clamped to the left
      s = (uint32_t)i > (c & 3) ? (uint32_t)i : (c & 3);
      break;
    case 5: // clamped to the right
      s = (uint32_t)i < (c & 3) ? (uint32_t)i : (c & 3);
      break;
    default: // one half twice
      s = (c & 1) * 2 + (i & 1);
    }
    uint32_t byte = (uint32_t)(bytes >> (8 * (s & 7))) & 255;
    if (s & 8)
      byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
}
EXECUTOR(prmt, uint32_t, uint32_t, uint32_t, permute(a, b, c, in->mode))

// Sums of products of the parts of 32 bits. `mode`: 1 and 2 are signed first and second sources, 4 the upper half of a dp2a.
static uint32_t dot(uint32_t a, uint32_t b, uint32_t c, int mode, int parts) {
  int64_t sum = (mode & 3) ? (int32_t)c : (int64_t)c;
  for (int i = 0; i < parts; ++i) {
    int bits = 32 / parts;
    uint32_t x = a >> (bits * i) & (bits == 8 ? 0xff : 0xffff), y = b >> (8 * (i + (mode & 4 ? 2 : 0))) & 255;
    int64_t p = mode & 1 ? (bits == 8 ? (int8_t)x : (int16_t)x) : (int64_t)x;
    sum += p * (mode & 2 ? (int8_t)y : (int64_t)y);
  }
  return (uint32_t)sum;
}
EXECUTOR(dp4a, uint32_t, uint32_t, uint32_t, dot(a, b, c, in->mode, 4))
EXECUTOR(dp2a, uint32_t, uint32_t, uint32_t, dot(a, b, c, in->mode, 2))

// Sums with a carry: it stands in a predicate of its own, number 0 of every warp.
#define CARRY(name, T, A, W)                                                                                                               \
  static void name(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                               \
    A *d = emu_lanes(w, &in->operands[0]);                                                                                                 \
    const A *pa = emu_lanes(w, &in->operands[1]), *pb = emu_lanes(w, &in->operands[2]);                                                    \
    const A *pc = in->operand_count > 3 ? emu_lanes(w, &in->operands[3]) : NULL;                                                           \
    bool with = in->flags & EMU_CARRY_IN, out = in->flags & EMU_CARRY_OUT;                                                                 \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      W carry = with ? w->predicates[EMU_CARRY] >> i & 1 : 0;                                                                              \
      W a = pa[i];                                                                                                                         \
      W b = pb[i];                                                                                                                         \
      W product = pc ? (in->mode & 4 ? a * b >> (8 * sizeof(T)) : (T)(a * b)) : 0;                                                         \
      W sum = in->mode & 1 ? a - b - carry : pc ? product + pc[i] + carry : a + b + carry;                                                 \
      if (out)                                                                                                                             \
        w->predicates[EMU_CARRY] = (w->predicates[EMU_CARRY] & ~(UINT32_C(1) << i)) | (uint32_t)(sum >> (8 * sizeof(T)) & 1) << i;         \
      d[i] = (T)sum;                                                                                                                       \
    });                                                                                                                                    \
  }
CARRY(carry_32, uint32_t, uint32_t, uint64_t)
CARRY(carry_64, uint64_t, uint64_t, unsigned __int128)

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

#define PICK_INTEGER(name)                                                                                                                 \
  switch (type) {                                                                                                                          \
  case EMU_U16:                                                                                                                            \
    return name##_u16;                                                                                                                     \
  case EMU_S16:                                                                                                                            \
    return name##_s16;                                                                                                                     \
  case EMU_U32:                                                                                                                            \
    return name##_u32;                                                                                                                     \
  case EMU_S32:                                                                                                                            \
    return name##_s32;                                                                                                                     \
  case EMU_U64:                                                                                                                            \
    return name##_u64;                                                                                                                     \
  case EMU_S64:                                                                                                                            \
    return name##_s64;                                                                                                                     \
  default:                                                                                                                                 \
    return NULL;                                                                                                                           \
  }

#define PICKER(name)                                                                                                                       \
  static emu_execute pick_##name(emu_type type) {                                                                                          \
    PICK_INTEGER(name)                                                                                                                     \
  }
PICKER(add)
PICKER(sub)
PICKER(mul_lo)
PICKER(mad_lo)
PICKER(mul_hi)
PICKER(mad_hi)
PICKER(min_)
PICKER(max_)
PICKER(abs_)
PICKER(neg)
PICKER(div_)
PICKER(rem_)

static bool finish(emu_opcode *o, emu_execute execute, int sources) {
  o->instruction->execute = execute;
  o->least = o->most = 1 + sources;
  return execute != NULL;
}

bool emu_decode_integer(emu_opcode *o, emu_type type) {
  static const struct {
    const char *base;
    emu_execute (*pick)(emu_type);
    int sources;
  } rows[] = {{"add", pick_add, 2},  {"sub", pick_sub, 2}, {"min", pick_min_, 2}, {"max", pick_max_, 2},
              {"abs", pick_abs_, 1}, {"neg", pick_neg, 1}, {"div", pick_div_, 2}, {"rem", pick_rem_, 2}};
  o->instruction->type = type;
  for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); ++i)
    if (emu_text_is(o->parts[0], rows[i].base))
      return finish(o, rows[i].pick(type), rows[i].sources);
  return false;
}

static emu_type wide_type(emu_type type) {
  return type == EMU_U16 ? EMU_U32 : type == EMU_S16 ? EMU_S32 : type == EMU_U32 ? EMU_U64 : EMU_S64;
}

// mul and mad of integers, with .lo, .hi or .wide.
bool emu_decode_product(emu_opcode *o, emu_type type) {
  bool adds = emu_text_is(o->parts[0], "mad");
  o->instruction->type = type;
  if (emu_take(o, "lo"))
    return finish(o, adds ? pick_mad_lo(type) : pick_mul_lo(type), 2 + adds);
  if (emu_take(o, "hi"))
    return finish(o, adds ? pick_mad_hi(type) : pick_mul_hi(type), 2 + adds);
  if (!emu_take(o, "wide"))
    return false;
  o->types[0] = wide_type(type);
  o->types[3] = wide_type(type);
  switch (type) {
  case EMU_U16:
    return finish(o, adds ? mad_wide_u16 : mul_wide_u16, 2 + adds);
  case EMU_S16:
    return finish(o, adds ? mad_wide_s16 : mul_wide_s16, 2 + adds);
  case EMU_U32:
    return finish(o, adds ? mad_wide_u32 : mul_wide_u32, 2 + adds);
  case EMU_S32:
    return finish(o, adds ? mad_wide_s32 : mul_wide_s32, 2 + adds);
  default:
    return false;
  }
}

static bool decode_rem(emu_opcode *o) {
  return emu_decode_integer(o, emu_take_type(o));
}

static bool decode_bits(emu_opcode *o) {
  static const struct {
    const char *base;
    emu_execute b16, b32, b64;
    int sources;
  } rows[] = {{"and", and__b16, and__b32, and__b64, 2},
              {"or", or__b16, or__b32, or__b64, 2},
              {"xor", xor__b16, xor__b32, xor__b64, 2},
              {"not", not__b16, not__b32, not__b64, 1},
              {"cnot", cnot_b16, cnot_b32, cnot_b64, 1}};
  emu_type type = emu_take_type(o);
  o->instruction->type = type;
  if (type == EMU_PRED)
    return emu_decode_predicates(o);
  for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); ++i)
    if (emu_text_is(o->parts[0], rows[i].base))
      return finish(o,
                    type == EMU_B16   ? rows[i].b16
                    : type == EMU_B32 ? rows[i].b32
                    : type == EMU_B64 ? rows[i].b64
                                      : NULL,
                    rows[i].sources);
  return false;
}

static bool decode_shift(emu_opcode *o) {
  emu_type type = emu_take_type(o);
  bool left = emu_text_is(o->parts[0], "shl"), is_signed = type == EMU_S16 || type == EMU_S32 || type == EMU_S64;
  o->instruction->type = type;
  o->types[2] = EMU_U32;
  switch (emu_type_bytes(type)) {
  case 2:
    return finish(o, left ? shl_16 : is_signed ? shr_s_16 : shr_u_16, 2);
  case 4:
    return finish(o, left ? shl_32 : is_signed ? shr_s_32 : shr_u_32, 2);
  case 8:
    return finish(o, left ? shl_64 : is_signed ? shr_s_64 : shr_u_64, 2);
  default:
    return false;
  }
}

static bool decode_count(emu_opcode *o) {
  emu_type type = emu_take_type(o);
  bool wide = emu_type_bytes(type) == 8;
  o->instruction->type = type;
  if (emu_text_is(o->parts[0], "brev"))
    return finish(o, wide ? brev_64 : brev_32, 1);
  o->types[0] = EMU_U32;
  if (emu_text_is(o->parts[0], "popc"))
    return finish(o, wide ? popc_64 : popc_32, 1);
  if (emu_text_is(o->parts[0], "clz"))
    return finish(o, wide ? clz_64 : clz_32, 1);
  o->instruction->mode = emu_take(o, "shiftamt");
  bool is_signed = type == EMU_S32 || type == EMU_S64;
  return finish(o, is_signed ? (wide ? bfind_s64 : bfind_s32) : (wide ? bfind_u64 : bfind_u32), 1);
}

static bool decode_field(emu_opcode *o) {
  bool inserts = emu_text_is(o->parts[0], "bfi");
  o->instruction->type = emu_take_type(o);
  o->types[2 + inserts] = o->types[3 + inserts] = EMU_U32;
  return finish(o, inserts ? bfi : bfe, 3 + inserts) && emu_type_bytes((emu_type)o->instruction->type) >= 4;
}

static bool decode_lop3(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  return finish(o, lop3, 4) && o->instruction->type == EMU_B32;
}

static bool decode_shf(emu_opcode *o) {
  bool right = emu_take(o, "r");
  if (!right && !emu_take(o, "l"))
    return false;
  bool wraps = emu_take(o, "wrap");
  if (!wraps && !emu_take(o, "clamp"))
    return false;
  o->instruction->mode = (uint16_t)(right | wraps << 1);
  o->instruction->type = emu_take_type(o);
  return finish(o, shf, 3) && o->instruction->type == EMU_B32;
}

static bool decode_prmt(emu_opcode *o) {
  static const char *const modes[] = {"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"};
  o->instruction->type = emu_take_type(o);
  for (uint16_t i = 0; i < 6; ++i)
    if (emu_take(o, modes[i]))
      o->instruction->mode = i + 1;
  return finish(o, prmt, 3) && o->instruction->type == EMU_B32;
}

static bool decode_dot(emu_opcode *o) {
  bool by_two = emu_text_is(o->parts[0], "dp2a");
  uint16_t mode = by_two && emu_take(o, "hi") ? 4 : 0;
  if (by_two && !mode && !emu_take(o, "lo"))
    return false;
  mode |= emu_take_type(o) == EMU_S32;
  mode |= (emu_take_type(o) == EMU_S32) << 1;
  o->instruction->mode = mode;
  o->instruction->type = EMU_B32;
  return finish(o, by_two ? dp2a : dp4a, 3);
}

static bool decode_mul24(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  return emu_take(o, "lo") && finish(o, o->instruction->type == EMU_S32 ? mul24_lo_s32 : mul24_lo_u32, 2);
}

static bool decode_sad(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  return finish(o, o->instruction->type == EMU_S32 ? sad_s32 : o->instruction->type == EMU_U32 ? sad_u32 : NULL, 3);
}

// add.cc, addc, addc.cc, sub.cc, subc, mad.lo.cc, madc.hi.cc ...
bool emu_decode_carry(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  bool adds = emu_text_is(o->parts[0], "mad") || emu_text_is(o->parts[0], "madc");
  if (emu_text_is(o->parts[0], "addc") || emu_text_is(o->parts[0], "subc") || emu_text_is(o->parts[0], "madc"))
    in->flags |= EMU_CARRY_IN;
  if (emu_take(o, "cc"))
    in->flags |= EMU_CARRY_OUT;
  if (adds && emu_take(o, "hi"))
    in->mode = 4;
  else if (adds && !emu_take(o, "lo"))
    return false;
  in->mode |= o->parts[0].at[0] == 's';
  in->type = emu_take_type(o);
  bool is_signed_high = in->mode & 4 && (in->type == EMU_S32 || in->type == EMU_S64);
  return finish(o, emu_type_bytes((emu_type)in->type) == 8 ? carry_64 : carry_32, 2 + adds) && !is_signed_high;
}

const emu_decoder emu_integer_decoders[] = {
    {"rem", decode_rem},    {"and", decode_bits},       {"or", decode_bits},        {"xor", decode_bits},       {"not", decode_bits},
    {"cnot", decode_bits},  {"shl", decode_shift},      {"shr", decode_shift},      {"popc", decode_count},     {"clz", decode_count},
    {"brev", decode_count}, {"bfind", decode_count},    {"bfe", decode_field},      {"bfi", decode_field},      {"lop3", decode_lop3},
    {"shf", decode_shf},    {"prmt", decode_prmt},      {"dp4a", decode_dot},       {"dp2a", decode_dot},       {"mul24", decode_mul24},
    {"sad", decode_sad},    {"addc", emu_decode_carry}, {"subc", emu_decode_carry}, {"madc", emu_decode_carry}, {NULL, NULL},
};
