//===- execute_float.c - arithmetic on floats ----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f32 and f64 are computed in their own precision in the rounding that is asked for; halves in f32 and then rounded, which is exact for
// sums and products (f32 has more than twice their digits) and, through f64, for fused ones. Approximate functions are exact ones here.
#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/read_impl.h"

#include <fenv.h>

static int fe_rounding(uint8_t rounding) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  return modes[rounding & 3];
}

// Numbers that are none leave an operation as the one that cards make.
static inline float clean(float value) {
  return isnan(value) ? emu_from_bits(0x7fffffff) : value;
}

static inline float saturate(float value) {
  return isnan(value) ? 0 : value < 0 ? 0 : value > 1 ? 1 : value;
}

#define F32(name, value)                                                                                                                   \
  static void name##_f32(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                         \
    float *d = emu_lanes(w, &in->operands[0]);                                                                                             \
    const float *pa = emu_lanes(w, &in->operands[1]);                                                                                      \
    const float *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                                                         \
    const float *pc = in->operand_count > 3 ? emu_lanes(w, &in->operands[3]) : pa;                                                         \
    bool plain = in->rounding == EMU_RN && !(in->flags & (EMU_FTZ | EMU_SAT));                                                             \
    if (plain) {                                                                                                                           \
      EMU_FOR_LANES(lanes, i, {                                                                                                            \
        float a = pa[i], b = pb[i], c = pc[i];                                                                                             \
        (void)b, (void)c;                                                                                                                  \
        d[i] = clean(value);                                                                                                               \
      });                                                                                                                                  \
      return;                                                                                                                              \
    }                                                                                                                                      \
    fesetround(fe_rounding(in->rounding));                                                                                                 \
    bool ftz = in->flags & EMU_FTZ, sat = in->flags & EMU_SAT;                                                                             \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      float a = ftz ? emu_flush(pa[i]) : pa[i], b = ftz ? emu_flush(pb[i]) : pb[i], c = ftz ? emu_flush(pc[i]) : pc[i];                    \
      (void)b, (void)c;                                                                                                                    \
      volatile float rounded = (value);                                                                                                    \
      float r = clean(rounded);                                                                                                            \
      r = ftz ? emu_flush(r) : r;                                                                                                          \
      d[i] = sat ? saturate(r) : r;                                                                                                        \
    });                                                                                                                                    \
    fesetround(FE_TONEAREST);                                                                                                              \
  }

#define F64(name, value)                                                                                                                   \
  static void name##_f64(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                         \
    double *d = emu_lanes(w, &in->operands[0]);                                                                                            \
    const double *pa = emu_lanes(w, &in->operands[1]);                                                                                     \
    const double *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                                                        \
    const double *pc = in->operand_count > 3 ? emu_lanes(w, &in->operands[3]) : pa;                                                        \
    fesetround(fe_rounding(in->rounding));                                                                                                 \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      double a = pa[i], b = pb[i], c = pc[i];                                                                                              \
      (void)b, (void)c;                                                                                                                    \
      volatile double rounded = (value);                                                                                                   \
      d[i] = rounded;                                                                                                                      \
    });                                                                                                                                    \
    fesetround(FE_TONEAREST);                                                                                                              \
  }

// One half a place, or two.
typedef struct half_kind {
  float (*widen)(uint16_t bits);
  uint16_t (*narrow)(float value);
} half_kind;

static float widen_half(uint16_t bits) {
  return emu_from_half(bits);
}
static uint16_t narrow_half(float value) {
  return isnan(value) ? 0x7fff : emu_to_half(value);
}
static float widen_bfloat(uint16_t bits) {
  return emu_from_bfloat(bits);
}
static uint16_t narrow_bfloat(float value) {
  return emu_to_bfloat(value);
}

static half_kind half_of(uint8_t type) {
  bool brain = type == EMU_BF16 || type == EMU_BF16X2;
  return brain ? (half_kind){widen_bfloat, narrow_bfloat} : (half_kind){widen_half, narrow_half};
}

#define HALF(name, value)                                                                                                                  \
  static uint16_t name##_one(const emu_instruction *in, half_kind kind, uint16_t x, uint16_t y, uint16_t z) {                              \
    float a = kind.widen(x), b = kind.widen(y), c = kind.widen(z);                                                                         \
    (void)b, (void)c;                                                                                                                      \
    float r = (float)(value);                                                                                                              \
    if (in->flags & EMU_SAT)                                                                                                               \
      r = saturate(r);                                                                                                                     \
    if (in->flags & EMU_RELU)                                                                                                              \
      r = r < 0 ? 0 : r;                                                                                                                   \
    return kind.narrow(r);                                                                                                                 \
  }                                                                                                                                        \
  static void name##_half(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                        \
    uint32_t *d = emu_lanes(w, &in->operands[0]);                                                                                          \
    const uint32_t *pa = emu_lanes(w, &in->operands[1]);                                                                                   \
    const uint32_t *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                                                      \
    const uint32_t *pc = in->operand_count > 3 ? emu_lanes(w, &in->operands[3]) : pa;                                                      \
    bool two = in->type == EMU_F16X2 || in->type == EMU_BF16X2;                                                                            \
    half_kind kind = half_of(in->type);                                                                                                    \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      uint32_t r = name##_one(in, kind, (uint16_t)pa[i], (uint16_t)pb[i], (uint16_t)pc[i]);                                                \
      if (two)                                                                                                                             \
        r |= (uint32_t)name##_one(in, kind, (uint16_t)(pa[i] >> 16), (uint16_t)(pb[i] >> 16), (uint16_t)(pc[i] >> 16)) << 16;              \
      d[i] = r;                                                                                                                            \
    });                                                                                                                                    \
  }

#define NAN_IN(a, b) (isnan(a) || isnan(b))
// The smaller of two; of which one is no number, the other. With .NaN no number wins. -0 is less than 0.
#define LEAST(a, b)                                                                                                                        \
  (in->flags & EMU_NAN && NAN_IN(a, b) ? NAN : isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? a : b) : a < b ? a : b)
#define MOST(a, b) (in->flags & EMU_NAN && NAN_IN(a, b) ? NAN : isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? b : a) : a > b ? a : b)

#define ALL_FLOATS(name, f32, f64, half) F32(name, f32) F64(name, f64) HALF(name, half)
ALL_FLOATS(add, a + b, a + b, a + b)
ALL_FLOATS(sub, a - b, a - b, a - b)
ALL_FLOATS(mul, a *b, a *b, a *b)
ALL_FLOATS(fma_, fmaf(a, b, c), fma(a, b, c), (double)a *b + c)
ALL_FLOATS(least, LEAST(a, b), LEAST(a, b), LEAST(a, b))
ALL_FLOATS(most, MOST(a, b), MOST(a, b), MOST(a, b))
F32(ex2, exp2f(a))
HALF(ex2, exp2f(a))
F32(tanh_, tanhf(a))
HALF(tanh_, tanhf(a))
F32(div_, a / b)
F64(div_, a / b)
F32(rcp, 1 / a)
F64(rcp, 1 / a)
F32(sqrt_, sqrtf(a))
F64(sqrt_, sqrt(a))
F32(rsqrt, (float)(1 / sqrt(a)))
F64(rsqrt, 1 / sqrt(a))
F32(sin_, sinf(a))
F32(cos_, cosf(a))
F32(lg2, log2f(a))

// Signs are bits: numbers that are none keep theirs.
#define SIGNS(name, one, two, wide)                                                                                                        \
  static void name##_32(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                          \
    uint32_t *d = emu_lanes(w, &in->operands[0]);                                                                                          \
    const uint32_t *pa = emu_lanes(w, &in->operands[1]), *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                \
    uint32_t sign = in->mode2;                                                                                                             \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      uint32_t a = pa[i], b = pb[i];                                                                                                       \
      (void)b;                                                                                                                             \
      d[i] = two;                                                                                                                          \
    });                                                                                                                                    \
  }                                                                                                                                        \
  static void name##_64(emu_warp *w, const emu_instruction *in, uint32_t lanes) {                                                          \
    uint64_t *d = emu_lanes(w, &in->operands[0]), sign = UINT64_C(1) << 63;                                                                \
    const uint64_t *pa = emu_lanes(w, &in->operands[1]), *pb = in->operand_count > 2 ? emu_lanes(w, &in->operands[2]) : pa;                \
    EMU_FOR_LANES(lanes, i, {                                                                                                              \
      uint64_t a = pa[i], b = pb[i];                                                                                                       \
      (void)b;                                                                                                                             \
      d[i] = wide;                                                                                                                         \
    });                                                                                                                                    \
  }
SIGNS(abs_, , a & ~sign, a & ~sign)
SIGNS(neg, , a ^ sign, a ^ sign)
SIGNS(copysign_, , (b & ~sign) | (a & sign), (b & ~sign) | (a & sign))

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

static bool is_half(emu_type type) {
  return type == EMU_F16 || type == EMU_F16X2 || type == EMU_BF16 || type == EMU_BF16X2;
}

typedef struct float_row {
  const char *base;
  emu_execute f32, f64, half;
  int sources;
} float_row;

static const float_row rows[] = {
    {"add", add_f32, add_f64, add_half, 2},    {"sub", sub_f32, sub_f64, sub_half, 2},   {"mul", mul_f32, mul_f64, mul_half, 2},
    {"fma", fma__f32, fma__f64, fma__half, 3}, {"mad", fma__f32, fma__f64, NULL, 3},     {"min", least_f32, least_f64, least_half, 2},
    {"max", most_f32, most_f64, most_half, 2}, {"div", div__f32, div__f64, NULL, 2},     {"rcp", rcp_f32, rcp_f64, NULL, 1},
    {"sqrt", sqrt__f32, sqrt__f64, NULL, 1},   {"rsqrt", rsqrt_f32, rsqrt_f64, NULL, 1}, {"sin", sin__f32, NULL, NULL, 1},
    {"cos", cos__f32, NULL, NULL, 1},          {"lg2", lg2_f32, NULL, NULL, 1},          {"ex2", ex2_f32, NULL, ex2_half, 1},
    {"tanh", tanh__f32, NULL, tanh__half, 1},
};

static bool decode_signs(emu_opcode *o, emu_type type, emu_execute narrow, emu_execute wide, int sources) {
  emu_instruction *in = o->instruction;
  in->execute = type == EMU_F64 ? wide : narrow;
  in->mode2 = type == EMU_F32 ? UINT32_C(1) << 31 : type == EMU_F16 || type == EMU_BF16 ? UINT32_C(1) << 15 : UINT32_C(0x80008000);
  o->least = o->most = 1 + sources;
  return true;
}

static bool decode_float(emu_opcode *o, emu_type type) {
  emu_instruction *in = o->instruction;
  in->type = type;
  in->rounding = emu_take_rounding(o);
  in->flags |= (emu_take(o, "ftz") ? EMU_FTZ : 0) | (emu_take(o, "sat") ? EMU_SAT : 0) | (emu_take(o, "relu") ? EMU_RELU : 0) |
               (emu_take(o, "NaN") ? EMU_NAN : 0);
  if (emu_take(o, "approx") || emu_take(o, "full"))
    in->flags |= EMU_APPROX;
  if (is_half(type) && in->rounding != EMU_RN)
    return false;
  if (emu_text_is(o->parts[0], "abs"))
    return decode_signs(o, type, abs__32, abs__64, 1);
  if (emu_text_is(o->parts[0], "neg"))
    return decode_signs(o, type, neg_32, neg_64, 1);
  if (emu_text_is(o->parts[0], "copysign"))
    return decode_signs(o, type, copysign__32, copysign__64, 2);
  for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); ++i) {
    if (!emu_text_is(o->parts[0], rows[i].base))
      continue;
    in->execute = type == EMU_F32 ? rows[i].f32 : type == EMU_F64 ? rows[i].f64 : rows[i].half;
    o->least = o->most = 1 + rows[i].sources;
    return in->execute != NULL;
  }
  return false;
}

static bool is_float(emu_type type) {
  return type == EMU_F32 || type == EMU_F64 || is_half(type);
}

// add, sub, mul, ... of floats or integers; sums in parts have .cc.
static bool decode_any(emu_opcode *o) {
  bool is_product = emu_text_is(o->parts[0], "mul") || emu_text_is(o->parts[0], "mad");
  for (int32_t i = 1; i < o->count; ++i)
    if (emu_text_is(o->parts[i], "cc"))
      return emu_decode_carry(o);
  emu_type type = emu_take_type(o);
  if (is_float(type))
    return decode_float(o, type);
  return is_product ? emu_decode_product(o, type) : emu_decode_integer(o, type);
}

const emu_decoder emu_float_decoders[] = {
    {"add", decode_any}, {"sub", decode_any},  {"mul", decode_any},   {"mad", decode_any},      {"fma", decode_any},
    {"min", decode_any}, {"max", decode_any},  {"abs", decode_any},   {"neg", decode_any},      {"div", decode_any},
    {"rcp", decode_any}, {"sqrt", decode_any}, {"rsqrt", decode_any}, {"sin", decode_any},      {"cos", decode_any},
    {"lg2", decode_any}, {"ex2", decode_any},  {"tanh", decode_any},  {"copysign", decode_any}, {NULL, NULL},
};
