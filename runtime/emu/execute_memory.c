//===- execute_memory.c - loads, stores, atomics, addresses --------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_impl.h"
#include "tenon/runtime/emu/read_impl.h"

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

// Writes `size` bytes from memory to a lane's place of `width` bytes; signed values fill it.
static void put(void *place, int width, int lane, const uint8_t *from, emu_type type) {
  int size = emu_type_bytes(type);
  uint64_t value = 0;
  memcpy(&value, from, size < 8 ? (size_t)size : 8);
  if (type == EMU_S8)
    value = (uint64_t)(int64_t)(int8_t)value;
  else if (type == EMU_S16)
    value = (uint64_t)(int64_t)(int16_t)value;
  else if (type == EMU_S32)
    value = (uint64_t)(int64_t)(int32_t)value;
  if (width == 8)
    ((uint64_t *)place)[lane] = value;
  else if (width == 4)
    ((uint32_t *)place)[lane] = (uint32_t)value;
  else
    memcpy((uint8_t *)place + 16 * lane, from, 16);
}

static void take(const void *place, int width, int lane, uint8_t *to, int size) {
  memcpy(to, (const uint8_t *)place + width * lane, (size_t)size);
}

// An operand of one element or several: what is where.
static int element_count(const emu_operand *operand) {
  return operand->elements ? operand->elements : 1;
}
static void *element(const emu_warp *w, const emu_operand *operand, int e, int *width) {
  *width = operand->elements ? emu_part_of(w, operand, e)->width : operand->width;
  return operand->elements ? emu_element(w, operand, e) : emu_lanes(w, operand);
}

static void load(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint64_t addresses[EMU_LANES];
  uint8_t *places[EMU_LANES];
  const emu_operand *to = &in->operands[0];
  int count = element_count(to), size = emu_type_bytes((emu_type)in->type);
  emu_addresses(w, &in->operands[1], lanes, addresses);
  if (!emu_reach(w, in, (emu_space)in->space, addresses, count * size, lanes, EMU_READ, places))
    return;
  for (int e = 0; e < count; ++e) {
    int width;
    void *place = element(w, to, e, &width);
    if (!place)
      continue;
    if (size == 4 && width == 4 && in->type != EMU_S32)
      EMU_FOR_LANES(lanes, i, { memcpy((uint32_t *)place + i, places[i] + 4 * e, 4); });
    else
      EMU_FOR_LANES(lanes, i, { put(place, width, i, places[i] + size * e, (emu_type)in->type); });
  }
  if (w->block->check && (in->flags & EMU_VOLATILE))
    emu_check_gets(w, in, places, lanes);
}

static void store(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint64_t addresses[EMU_LANES];
  uint8_t *places[EMU_LANES];
  const emu_operand *from = &in->operands[1];
  int count = element_count(from), size = emu_type_bytes((emu_type)in->type);
  emu_addresses(w, &in->operands[0], lanes, addresses);
  if (!emu_reach(w, in, (emu_space)in->space, addresses, count * size, lanes, EMU_WRITE, places))
    return;
  for (int e = 0; e < count; ++e) {
    int width;
    const void *place = element(w, from, e, &width);
    if (place)
      EMU_FOR_LANES(lanes, i, { take(place, width, i, places[i] + size * e, size); });
  }
}

static bool is_cache_hint(emu_text part) {
  static const char *const names[] = {"L1::evict_normal",
                                      "L1::evict_unchanged",
                                      "L1::evict_first",
                                      "L1::evict_last",
                                      "L1::no_allocate",
                                      "L2::cache_hint",
                                      "L2::64B",
                                      "L2::128B",
                                      "L2::256B",
                                      "ca",
                                      "cg",
                                      "cs",
                                      "lu",
                                      "cv",
                                      "wb",
                                      "wt",
                                      "nc",
                                      "weak",
                                      "volatile",
                                      "relaxed",
                                      "acquire",
                                      "release",
                                      "acq_rel",
                                      "cta",
                                      "cluster",
                                      "gpu",
                                      "sys",
                                      "mmio"};
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); ++i)
    if (emu_text_is(part, names[i]))
      return true;
  return false;
}

// What order the parts of an opcode ask for, for the checks. What has none, as ld.volatile, is strong still.
static uint8_t order_flags(const emu_opcode *o) {
  uint8_t flags = 0;
  for (int32_t i = 1; i < o->count; ++i) {
    bool both = emu_text_is(o->parts[i], "acq_rel") || emu_text_is(o->parts[i], "sc");
    flags |= both || emu_text_is(o->parts[i], "acquire") ? EMU_ACQUIRE : 0;
    flags |= both || emu_text_is(o->parts[i], "release") ? EMU_RELEASE : 0;
    flags |= emu_text_is(o->parts[i], "cta") ? EMU_IN_BLOCK : 0;
  }
  return flags;
}

// Orders and hints are kept by a machine that does one access at a time.
void emu_take_hints(emu_opcode *o) {
  o->instruction->flags |= order_flags(o);
  for (int32_t i = 1; i < o->count; ++i) {
    if (!is_cache_hint(o->parts[i]))
      continue;
    bool is_ordered = !emu_text_is(o->parts[i], "weak") && o->parts[i].at[0] != 'L' && o->parts[i].length > 3;
    o->instruction->flags |= is_ordered ? EMU_VOLATILE : 0;
    o->taken |= UINT32_C(1) << i;
  }
}

static bool decode_access(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  bool loads = emu_text_is(o->parts[0], "ld") || emu_text_is(o->parts[0], "ldu");
  emu_take_hints(o);
  in->space = (uint8_t)emu_take_space(o);
  o->elements = emu_take(o, "v2") ? 2 : emu_take(o, "v4") ? 4 : emu_take(o, "v8") ? 8 : 0;
  in->type = emu_take_type(o);
  emu_take(o, "unified");
  bool in_entry = o->reader->function >= 0 && o->reader->module->functions[o->reader->function].is_entry;
  // Only an entry's own parameters, which it reads by name, are in the launch's buffer.
  if (in->space == EMU_PARAM && !(in_entry && loads && emu_names_parameter(o->reader)))
    in->space = EMU_LOCAL;
  o->least = o->most = 2;
  o->addresses = loads ? 2 : 1;
  o->writes = loads ? 1 : 0;
  o->types[loads ? 1 : 0] = EMU_B64;
  o->loose = loads ? 1 : 2;
  o->vectors = o->elements ? (loads ? 1 : 2) : 0;
  in->execute = loads ? load : store;
  return in->type != EMU_NO_TYPE && in->type != EMU_PRED && emu_type_bytes((emu_type)in->type) * (o->elements ? o->elements : 1) <= 32;
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

typedef enum atomic { ADD, MIN, MAX, AND, OR, XOR, EXCH, CAS, INC, DEC } atomic;

static uint64_t combine_float(atomic how, emu_type type, uint64_t old, uint64_t with) {
  double a, b;
  uint64_t bits;
  uint16_t low, high;
  switch (type) {
  case EMU_F64:
    memcpy(&a, &old, 8), memcpy(&b, &with, 8);
    a += b;
    memcpy(&bits, &a, 8);
    return bits;
  case EMU_F32:
    return emu_bits(emu_from_bits((uint32_t)old) + emu_from_bits((uint32_t)with));
  case EMU_F16:
    return emu_to_half(emu_from_half((uint16_t)old) + emu_from_half((uint16_t)with));
  case EMU_BF16:
    return emu_to_bfloat(emu_from_bfloat((uint16_t)old) + emu_from_bfloat((uint16_t)with));
  default:
    low = (uint16_t)combine_float(how, type == EMU_F16X2 ? EMU_F16 : EMU_BF16, old & 0xffff, with & 0xffff);
    high = (uint16_t)combine_float(how, type == EMU_F16X2 ? EMU_F16 : EMU_BF16, old >> 16 & 0xffff, with >> 16 & 0xffff);
    return (uint32_t)high << 16 | low;
  }
}

static uint64_t combine(atomic how, emu_type type, uint64_t old, uint64_t with, uint64_t third) {
  bool narrow = emu_type_bytes(type) == 4, is_signed = type == EMU_S32 || type == EMU_S64;
  int64_t a = narrow ? (int32_t)old : (int64_t)old, b = narrow ? (int32_t)with : (int64_t)with;
  switch (how) {
  case ADD:
    return type >= EMU_F16 && type <= EMU_F64 ? combine_float(how, type, old, with) : old + with;
  case MIN:
    return is_signed ? (uint64_t)(a < b ? a : b) : old < with ? old : with;
  case MAX:
    return is_signed ? (uint64_t)(a > b ? a : b) : old > with ? old : with;
  case AND:
    return old & with;
  case OR:
    return old | with;
  case XOR:
    return old ^ with;
  case EXCH:
    return with;
  case CAS:
    return old == with ? third : old;
  case INC:
    return old >= with ? 0 : old + 1;
  case DEC:
    return old == 0 || old > with ? with : old - 1;
  }
  return old;
}

// Blocks that run beside this one may change the place in between, so it is compared and exchanged. Lanes go one after another.
static uint64_t change(uint8_t *place, int size, const emu_instruction *in, uint64_t with, uint64_t third) {
  if (size == 8) {
    uint64_t *at = (uint64_t *)place, old = __atomic_load_n(at, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(at, &old, combine((atomic)in->mode, (emu_type)in->type, old, with, third), false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
      ;
    return old;
  }
  if (size == 2) {
    uint16_t *at = (uint16_t *)place, old = __atomic_load_n(at, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(at, &old, (uint16_t)combine((atomic)in->mode, (emu_type)in->type, old, with, third), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      ;
    return old;
  }
  uint32_t *at = (uint32_t *)place, old = __atomic_load_n(at, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(at, &old, (uint32_t)combine((atomic)in->mode, (emu_type)in->type, old, with, third), false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    ;
  return old;
}

static void atomic_change(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint64_t addresses[EMU_LANES];
  uint8_t *places[EMU_LANES];
  int size = emu_type_bytes((emu_type)in->type), first = in->mode2 ? 0 : 1; // red has no result
  emu_addresses(w, &in->operands[first], lanes, addresses);
  if (!emu_reach(w, in, (emu_space)in->space, addresses, size, lanes, EMU_ATOMIC, places))
    return;
  ++w->block->progress;
  for (uint32_t left = lanes; left; left &= left - 1) {
    int i = __builtin_ctz(left);
    uint64_t with = emu_unsigned(w, &in->operands[first + 1], i),
             third = in->mode == CAS ? emu_unsigned(w, &in->operands[first + 2], i) : 0;
    uint64_t old = change(places[i], size, in, with, third);
    if (first && in->operands[0].kind == EMU_REGISTER)
      emu_set_unsigned(w, &in->operands[0], i, old);
  }
  if (w->block->check)
    emu_check_gets(w, in, places, lanes);
}

static bool decode_atomic(emu_opcode *o) {
  static const char *const names[] = {"add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"};
  emu_instruction *in = o->instruction;
  bool reduces = emu_text_is(o->parts[0], "red");
  emu_take_hints(o);
  in->space = (uint8_t)emu_take_space(o);
  emu_take(o, "noftz");
  in->type = emu_take_type(o);
  in->mode2 = reduces;
  uint16_t how = 0;
  while (how < 10 && !emu_take(o, names[how]))
    ++how;
  in->mode = how;
  bool is_float = in->type >= EMU_F16 && in->type <= EMU_F64;
  int bytes = emu_type_bytes((emu_type)in->type);
  o->addresses = reduces ? 1 : 2;
  o->writes = !reduces;
  o->types[reduces ? 0 : 1] = EMU_B64;
  o->least = o->most = (reduces ? 2 : 3) + (how == CAS);
  in->execute = atomic_change;
  return how < 10 && in->type != EMU_PRED && (bytes == 4 || bytes == 8 || (bytes == 2 && (is_float || how >= EXCH))) &&
         (!is_float || how == ADD) && !(reduces && how >= EXCH && how <= CAS);
}

//===----------------------------------------------------------------------===//
// Addresses and order
//===----------------------------------------------------------------------===//

static int64_t window_of(emu_space space) {
  return space == EMU_SHARED ? EMU_SHARED_WINDOW : space == EMU_LOCAL ? EMU_LOCAL_WINDOW : space == EMU_PARAM ? EMU_PARAM_WINDOW : 0;
}

// To generic addresses, or with .to from them.
static void cvta(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  int64_t window = in->mode ? -window_of((emu_space)in->space) : window_of((emu_space)in->space);
  EMU_FOR_LANES(lanes, i, { emu_set_unsigned(w, &in->operands[0], i, emu_unsigned(w, &in->operands[1], i) + (uint64_t)window); });
}

static bool decode_cvta(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  in->mode = emu_take(o, "to");
  in->space = (uint8_t)emu_take_space(o);
  in->type = emu_take_type(o);
  o->least = o->most = 2;
  in->execute = cvta;
  return in->space != EMU_GENERIC && emu_type_bytes((emu_type)in->type) == 8;
}

static void isspacep(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  uint32_t bits = 0;
  EMU_FOR_LANES(lanes, i, {
    uint64_t address = emu_unsigned(w, &in->operands[1], i);
    bits |= (uint32_t)(emu_resolve(&address) == (emu_space)in->space) << i;
  });
  emu_set_predicate(w, &in->operands[0], lanes, bits);
}

static bool decode_isspacep(emu_opcode *o) {
  o->instruction->space = (uint8_t)emu_take_space(o);
  o->instruction->type = EMU_B64;
  o->types[0] = EMU_PRED;
  o->least = o->most = 2;
  o->instruction->execute = isspacep;
  return o->instruction->space != EMU_GENERIC;
}

// Accesses are done in the order of the program here, so a fence is for the checks alone.
static void fence(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (w->block->check)
    emu_check_fence(w, in, lanes);
}

// Prefetches and hints have nothing to do.
static void nothing(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)w, (void)in, (void)lanes;
}

static bool decode_nothing(emu_opcode *o) {
  o->taken = UINT32_MAX;
  o->instruction->type = EMU_B64;
  o->instruction->execute = nothing;
  o->most = 3;
  o->writes = 0;
  o->addresses = emu_peek(o->reader, '[') ? 1 : 0;
  return true;
}

// membar.level; fence.{sc,acq_rel,acquire,release}.scope; the fences of proxies and of mbarriers' making order no accesses of threads.
static bool decode_fence(emu_opcode *o) {
  bool is_membar = emu_text_is(o->parts[0], "membar");
  decode_nothing(o);
  o->instruction->flags |= order_flags(o);
  if ((is_membar || o->instruction->flags & (EMU_ACQUIRE | EMU_RELEASE)) && !emu_text_is(o->parts[1], "proxy"))
    o->instruction->execute = fence;
  return o->count > 1;
}

const emu_decoder emu_memory_decoders[] = {
    {"ld", decode_access},
    {"ldu", decode_access},
    {"st", decode_access},
    {"atom", decode_atomic},
    {"red", decode_atomic},
    {"cvta", decode_cvta},
    {"isspacep", decode_isspacep},
    {"membar", decode_fence},
    {"fence", decode_fence},
    {"prefetch", decode_nothing},
    {"prefetchu", decode_nothing},
    {"discard", decode_nothing},
    {"applypriority", decode_nothing},
    {NULL, NULL},
};
