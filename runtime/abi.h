//===- abi.h - what compiled code and the runtime agree on -------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The law of this file:
//
// * A code object (a shared object inside an artifact) exports one symbol, `tenon_module`, a constant `tenon_abi_module`.
//   Everything the runtime knows about the code it learns from that constant: nothing is parsed at load. A code object for a GPU has
//   no functions; its entries are lists of launches, and the kernels are the text code/DEVICE.ptx beside it.
// * The compiler emits the same structs as LLVM constants. Only int32_t, int64_t and pointers occur, every array has its count
//   beside it, strings are NUL-terminated UTF-8, and layout is fixed by the assertions at the end.
// * The major number changes when old code would be misread. The minor number changes when a field is appended to
//   `tenon_abi_module` or `tenon_abi_call`, or a new enumerator appears; the runtime runs any artifact whose major number is its own
//   and whose minor number is not newer. What a minor number appended is not there in older modules and must not be read.
// * The header stands alone and compiles as C11 and as C++17.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_ABI_H
#define TENON_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TENON_ABI_MAGIC INT32_C(0x4e4e4554) /* the bytes "TENN" */
#define TENON_ABI_MAJOR 1
#define TENON_ABI_MINOR 1
#define TENON_ABI_SYMBOL "tenon_module"

//===----------------------------------------------------------------------===//
// Instruction sets
//===----------------------------------------------------------------------===//

enum {
  TENON_ABI_ISA_X86_64 = 1,
  TENON_ABI_ISA_AARCH64 = 2,
};

// The features of x86-64 that code may require: X(bit, LLVM's spelling). A code object sets the bit of every feature its functions were
// compiled with; the runtime runs it only where cpuid and the operating system (xgetbv) grant all of them. Features that are not in the
// list must not be enabled by the compiler. Bits are never renumbered.
#define TENON_ABI_X86_FEATURES(X)                                                                                                          \
  X(0, "sse3")                                                                                                                             \
  X(1, "ssse3")                                                                                                                            \
  X(2, "sse4.1")                                                                                                                           \
  X(3, "sse4.2")                                                                                                                           \
  X(4, "popcnt")                                                                                                                           \
  X(5, "cx16")                                                                                                                             \
  X(6, "movbe")                                                                                                                            \
  X(7, "avx")                                                                                                                              \
  X(8, "f16c")                                                                                                                             \
  X(9, "fma")                                                                                                                              \
  X(10, "avx2")                                                                                                                            \
  X(11, "bmi")                                                                                                                             \
  X(12, "bmi2")                                                                                                                            \
  X(13, "lzcnt")                                                                                                                           \
  X(14, "avx512f")                                                                                                                         \
  X(15, "avx512bw")                                                                                                                        \
  X(16, "avx512cd")                                                                                                                        \
  X(17, "avx512dq")                                                                                                                        \
  X(18, "avx512vl")                                                                                                                        \
  X(19, "avx512ifma")                                                                                                                      \
  X(20, "avx512vbmi")                                                                                                                      \
  X(21, "avx512vbmi2")                                                                                                                     \
  X(22, "avx512vnni")                                                                                                                      \
  X(23, "avx512bitalg")                                                                                                                    \
  X(24, "avx512vpopcntdq")                                                                                                                 \
  X(25, "avx512bf16")                                                                                                                      \
  X(26, "avx512fp16")                                                                                                                      \
  X(27, "avxvnni")                                                                                                                         \
  X(28, "avxvnniint8")                                                                                                                     \
  X(29, "avxneconvert")                                                                                                                    \
  X(30, "gfni")                                                                                                                            \
  X(31, "vaes")                                                                                                                            \
  X(32, "vpclmulqdq")                                                                                                                      \
  X(33, "amx-tile")                                                                                                                        \
  X(34, "amx-int8")                                                                                                                        \
  X(35, "amx-bf16")

#define TENON_ABI_X86_64_V3_FEATURES INT64_C(0x3fff)  /* bits 0 to 13 */
#define TENON_ABI_X86_64_V4_FEATURES INT64_C(0x7ffff) /* bits 0 to 18 */

//===----------------------------------------------------------------------===//
// Tensors and sizes
//===----------------------------------------------------------------------===//

enum {
  TENON_ABI_F32 = 0,
  TENON_ABI_F16 = 1,
  TENON_ABI_BF16 = 2,
  TENON_ABI_I8 = 3,
  TENON_ABI_U8 = 4,
  TENON_ABI_I32 = 5,
  TENON_ABI_I64 = 6,
  TENON_ABI_BOOL = 7, /* one byte, 0 or 1 */
};

// An input or output of an entry: dense, row-major, aligned to its elements (vector accesses must not assume more).
typedef struct tenon_abi_tensor {
  const char *name;
  int32_t dtype;
  int32_t rank;
  const int64_t *dims; /* `rank` of them; a negative dimension -1-k is the value of symbol k */
} tenon_abi_tensor;

// A number of bytes that is affine in the symbols: constant + sum of per_symbol[i] * symbols[i] for i < symbol_count.
typedef struct tenon_abi_size {
  int64_t constant;
  int64_t symbol_count; /* at most the module's; trailing symbols that don't matter may be left out */
  const int64_t *per_symbol;
} tenon_abi_size;

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

typedef struct tenon_abi_call tenon_abi_call;

// Every thread of the team calls the entry with the same `call`, its own `thread` and the same `threads`.
typedef void (*tenon_abi_entry)(const tenon_abi_call *call, int64_t thread, int64_t threads);

// Returns when all threads of the team have called it equally often; what they wrote before is then visible to all. The entry's end is
// a barrier too, made by the runtime.
typedef void (*tenon_abi_barrier)(const tenon_abi_call *call, int64_t thread);

struct tenon_abi_call {
  const void *const *inputs; /* in the entry's order */
  void *const *outputs;      /* in the entry's order */
  const void *weights;       /* the first byte of weights/packed.bin, page-aligned */
  void *arena;               /* the entry's arena size, aligned to 64 bytes, contents undefined */
  void *const *states;       /* one pointer a slot, in the module's order, aligned to 64 bytes */
  const int64_t *symbols;    /* the values of the module's symbols */
  int64_t position;          /* positions already in the append slots, before this call */
  tenon_abi_barrier barrier;
  void *team; /* the runtime's own */
};

//===----------------------------------------------------------------------===//
// Launches on a GPU
//===----------------------------------------------------------------------===//

// A kernel of a GPU target is one or more stages, PTX entries that run one after another with the same parameters:
//
//   (pointer call, one a parameter of the kernel, pointer workspace if the kernel asks for one)
//
// each a pointer into device memory, aligned to 64 bytes where the buffer begins there; that of an index value points to an int64_t. So
// parameters stay the same while a sequence grows. Launches run in the order of their list; each sees what those before it wrote.

// What `call` points to. The runtime writes it before each call of an entry, so that recorded launches can be replayed at any position.
typedef struct tenon_abi_device_call {
  int64_t tokens;
  int64_t position;
} tenon_abi_device_call;

// The grid of a stage is, in each dimension, grid[i] * (rows[i] ? ceil(tokens / rows[i]) : 1); without tokens there is no launch where
// some rows[i] is not 0.
typedef struct tenon_abi_stage {
  const char *name; /* of the PTX entry */
  int64_t threads[3];
  int64_t grid[3];
  int64_t rows[3];
  int64_t shared_bytes; /* dynamic shared memory */
} tenon_abi_stage;

typedef struct tenon_abi_kernel {
  const char *name;
  int64_t stage_count; /* at least one */
  const tenon_abi_stage *stages;
  tenon_abi_size workspace; /* contents undefined before a launch and lost after it; always 0: there is no such parameter */
  int64_t parameter_count;  /* without `call` and the workspace */
  const char *const *parameter_names; /* for people and reports */
} tenon_abi_kernel;

// Where a parameter comes from. All but the last are pointers: constant + per_token * tokens bytes behind the beginning of what is named.
enum {
  TENON_ABI_ARGUMENT_INPUT = 0,  /* input `index` of the entry */
  TENON_ABI_ARGUMENT_OUTPUT = 1, /* output `index` of the entry */
  TENON_ABI_ARGUMENT_WEIGHT = 2, /* weights/packed.bin */
  TENON_ABI_ARGUMENT_ARENA = 3,  /* the entry's arena */
  TENON_ABI_ARGUMENT_STATE = 4,  /* state slot `index` */
  TENON_ABI_ARGUMENT_DATA = 5,   /* the module's data */
  TENON_ABI_ARGUMENT_VALUE = 6,  /* the number constant + per_token * tokens + per_position * position */
};

typedef struct tenon_abi_argument {
  int64_t kind;
  int64_t index; /* 0 where the kind has none */
  int64_t constant;
  int64_t per_token;
  int64_t per_position; /* of a value; 0 otherwise */
} tenon_abi_argument;

typedef struct tenon_abi_launch {
  int64_t kernel; /* of the module's */
  const tenon_abi_argument *arguments; /* one a parameter of the kernel */
  const char *path; /* what it computes, by the model's names: "blk.3.attn_q, blk.3.attn_k" */
} tenon_abi_launch;

// The launches of one entry.
typedef struct tenon_abi_program {
  int64_t launch_count;
  const tenon_abi_launch *launches;
} tenon_abi_program;

//===----------------------------------------------------------------------===//
// The descriptor
//===----------------------------------------------------------------------===//

enum {
  // The entry reads or writes state slots. It appends symbol 0 positions at `call->position` to every append slot, and the runtime
  // advances the session by as many after the call.
  TENON_ABI_ENTRY_STATEFUL = 1,
};

typedef struct tenon_abi_entry_point {
  const char *name;
  int64_t flags;
  int64_t input_count;
  const tenon_abi_tensor *inputs;
  int64_t output_count;
  const tenon_abi_tensor *outputs;
  tenon_abi_size arena;
  tenon_abi_entry function; /* null in a module for a GPU */
} tenon_abi_entry_point;

enum {
  // Grows with the sequence: position p lies in block p / block_positions, block b at byte b * bytes of the slot. The runtime hands
  // out room for every position up to position + symbol 0 before the call, the blocks of a slot one after another. Places at or past
  // `position` hold zeros or what an abandoned continuation wrote (going back is only a smaller `position`), so they must not
  // influence results.
  TENON_ABI_STATE_APPEND = 0,
  // A fixed number of bytes, f32 elements, all zero at the start of a sequence. Sequences share them until a call is about to write
  // them, so their address changes from call to call.
  TENON_ABI_STATE_FIXED = 1,
};

typedef struct tenon_abi_state {
  const char *name;
  int64_t kind;
  int64_t block_positions; /* append: positions a block; fixed: 0 */
  int64_t bytes;           /* append: bytes of one block; fixed: bytes of the slot */
} tenon_abi_state;

// What the runtime needs to run the model as a language model. Both entries take one input, tokens i32[symbol 0].
typedef struct tenon_abi_generate {
  int64_t step_entry;    /* output 0: f32[1, vocabulary], the logits of the last position */
  int64_t forward_entry; /* output 0: f32[symbol 0, vocabulary], those of every position; -1: there is none */
  int64_t vocabulary;
  int64_t context; /* most positions of a sequence */
  int64_t bos;     /* token that starts a sequence; -1: none */
  int64_t eos_count;
  const int32_t *eos; /* tokens that end generation */
} tenon_abi_generate;

// One packed parameter; for people and tools, the code has its own offsets.
typedef struct tenon_abi_weight {
  const char *name;
  const char *format; /* "f32", "q4_1", "q4_1 panels<16>", ... */
  int64_t offset;     /* in weights/packed.bin, a multiple of 64 */
  int64_t bytes;
  int64_t rank;
  const int64_t *dims;
} tenon_abi_weight;

#define TENON_ABI_MODULE_BYTES_MINOR_0 136 /* what a module of minor number 0 has */

typedef struct tenon_abi_module {
  int32_t magic;
  int32_t abi_major;
  int32_t abi_minor;
  int32_t isa;
  int64_t features;   /* bits of TENON_ABI_X86_FEATURES (aarch64: 0 for now) */
  const char *target; /* for people: "x86-64-v3", "native (sapphirerapids)", ... */
  const char *name;   /* of the model */
  const char *source_hash;
  const char *compiler;
  int64_t weights_bytes; /* the size of weights/packed.bin; 0: there is none */
  int64_t symbol_count;
  const char *const *symbols; /* names; symbol 0 is "tokens" */
  int64_t entry_count;
  const tenon_abi_entry_point *entries;
  int64_t state_count;
  const tenon_abi_state *states;
  int64_t weight_count;
  const tenon_abi_weight *weights;
  const tenon_abi_generate *generate; /* null: not a language model */
  /* since minor number 1 */
  const char *device; /* "sm_80": the code is launched on such a GPU or a newer one; null: it is run by the processor */
  int64_t kernel_count;
  const tenon_abi_kernel *kernels;
  const tenon_abi_program *programs; /* one an entry; null where `device` is */
  int64_t data_bytes;
  const void *data; /* constants that launches read, each at a multiple of 64 */
} tenon_abi_module;

//===----------------------------------------------------------------------===//
// Golden data
//===----------------------------------------------------------------------===//

// A file golden/NAME.bin of the artifact: this header, then int32_t tokens[token_count], then tenon_abi_golden_logit[logit_count];
// little-endian, no padding. The self-test feeds the tokens to a fresh session and compares: |got - value| <= tolerance.
#define TENON_ABI_GOLDEN_MAGIC INT32_C(0x444c4754) /* the bytes "TGLD" */
#define TENON_ABI_GOLDEN_VERSION 1

typedef struct tenon_abi_golden {
  int32_t magic;
  int32_t version;
  int32_t token_count;
  int32_t logit_count;
  float tolerance;
  int32_t reserved; /* 0 */
} tenon_abi_golden;

typedef struct tenon_abi_golden_logit {
  int32_t position; /* of the token in the file */
  int32_t token;    /* whose logit it is */
  float value;
} tenon_abi_golden_logit;

#ifdef __cplusplus
} // extern "C"
#define TENON_ABI_ASSERT(condition) static_assert(condition, #condition)
#else
#define TENON_ABI_ASSERT(condition) _Static_assert(condition, #condition)
#endif

TENON_ABI_ASSERT(sizeof(void *) == 8);
TENON_ABI_ASSERT(sizeof(tenon_abi_tensor) == 24);
TENON_ABI_ASSERT(sizeof(tenon_abi_size) == 24);
TENON_ABI_ASSERT(sizeof(tenon_abi_call) == 72 && offsetof(tenon_abi_call, position) == 48 && offsetof(tenon_abi_call, barrier) == 56);
TENON_ABI_ASSERT(sizeof(tenon_abi_entry_point) == 80 && offsetof(tenon_abi_entry_point, function) == 72);
TENON_ABI_ASSERT(sizeof(tenon_abi_state) == 32);
TENON_ABI_ASSERT(sizeof(tenon_abi_generate) == 56);
TENON_ABI_ASSERT(sizeof(tenon_abi_weight) == 48);
TENON_ABI_ASSERT(sizeof(tenon_abi_device_call) == 16);
TENON_ABI_ASSERT(sizeof(tenon_abi_stage) == 88 && offsetof(tenon_abi_stage, shared_bytes) == 80);
TENON_ABI_ASSERT(sizeof(tenon_abi_kernel) == 64 && offsetof(tenon_abi_kernel, workspace) == 24);
TENON_ABI_ASSERT(sizeof(tenon_abi_argument) == 40 && sizeof(tenon_abi_launch) == 24 && sizeof(tenon_abi_program) == 16);
TENON_ABI_ASSERT(sizeof(tenon_abi_module) == 184 && offsetof(tenon_abi_module, weights_bytes) == 56);
TENON_ABI_ASSERT(offsetof(tenon_abi_module, device) == TENON_ABI_MODULE_BYTES_MINOR_0);
TENON_ABI_ASSERT(sizeof(tenon_abi_golden) == 24 && sizeof(tenon_abi_golden_logit) == 12);

#endif /* TENON_RUNTIME_ABI_H */
