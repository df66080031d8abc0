//===- read_impl.h - what the parts of the reader share ------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TENON_RUNTIME_EMU_READ_IMPL_H
#define TENON_RUNTIME_EMU_READ_IMPL_H

#include "tenon/runtime/emu/ptx.h"

// What a name stands for inside the braces that it was declared in.
typedef enum emu_name_kind { EMU_NAME_REGISTER, EMU_NAME_PREDICATE, EMU_NAME_VARIABLE, EMU_NAME_LABEL, EMU_NAME_TARGETS } emu_name_kind;

typedef struct emu_name {
  emu_text text;  // of a family %r<8>: "%r"
  int32_t family; // members of %r<8>; -1: one register
  uint8_t kind, width;
  uint32_t value; // place, number, index of the variable, instruction
  uint32_t extra; // indexed branches: how many targets
} emu_name;

// A use of a label that may be declared later.
typedef struct emu_fixup {
  emu_text text;
  uint32_t instruction;
  int32_t operand; // -1: the target number `instruction` of an indexed branch
  uint32_t line;
} emu_fixup;

// A use of a shared variable's address, which is known when all variables are.
typedef struct emu_use {
  uint32_t constant;
  int32_t width, variable, function;
} emu_use;

typedef struct emu_opcode emu_opcode;

typedef struct emu_reader {
  const char *at, *end;
  uint32_t line;
  emu_module *module;
  emu_name *names;
  int32_t name_count;
  emu_fixup *fixups;
  int32_t fixup_count;
  emu_use *uses;
  int32_t use_count;
  int32_t function; // that is read; -1: none
  int64_t name_room, fixup_room, instruction_room, constant_room, target_room, opcode_room, function_room, variable_room, file_room,
      part_room, use_room;
  uint32_t source_file, source_line;
  tenon_status status; // of the first error, with more of them behind
  int32_t errors;
  bool failed; // the statement at hand is given up
} emu_reader;

// Reports at the line at hand and gives up the statement; returns false.
__attribute__((format(printf, 2, 3))) bool emu_fail(emu_reader *r, const char *format, ...);

// Words and punctuation; all skip blanks and comments first.
void emu_skip_blank(emu_reader *r);
bool emu_peek(emu_reader *r, char c);
bool emu_accept(emu_reader *r, char c);
bool emu_expect(emu_reader *r, char c);
// A word of letters, digits, _ $ % and, if `dots`, . and ::. False, and nothing taken, if there is none.
bool emu_word(emu_reader *r, bool dots, emu_text *out);
bool emu_integer(emu_reader *r, int64_t *out);
// Whether the first character from `at` on that is no blank is `c`; how many elements {a, b} there has.
bool emu_next_is(const emu_reader *r, const char *at, char c);
int emu_count_elements(const char *at, const char *end);
void emu_skip_statement(emu_reader *r);

// Room for `count` + 1 elements of `size` bytes; false when there is no memory, which is reported.
bool emu_grow(emu_reader *r, void **data, int64_t count, int64_t *room, int64_t size);
#define EMU_GROW(r, array, count, room) emu_grow(r, (void **)&(array), count, &(room), sizeof(*(array)))

const emu_name *emu_find_name(const emu_reader *r, emu_text text, uint32_t *value);
bool emu_add_name(emu_reader *r, emu_name name);
emu_operand emu_constant(emu_reader *r, uint64_t bits, int width);
// The address of a variable as a constant.
emu_operand emu_address_constant(emu_reader *r, int32_t variable, int width);
bool emu_text_is(emu_text text, const char *word);
bool emu_texts_equal(emu_text a, emu_text b);

// Reads one instruction behind its guard, up to and with the semicolon.
bool emu_read_instruction(emu_reader *r, int32_t guard, bool guard_negated);
bool emu_read_call(emu_reader *r, emu_instruction *instruction);
// Gives a body an end of its own.
bool emu_add_return(emu_reader *r);
// Gives shared variables their places.
void emu_place_shared(emu_reader *r);
// Makes calls of functions that were declared only go to their definitions; reports those that have none, and recursion.
void emu_link_calls(emu_reader *r);
// Whether the operands are of the kinds and widths that the instruction's executor takes them as.
bool emu_check_operands(emu_opcode *opcode);
// Reads an operand. `type` says how a number is meant.
bool emu_read_operand(emu_reader *r, emu_type type, emu_operand *out);
emu_type emu_type_of(emu_text text);

//===----------------------------------------------------------------------===//
// From an opcode to what executes it
//===----------------------------------------------------------------------===//

enum { EMU_MAX_PARTS = 24 };

// An opcode's parts, "ld", "global", "f32". A decoder takes those that it knows; what is left is an error.
struct emu_opcode {
  emu_reader *reader;
  emu_instruction *instruction;
  emu_text parts[EMU_MAX_PARTS];
  int32_t count;
  uint32_t taken; // bits
  // How the operands are read; a decoder changes what differs from: all of the instruction's type, none paired.
  emu_type types[EMU_MAX_OPERANDS];
  bool paired;         // the first destination may be "a|b"; operand 1 is then b, or none
  int32_t least, most; // operands, with the paired one
  int32_t writes;      // leading operands that are written
  uint32_t loose;      // bits: operands whose places may be wider than their type
  uint32_t addresses;  // bits: operands that are addresses
  uint32_t vectors;    // bits: operands of `elements` elements; 0: of any number
  int32_t elements;
};

// Whether the opcode has the part, which is then taken.
bool emu_take(emu_opcode *o, const char *part);
// Takes the first part that is a type; EMU_NO_TYPE if there is none.
emu_type emu_take_type(emu_opcode *o);
// Takes a state space; EMU_GENERIC if there is none.
emu_space emu_take_space(emu_opcode *o);
// Takes .rn, .rz, .rm, .rp; EMU_RN if there is none.
emu_rounding emu_take_rounding(emu_opcode *o);

// Decoders set `execute` and how the operands are read; false if the opcode is not theirs in this form.
typedef bool (*emu_decode)(emu_opcode *opcode);
typedef struct emu_decoder {
  const char *base;
  emu_decode decode;
} emu_decoder;

// Takes what only orders accesses or hints at caches.
void emu_take_hints(emu_opcode *o);
// Whether the operands at hand name a parameter of the entry that is read.
bool emu_names_parameter(const emu_reader *r);
// Forms that more than one table begins.
bool emu_decode_integer(emu_opcode *o, emu_type type);
bool emu_decode_product(emu_opcode *o, emu_type type);
bool emu_decode_carry(emu_opcode *o);
bool emu_decode_predicates(emu_opcode *o);

extern const emu_decoder emu_integer_decoders[], emu_float_decoders[], emu_compare_decoders[], emu_convert_decoders[],
    emu_memory_decoders[], emu_control_decoders[], emu_warp_decoders[], emu_barrier_decoders[], emu_async_decoders[], emu_matrix_decoders[];

#endif /* TENON_RUNTIME_EMU_READ_IMPL_H */
