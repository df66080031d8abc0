//===- execute_warp.c - what the lanes of a warp do together -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each of these has a member mask: the lanes that take part. It is done once all of them that have not ended have come to it.
#include "tenon/runtime/emu/machine_impl.h"
#include "tenon/runtime/emu/read_impl.h"

//===----------------------------------------------------------------------===//
// Shuffles
//===----------------------------------------------------------------------===//

typedef enum shuffle { UP, DOWN, BUTTERFLY, INDEX } shuffle;

// The lane that a lane reads, or -1 if it is outside of the lane's segment.
static int source_lane(shuffle how, int lane, uint32_t b, uint32_t c) {
  int by = (int)(b & 31), segment = (int)(c >> 8 & 31), clamp = (int)(c & 31);
  int most = (lane & segment) | (clamp & ~segment), from;
  switch (how) {
  case UP:
    from = lane - by;
    return from >= most ? from : -1;
  case DOWN:
    from = lane + by;
    break;
  case BUTTERFLY:
    from = lane ^ by;
    break;
  default:
    from = (lane & segment) | (by & ~segment);
  }
  return from <= most ? from : -1;
}

// shfl.sync d|p, a, b, c, mask
static void shuffle_lanes(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (!emu_meet(w, in, &lanes, &in->operands[5]))
    return;
  uint32_t *d = emu_lanes(w, &in->operands[0]), from[EMU_LANES], inside = 0;
  const uint32_t *b = emu_lanes(w, &in->operands[3]), *c = emu_lanes(w, &in->operands[4]);
  memcpy(from, emu_lanes(w, &in->operands[2]), sizeof(from));
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left), source = source_lane((shuffle)in->mode, i, b[i], c[i]);
    inside |= (uint32_t)(source >= 0) << i;
    if (source >= 0 && !(lanes >> source & 1) && w->block->check)
      emu_find(w, in, i, EMU_DIVERGENCE, "reads lane %d, which does not take part", source);
    d[i] = from[source >= 0 ? source : i];
  }
  emu_set_predicate(w, &in->operands[1], lanes, inside);
}

static bool decode_shuffle(emu_opcode *o) {
  static const char *const names[] = {"up", "down", "bfly", "idx"};
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->execute = shuffle_lanes;
  o->paired = true;
  o->writes = 2;
  o->types[1] = EMU_PRED;
  o->least = o->most = 6;
  for (in->mode = 0; in->mode < 4 && !emu_take(o, names[in->mode]);)
    ++in->mode;
  in->type = emu_take_type(o);
  return emu_take(o, "sync") && in->mode < 4 && in->type == EMU_B32;
}

//===----------------------------------------------------------------------===//
// Votes and matches
//===----------------------------------------------------------------------===//

typedef enum vote { VOTE_ALL, VOTE_ANY, VOTE_UNIFORM, VOTE_BALLOT } vote;

static void vote_lanes(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (!emu_meet(w, in, &lanes, &in->operands[2]))
    return;
  uint32_t yes = emu_predicate(w, &in->operands[1]) & lanes;
  bool holds = in->mode == VOTE_ALL ? yes == lanes : in->mode == VOTE_ANY ? yes != 0 : yes == lanes || yes == 0;
  if (in->mode != VOTE_BALLOT) {
    emu_set_predicate(w, &in->operands[0], lanes, holds ? UINT32_MAX : 0);
    return;
  }
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  EMU_FOR_LANES(lanes, i, { d[i] = yes; });
}

static bool decode_vote(emu_opcode *o) {
  static const char *const names[] = {"all", "any", "uni", "ballot"};
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->execute = vote_lanes;
  for (in->mode = 0; in->mode < 4 && !emu_take(o, names[in->mode]);)
    ++in->mode;
  in->type = emu_take_type(o);
  o->types[1] = EMU_PRED, o->types[2] = EMU_B32;
  o->least = o->most = 3;
  return emu_take(o, "sync") && in->mode < 4 && in->type == (in->mode == VOTE_BALLOT ? EMU_B32 : EMU_PRED);
}

// match.any.sync d, a, mask; match.all.sync d|p, a, mask
static void match_lanes(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (!emu_meet(w, in, &lanes, &in->operands[3]))
    return;
  const emu_operand *a = &in->operands[2];
  uint32_t *d = emu_lanes(w, &in->operands[0]), same[EMU_LANES] = {0}, first = 0;
  for (uint32_t left = lanes; left; left &= left - 1)
    for (uint32_t other = lanes; other; other &= other - 1)
      same[__builtin_ctz(left)] |= (uint32_t)(emu_unsigned(w, a, __builtin_ctz(left)) == emu_unsigned(w, a, __builtin_ctz(other)))
                                   << __builtin_ctz(other);
  first = same[__builtin_ctz(lanes)];
  bool all = first == lanes;
  EMU_FOR_LANES(lanes, i, { d[i] = in->mode ? (all ? lanes : 0) : same[i]; });
  emu_set_predicate(w, &in->operands[1], lanes, all ? UINT32_MAX : 0);
}

static bool decode_match(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->execute = match_lanes;
  in->mode = emu_take(o, "all");
  in->type = emu_take_type(o);
  o->paired = true;
  o->writes = 2;
  o->types[0] = EMU_B32, o->types[1] = EMU_PRED, o->types[3] = EMU_B32;
  o->least = o->most = 4;
  return emu_take(o, "sync") && (in->mode || emu_take(o, "any")) && (in->type == EMU_B32 || in->type == EMU_B64);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

typedef enum reduction { SUM, LEAST, MOST, BITS_AND, BITS_OR, BITS_XOR } reduction;

static uint32_t reduce(reduction how, bool is_signed, uint32_t a, uint32_t b) {
  switch (how) {
  case SUM:
    return a + b;
  case LEAST:
    return is_signed ? (uint32_t)((int32_t)a < (int32_t)b ? (int32_t)a : (int32_t)b) : a < b ? a : b;
  case MOST:
    return is_signed ? (uint32_t)((int32_t)a > (int32_t)b ? (int32_t)a : (int32_t)b) : a > b ? a : b;
  case BITS_AND:
    return a & b;
  case BITS_OR:
    return a | b;
  default:
    return a ^ b;
  }
}

// The lesser or greater of two floats; what is no number loses, or with .NaN wins.
static uint32_t reduce_float(const emu_instruction *in, uint32_t x, uint32_t y) {
  float a = emu_from_bits(x), b = emu_from_bits(y);
  if (isnan(a) || isnan(b))
    return (in->flags & EMU_NAN) || (isnan(a) && isnan(b)) ? 0x7fffffff : isnan(a) ? y : x;
  bool first = a == b ? (in->mode == LEAST) == (bool)signbit(a) : (in->mode == LEAST) == (a < b);
  return first ? x : y;
}

static void reduce_lanes(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (!emu_meet(w, in, &lanes, &in->operands[2]))
    return;
  uint32_t *d = emu_lanes(w, &in->operands[0]), mask = in->mode2, result;
  const uint32_t *a = emu_lanes(w, &in->operands[1]);
  result = a[__builtin_ctz(lanes)] & mask;
  for (uint32_t left = lanes & (lanes - 1); left; left &= left - 1) {
    uint32_t value = a[__builtin_ctz(left)] & mask;
    result = in->type == EMU_F32 ? reduce_float(in, result, value) : reduce((reduction)in->mode, in->type == EMU_S32, result, value);
  }
  EMU_FOR_LANES(lanes, i, { d[i] = result; });
}

static bool decode_reduce(emu_opcode *o) {
  static const char *const names[] = {"add", "min", "max", "and", "or", "xor"};
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->execute = reduce_lanes;
  for (in->mode = 0; in->mode < 6 && !emu_take(o, names[in->mode]);)
    ++in->mode;
  in->type = emu_take_type(o);
  bool is_float = in->type == EMU_F32;
  in->mode2 = is_float && emu_take(o, "abs") ? INT32_MAX : UINT32_MAX;
  in->flags |= is_float && emu_take(o, "NaN") ? EMU_NAN : 0;
  o->types[1] = EMU_B32, o->types[2] = EMU_B32;
  o->least = o->most = 3;
  bool fits = in->mode >= BITS_AND ? in->type == EMU_B32 : is_float ? in->mode != SUM : in->type == EMU_U32 || in->type == EMU_S32;
  return emu_take(o, "sync") && in->mode < 6 && fits;
}

//===----------------------------------------------------------------------===//
// Who is there
//===----------------------------------------------------------------------===//

static void active_mask(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  EMU_FOR_LANES(lanes, i, { d[i] = lanes; });
}

static bool decode_active_mask(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  o->instruction->execute = active_mask;
  o->least = o->most = 1;
  return o->instruction->type == EMU_B32;
}

// elect.sync d|p, mask: one lane, the first
static void elect(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (!emu_meet(w, in, &lanes, &in->operands[2]))
    return;
  uint32_t chosen = (uint32_t)__builtin_ctz(lanes);
  uint32_t *d = emu_lanes(w, &in->operands[0]);
  EMU_FOR_LANES(lanes, i, { d[i] = chosen; });
  emu_set_predicate(w, &in->operands[1], lanes, UINT32_C(1) << chosen);
}

static bool decode_elect(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->ends_run = true;
  in->execute = elect;
  in->type = EMU_B32;
  o->paired = true;
  o->writes = 2;
  o->types[1] = EMU_PRED;
  o->least = o->most = 3;
  return emu_take(o, "sync");
}

const emu_decoder emu_warp_decoders[] = {
    {"shfl", decode_shuffle}, {"vote", decode_vote}, {"match", decode_match}, {"redux", decode_reduce}, {"activemask", decode_active_mask},
    {"elect", decode_elect},  {NULL, NULL},
};
