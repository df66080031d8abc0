//===- execute_convert.c - from one type of numbers to another -----*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value is read as what it is, exactly: an integer of 64 bits or an f64. It is then rounded once to what it becomes.
#include "tenon/runtime/emu/execute_impl.h"
#include "tenon/runtime/emu/read_impl.h"

#include <fenv.h>

static bool is_float(emu_type type) {
  return type >= EMU_F16 && type <= EMU_F64;
}
static bool is_signed(emu_type type) {
  return type >= EMU_S8 && type <= EMU_S64;
}

static double read_float(emu_type type, uint64_t bits) {
  double wide;
  switch (type) {
  case EMU_F16:
    return emu_from_half((uint16_t)bits);
  case EMU_BF16:
    return emu_from_bfloat((uint16_t)bits);
  case EMU_F32:
  case EMU_TF32:
    return emu_from_bits((uint32_t)bits);
  default:
    memcpy(&wide, &bits, 8);
    return wide;
  }
}

static int64_t read_integer(emu_type type, uint64_t bits) {
  switch (type) {
  case EMU_S8:
    return (int8_t)bits;
  case EMU_S16:
    return (int16_t)bits;
  case EMU_S32:
    return (int32_t)bits;
  case EMU_U8:
  case EMU_B8:
    return (uint8_t)bits;
  case EMU_U16:
  case EMU_B16:
    return (uint16_t)bits;
  case EMU_U32:
  case EMU_B32:
    return (uint32_t)bits;
  default:
    return (int64_t)bits;
  }
}

// Rounds to a multiple of a power of two as the instruction says.
static double round_to(double value, emu_rounding rounding) {
  switch (rounding) {
  case EMU_RZ:
  case EMU_RZI:
    return trunc(value);
  case EMU_RM:
  case EMU_RMI:
    return floor(value);
  case EMU_RP:
  case EMU_RPI:
    return ceil(value);
  case EMU_RNA:
    return round(value);
  default:
    return nearbyint(value);
  }
}

// The number with `digits` binary digits, whose smallest exponent is `least`, next to the value.
static double round_digits(double value, int digits, int least, emu_rounding rounding) {
  if (value == 0 || !isfinite(value))
    return value;
  int exponent;
  frexp(value, &exponent);
  int scale = (exponent - 1 < least ? least : exponent - 1) - (digits - 1);
  return ldexp(round_to(ldexp(value, -scale), rounding), scale);
}

static uint16_t half_bits(double value, emu_rounding rounding) {
  if (isnan(value))
    return 0x7fff;
  double rounded = round_digits(value, 11, -14, rounding);
  if (fabs(rounded) > 65504 && !isinf(value) &&
      (rounding == EMU_RZ || (rounding == EMU_RM && value > 0) || (rounding == EMU_RP && value < 0)))
    rounded = copysign(65504, value);
  return emu_to_half((float)rounded);
}

static uint16_t bfloat_bits(double value, emu_rounding rounding) {
  if (isnan(value))
    return 0x7fff;
  double rounded = round_digits(value, 8, -126, rounding);
  if (fabs(rounded) > 0x1.fep127 && !isinf(value) && rounding == EMU_RZ)
    rounded = copysign(0x1.fep127, value);
  return (uint16_t)(emu_bits((float)rounded) >> 16);
}

static uint32_t single_bits(double value, emu_rounding rounding) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  if (isnan(value))
    return 0x7fffffff;
  fesetround(modes[rounding & 3]);
  volatile double from = value;
  volatile float to = (float)from;
  fesetround(FE_TONEAREST);
  return emu_bits(to);
}

// e4m3 has no infinities and 448 at most; e5m2 57344. Both stay finite here, as the instructions ask.
static uint8_t eight_bits(double value, bool has_three) {
  int digits = has_three ? 4 : 3, least = has_three ? -6 : -14, bias = has_three ? 7 : 15;
  double limit = has_three ? 448 : 57344;
  if (isnan(value))
    return has_three ? 0x7f : 0x7f;
  double rounded = fmin(fabs(round_digits(value, digits, least, EMU_RN)), limit);
  int exponent = 0;
  double fraction = frexp(rounded, &exponent);
  uint8_t sign = signbit(value) ? 0x80 : 0;
  if (rounded == 0)
    return sign;
  if (exponent - 1 < least)
    return sign | (uint8_t)ldexp(rounded, digits - 1 - least);
  return sign | (uint8_t)((exponent - 1 + bias) << (digits - 1)) | (uint8_t)(ldexp(2 * fraction - 1, digits - 1));
}

static double from_eight_bits(uint8_t bits, bool has_three) {
  int mantissa_bits = has_three ? 3 : 2, bias = has_three ? 7 : 15;
  int exponent = bits >> mantissa_bits & (has_three ? 15 : 31), mantissa = bits & ((1 << mantissa_bits) - 1);
  double sign = bits & 0x80 ? -1 : 1;
  if (has_three && (bits & 0x7f) == 0x7f)
    return NAN;
  if (!has_three && exponent == 31)
    return mantissa ? NAN : sign * INFINITY;
  return sign * (exponent == 0 ? ldexp(mantissa, 1 - bias - mantissa_bits)
                               : ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits));
}

// An integer of a type next to the value; values beyond it become its ends, and what is no number 0.
static uint64_t integer_bits(double value, emu_type type) {
  int bits = 8 * emu_type_bytes(type);
  if (isnan(value))
    return bits == 64 ? UINT64_C(1) << 63 : 0;
  if (is_signed(type)) {
    double limit = ldexp(1, bits - 1);
    if (value >= limit)
      return (UINT64_C(1) << (bits - 1)) - 1;
    return value <= -limit ? UINT64_C(1) << (bits - 1) : (uint64_t)(int64_t)value;
  }
  if (value >= ldexp(1, bits))
    return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
  return value <= 0 ? 0 : (uint64_t)value;
}

static uint64_t float_bits(double value, emu_type type, emu_rounding rounding) {
  uint64_t bits = 0;
  switch (type) {
  case EMU_F16:
    return half_bits(value, rounding);
  case EMU_BF16:
    return bfloat_bits(value, rounding);
  case EMU_TF32:
    return isnan(value) ? 0x7fffffff : emu_bits((float)round_digits(value, 11, -126, rounding));
  case EMU_F32:
    return single_bits(value, rounding);
  default:
    memcpy(&bits, &value, 8);
    return bits;
  }
}

// Integers of 64 bits have more digits than an f64.
static uint64_t from_integer(int64_t value, bool was_signed, emu_type to, emu_rounding rounding) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  uint64_t bits = 0;
  fesetround(modes[rounding & 3]);
  volatile int64_t from = value;
  volatile float narrow = was_signed ? (float)from : (float)(uint64_t)from;
  volatile double wide = was_signed ? (double)from : (double)(uint64_t)from;
  fesetround(FE_TONEAREST);
  if (to == EMU_F32)
    return emu_bits(narrow);
  if (to != EMU_F64)
    return float_bits(wide, to, rounding);
  double result = wide;
  memcpy(&bits, &result, 8);
  return bits;
}

static uint64_t cut(uint64_t bits, emu_type type, int width) {
  int size = emu_type_bytes(type);
  if (is_signed(type) && size < width) // a narrower signed value fills its place with its sign
    return (uint64_t)read_integer(type, bits);
  return size == 8 ? bits : bits & ((UINT64_C(1) << (8 * size)) - 1);
}

static int64_t clamp_integer(int64_t value, bool was_signed, emu_type type) {
  int bits = 8 * emu_type_bytes(type);
  bool is_negative = was_signed && value < 0;
  if (is_signed(type)) {
    int64_t most = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
    if (!is_negative && (uint64_t)value > (uint64_t)most)
      return most;
    return is_negative && value < -most - 1 ? -most - 1 : value;
  }
  if (is_negative)
    return 0;
  uint64_t most = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
  return (uint64_t)value > most ? (int64_t)most : value;
}

static uint64_t convert(const emu_instruction *in, uint64_t bits, int width) {
  emu_type from = (emu_type)in->type2, to = (emu_type)in->type;
  emu_rounding rounding = (emu_rounding)in->rounding;
  if (!is_float(from)) {
    int64_t value = read_integer(from, bits);
    if (is_float(to))
      return from_integer(value, is_signed(from), to, rounding);
    return cut((uint64_t)(in->flags & EMU_SAT ? clamp_integer(value, is_signed(from), to) : value), to, width);
  }
  double value = read_float(from, bits);
  if (in->flags & EMU_FTZ && from == EMU_F32)
    value = emu_flush((float)value);
  if (!is_float(to))
    return cut(integer_bits(round_to(value, rounding), to), to, width);
  if (in->mode) // to an integral float
    value = round_to(value, rounding), rounding = EMU_RN;
  if (in->flags & EMU_SAT)
    value = isnan(value) ? 0 : fmin(fmax(value, 0), 1);
  if (in->flags & EMU_RELU)
    value = value < 0 ? 0 : value;
  uint64_t result = float_bits(value, to, rounding);
  if (in->flags & EMU_FTZ && to == EMU_F32)
    result = emu_bits(emu_flush(emu_from_bits((uint32_t)result)));
  return result;
}

static void cvt(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  int width = in->operands[0].width;
  EMU_FOR_LANES(lanes, i, { emu_set_unsigned(w, &in->operands[0], i, convert(in, emu_unsigned(w, &in->operands[1], i), width)); });
}

// cvt of two f32 to one pair; the first source is the upper half.
static void cvt_pair(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  const float *pa = emu_lanes(w, &in->operands[1]), *pb = emu_lanes(w, &in->operands[2]);
  bool eight = in->type == EMU_E4M3X2 || in->type == EMU_E5M2X2;
  bool relu = in->flags & EMU_RELU;
  EMU_FOR_LANES(lanes, i, {
    double high = relu && pa[i] < 0 ? 0 : pa[i];
    double low = relu && pb[i] < 0 ? 0 : pb[i];
    if (eight)
      d[i] = (uint32_t)eight_bits(high, in->type == EMU_E4M3X2) << 8 | eight_bits(low, in->type == EMU_E4M3X2);
    else if (in->type == EMU_F16X2)
      d[i] = (uint32_t)half_bits(high, (emu_rounding)in->rounding) << 16 | half_bits(low, (emu_rounding)in->rounding);
    else
      d[i] = (uint32_t)bfloat_bits(high, (emu_rounding)in->rounding) << 16 | bfloat_bits(low, (emu_rounding)in->rounding);
  });
}

// cvt of a pair of eight bits each to a pair of halves.
static void cvt_from_eight(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  const uint32_t *pa = emu_lanes(w, &in->operands[1]);
  bool has_three = in->type2 == EMU_E4M3X2;
  EMU_FOR_LANES(lanes, i, {
    uint32_t low = half_bits(from_eight_bits((uint8_t)pa[i], has_three), EMU_RN);
    d[i] = low | (uint32_t)half_bits(from_eight_bits((uint8_t)(pa[i] >> 8), has_three), EMU_RN) << 16;
  });
}

static bool take_rounding(emu_opcode *o, bool to_integer) {
  static const char *const names[] = {"rni", "rzi", "rmi", "rpi", "rna"};
  emu_instruction *in = o->instruction;
  for (int i = 0; i < 5; ++i) {
    if (!emu_take(o, names[i]))
      continue;
    in->rounding = (uint8_t)(EMU_RNI + i);
    in->mode = !to_integer && i < 4;
    return true;
  }
  in->rounding = emu_take_rounding(o);
  return true;
}

static bool decode_cvt(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  emu_type to = emu_take_type(o), from = emu_take_type(o);
  if (to == EMU_NO_TYPE || from == EMU_NO_TYPE || !take_rounding(o, !is_float(to)))
    return false;
  in->type = to, in->type2 = from;
  in->flags |= (emu_take(o, "ftz") ? EMU_FTZ : 0) | (emu_take(o, "sat") ? EMU_SAT : 0) | (emu_take(o, "relu") ? EMU_RELU : 0);
  emu_take(o, "satfinite");
  o->types[1] = from, o->types[2] = from;
  bool is_pair = to == EMU_F16X2 || to == EMU_BF16X2 || to == EMU_E4M3X2 || to == EMU_E5M2X2;
  o->least = o->most = 2 + (is_pair && from == EMU_F32);
  if (to == EMU_F16X2 && (from == EMU_E4M3X2 || from == EMU_E5M2X2)) {
    in->execute = cvt_from_eight;
    return true;
  }
  if (is_pair) {
    in->execute = cvt_pair;
    return from == EMU_F32;
  }
  o->loose = 3;
  in->execute = cvt;
  bool plain_from = from != EMU_F16X2 && from != EMU_BF16X2 && from < EMU_E4M3X2, to_plain = to < EMU_E4M3X2;
  return plain_from && to_plain && from != EMU_PRED && to != EMU_PRED && from != EMU_B128 && to != EMU_B128;
}

const emu_decoder emu_convert_decoders[] = {{"cvt", decode_cvt}, {NULL, NULL}};
