//===- ptx.h - PTX text as a program to interpret ------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module is read once. All its functions become one list of instructions, all their registers places in one register file of a warp,
// and everything that an instruction needs is found when it is read: what executes it, where its operands lie, where it jumps to. What
// the machine does not know is an error that names the line.
#ifndef TENON_RUNTIME_EMU_PTX_H
#define TENON_RUNTIME_EMU_PTX_H

#include "tenon/runtime/base/status.h"

#include <stdbool.h>

enum { EMU_LANES = 32, EMU_MAX_OPERANDS = 12, EMU_MAX_ELEMENTS = 128 };

// The types of instructions.
typedef enum emu_type {
  EMU_NO_TYPE,
  EMU_PRED,
  EMU_B8,
  EMU_B16,
  EMU_B32,
  EMU_B64,
  EMU_B128,
  EMU_U8,
  EMU_U16,
  EMU_U32,
  EMU_U64,
  EMU_S8,
  EMU_S16,
  EMU_S32,
  EMU_S64,
  EMU_F16,
  EMU_F16X2,
  EMU_BF16,
  EMU_BF16X2,
  EMU_TF32,
  EMU_F32,
  EMU_F64,
  EMU_E4M3X2,
  EMU_E5M2X2,
} emu_type;

int emu_type_bytes(emu_type type);

// A stretch of the module's text.
typedef struct emu_text {
  const char *at;
  int32_t length;
} emu_text;

typedef enum emu_space { EMU_GENERIC, EMU_GLOBAL, EMU_SHARED, EMU_LOCAL, EMU_PARAM, EMU_CONST } emu_space;

typedef enum emu_operand_kind {
  EMU_NONE,
  EMU_REGISTER, // a place in the warp's register file
  EMU_CONSTANT, // a place in the module's constants, the same value in every lane
  EMU_PREDICATE,
  EMU_ADDRESS, // what the base holds, plus an offset
  EMU_LABEL,
} emu_operand_kind;

typedef struct emu_operand {
  uint8_t kind;
  uint8_t negated;   // predicates: !p
  uint8_t elements;  // of {a, b, c, d}; 0: one operand that is no vector
  uint8_t width;     // bytes of a lane's place: 4, 8 or 16
  uint32_t at;       // of the register file or the constants, in bytes; a predicate's number; a label's instruction or first target
  uint32_t parts;    // vectors and coordinates: the number of the first of module->parts; indexed branches: how many targets
  uint8_t base_kind; // EMU_ADDRESS: EMU_REGISTER or EMU_CONSTANT, of which `at` is the place
  int64_t offset;    // EMU_ADDRESS: is added to the base
} emu_operand;

// An element of a vector.
typedef struct emu_part {
  uint32_t at;
  uint8_t kind, width;
} emu_part;

struct emu_warp;
struct emu_instruction;
// Executes an instruction for some lanes of a warp.
typedef void (*emu_execute)(struct emu_warp *warp, const struct emu_instruction *instruction, uint32_t lanes);

typedef struct emu_instruction {
  emu_execute execute;
  int32_t guard; // the predicate's number, or -1
  bool guard_negated;
  bool ends_run; // the executor may change where the lanes go on: emu_jump
  uint8_t type, type2;
  uint8_t space;
  uint8_t operand_count;
  uint8_t rounding; // an emu_rounding
  uint8_t flags;    // EMU_FTZ, ...
  uint16_t mode;    // what else the opcode says, for its executor
  uint32_t mode2;
  uint32_t line;              // of the text
  uint32_t file, source_line; // of `.loc`; 0: none
  uint32_t opcode;            // into the module's list of opcodes seen, for counts
  emu_text text;              // the opcode in full
  emu_operand operands[EMU_MAX_OPERANDS];
} emu_instruction;

enum { EMU_FTZ = 1, EMU_SAT = 2, EMU_APPROX = 4, EMU_VOLATILE = 8, EMU_RELU = 16, EMU_NAN = 32, EMU_CARRY_IN = 64, EMU_CARRY_OUT = 128 };
// Of accesses to memory and fences, beside EMU_VOLATILE, which is any strong one; EMU_IN_BLOCK: ordered for threads of its block alone.
enum { EMU_ACQUIRE = 1, EMU_RELEASE = 2, EMU_IN_BLOCK = 4 };
typedef enum emu_rounding { EMU_RN, EMU_RZ, EMU_RM, EMU_RP, EMU_RNI, EMU_RZI, EMU_RMI, EMU_RPI, EMU_RNA } emu_rounding;

// A variable of a module or a function, or a parameter.
typedef struct emu_variable {
  emu_text name;
  emu_space space;
  int64_t bytes, alignment;
  int64_t offset;   // in its space: the block's shared memory, a thread's local memory, the module's image, a kernel's parameters
  int32_t function; // that it belongs to; -1: the module
} emu_variable;

typedef struct emu_function {
  emu_text name;
  bool is_entry, is_defined;
  uint32_t first, end; // instructions
  int64_t parameter_bytes;
  int32_t first_parameter, parameter_count; // variables of the space param, in order; results come first in a function that has them
  int32_t result_count;
  uint32_t return_at;   // the register that holds where to go back to
  int64_t shared_bytes; // an entry's static shared memory: that of the module and its own
  int32_t max_threads[3];
  uint32_t line;
} emu_function;

typedef struct emu_module {
  char *text; // the module's own copy
  int32_t version_major, version_minor;
  char target[16];
  emu_instruction *instructions;
  uint32_t instruction_count;
  emu_function *functions;
  int32_t function_count;
  emu_variable *variables;
  int32_t variable_count;
  emu_text *opcodes; // the different ones
  uint32_t opcode_count;
  uint8_t *constants; // 32 equal lanes each
  uint8_t *image;     // global and constant variables, where they are
  emu_part *parts;    // elements of all vectors
  uint32_t part_count;
  uint32_t *targets; // of indexed branches
  uint32_t target_count;
  uint32_t constant_bytes;
  uint32_t register_bytes; // of a warp
  int32_t predicate_count;
  int64_t image_bytes;
  int64_t shared_bytes; // static ones that no entry has of its own
  int64_t local_bytes;  // a thread
  emu_text *files;      // of `.file`, by number
  int32_t file_count;
} emu_module;

// Called with one line of text for everything that is found.
typedef void (*emu_report)(void *user, const char *text);

// Reads PTX text of `size` bytes. The module owns what it needs of it. Errors say the line, what was expected and what was got; all that
// are found are in the message, as far as it has room; `report`, if not null, gets each of them.
tenon_status emu_module_read(const char *text, size_t size, emu_module **out);
tenon_status emu_module_read_reporting(const char *text, size_t size, emu_report report, void *user, emu_module **out);
void emu_module_destroy(emu_module *module);
const emu_function *emu_module_find(const emu_module *module, const char *entry);

// Special registers have fixed places at the start of every register file, one of 4 bytes a lane each.
enum emu_special {
  EMU_TID_X,
  EMU_TID_Y,
  EMU_TID_Z,
  EMU_NTID_X,
  EMU_NTID_Y,
  EMU_NTID_Z,
  EMU_CTAID_X,
  EMU_CTAID_Y,
  EMU_CTAID_Z,
  EMU_NCTAID_X,
  EMU_NCTAID_Y,
  EMU_NCTAID_Z,
  EMU_LANEID,
  EMU_WARPID,
  EMU_NWARPID,
  EMU_LANEMASK_EQ,
  EMU_LANEMASK_LT,
  EMU_LANEMASK_LE,
  EMU_LANEMASK_GT,
  EMU_LANEMASK_GE,
  EMU_SMID,
  EMU_NSMID,
  EMU_DYNAMIC_SMEM_SIZE,
  EMU_TOTAL_SMEM_SIZE,
  EMU_CLUSTER_CTAID_X,
  EMU_CLUSTER_CTAID_Y,
  EMU_CLUSTER_CTAID_Z,
  EMU_CLUSTER_NCTAID_X,
  EMU_CLUSTER_NCTAID_Y,
  EMU_CLUSTER_NCTAID_Z,
  EMU_CLUSTER_CTARANK,
  EMU_CLUSTER_NCTARANK,
  EMU_CLUSTER_ID_X,
  EMU_CLUSTER_ID_Y,
  EMU_CLUSTER_ID_Z,
  EMU_NCLUSTER_ID_X,
  EMU_NCLUSTER_ID_Y,
  EMU_NCLUSTER_ID_Z,
  EMU_IS_EXPLICIT_CLUSTER,
  EMU_GRIDID,
  EMU_SPECIALS,
};

// Where instructions write what nobody wants, 16 bytes a lane; registers follow.
enum { EMU_DROPPED = (int)EMU_SPECIALS * (int)EMU_LANES * 4, EMU_FIRST_REGISTER = ((int)EMU_SPECIALS + 4) * (int)EMU_LANES * 4 };

// Where variables stand in the generic address space. Global memory is the host's own addresses.
#define EMU_SHARED_WINDOW INT64_C(0x0000000100000000)
#define EMU_LOCAL_WINDOW INT64_C(0x0000000200000000)
#define EMU_PARAM_WINDOW INT64_C(0x0000000300000000)
#define EMU_WINDOW_BYTES INT64_C(0x0000000001000000)

#endif /* TENON_RUNTIME_EMU_PTX_H */
