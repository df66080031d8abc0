//===- tenon.h - run compiled models from C -----------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The law of this interface:
//
// * Errors. Every function that can fail returns a `tenon_status` by value: code 0 is success, any other code comes with a sentence in
//   `msg`. Nothing aborts, prints, or keeps an error elsewhere. After a failure the objects are as they were before the call unless
//   the function says otherwise.
// * Ownership. What a function stores through its last out-parameter belongs to the caller, who ends it with the matching
//   `_close` or `_destroy`; null is accepted there. Pointers inside an info struct belong to the object asked and live as long as it.
// * Lifetimes. A session keeps its context alive and a context its module: they may be ended in any order.
// * Threads. There are no globals. A module may be used by many threads. A context, with its sessions, serves one call at a time; a
//   second one meanwhile is refused with a status. Different contexts are independent. A context runs its entries on its own team of
//   threads, of which the caller's thread is the first. Results have the same bits for any number of threads.
// * Options. A null pointer, or a struct filled with zeros, means the defaults.
// * Trust. An artifact contains machine code. Damaged and truncated files are refused with a status, but running an artifact means
//   trusting whoever made it, as with any shared library. The file must not be changed or truncated while a module is open.
//===----------------------------------------------------------------------===//

#ifndef TENON_RUNTIME_TENON_H
#define TENON_RUNTIME_TENON_H

#include <stddef.h>
#include <stdint.h>

#define TENON_VERSION_MAJOR 0
#define TENON_VERSION_MINOR 1

#if defined(__GNUC__)
#define TENON_API __attribute__((visibility("default")))
#else
#define TENON_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Tensors: DLPack
//===----------------------------------------------------------------------===//

// DLPack's structs, in its versioned form (1.x). A host that includes its own dlpack.h does so before this header; then only what an
// older one lacks is declared here.
#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_
typedef enum {
  kDLCPU = 1,
  kDLCUDA = 2,
} DLDeviceType;
typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;
typedef enum {
  kDLInt = 0U,
  kDLUInt = 1U,
  kDLFloat = 2U,
  kDLOpaqueHandle = 3U,
  kDLBfloat = 4U,
  kDLComplex = 5U,
  kDLBool = 6U,
} DLDataTypeCode;
typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;
typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} DLTensor;
typedef struct DLManagedTensor {
  DLTensor dl_tensor;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensor *self);
} DLManagedTensor;
#endif
#ifndef DLPACK_MAJOR_VERSION
#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 0
typedef struct {
  uint32_t major;
  uint32_t minor;
} DLPackVersion;
typedef struct DLManagedTensorVersioned {
  DLPackVersion version;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned *self);
  uint64_t flags;
  DLTensor dl_tensor;
} DLManagedTensorVersioned;
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)
#endif

//===----------------------------------------------------------------------===//
// Statuses
//===----------------------------------------------------------------------===//

// The codes are the exit codes of the tools.
enum {
  TENON_OK = 0,
  TENON_USAGE = 1,       /* the call is wrong: an argument, a shape, an order of calls */
  TENON_UNSUPPORTED = 2, /* the artifact cannot run here, or is damaged */
  TENON_MISMATCH = 3,    /* a self-test found different numbers */
  TENON_RESOURCE = 4,    /* memory, threads or the context length are used up */
  TENON_INTERNAL = 70,   /* a defect of Tenon */
};

typedef struct tenon_status {
  int32_t code;
  char msg[256]; /* empty, or a NUL-terminated sentence */
} tenon_status;

typedef struct tenon_module tenon_module;
typedef struct tenon_context tenon_context;
typedef struct tenon_session tenon_session;

//===----------------------------------------------------------------------===//
// Modules: an artifact, mapped
//===----------------------------------------------------------------------===//

typedef struct tenon_open_options {
  const char *code; /* use this code object only ("x86-64-v3"); null: the best one the processor can run */
} tenon_open_options;

TENON_API tenon_status tenon_module_open(const char *path, const tenon_open_options *options, tenon_module **out);
TENON_API void tenon_module_close(tenon_module *module);

typedef struct tenon_module_info {
  const char *name;
  const char *code;   /* the code object in use: "native", "x86-64-v4", "x86-64-v3" */
  const char *target; /* what it was compiled for, as the compiler names it */
  const char *compiler;
  const char *source_hash;
  int64_t weights_bytes;
  int64_t code_bytes;
  int64_t load_ns;
  int64_t symbol_count;
  const char *const *symbols; /* names of the symbolic dimensions */
  // Language models; all zero for others.
  int64_t vocabulary;
  int64_t context;
  int64_t bos; /* -1: none */
  int64_t eos_count;
  const int32_t *eos;
} tenon_module_info;

TENON_API tenon_status tenon_module_get_info(const tenon_module *module, tenon_module_info *out);

// A file inside the artifact ("tokenizer.bin"), mapped, with its checksum verified.
TENON_API tenon_status tenon_module_file(const tenon_module *module, const char *name, const void **data, size_t *size);

typedef struct tenon_tensor_info {
  const char *name;
  DLDataType dtype;
  int32_t ndim;
  const int64_t *dims; /* a negative dimension -1-k is symbol k */
} tenon_tensor_info;

typedef struct tenon_entry_info {
  const char *name;
  int32_t stateful; /* 1: it appends to the state slots; see tenon_call */
  int32_t input_count;
  int32_t output_count;
} tenon_entry_info;

TENON_API int tenon_module_entry_count(const tenon_module *module);
TENON_API tenon_status tenon_module_find_entry(const tenon_module *module, const char *name, int *out);
TENON_API tenon_status tenon_module_entry_info(const tenon_module *module, int entry, tenon_entry_info *out);
TENON_API tenon_status tenon_module_entry_input(const tenon_module *module, int entry, int index, tenon_tensor_info *out);
TENON_API tenon_status tenon_module_entry_output(const tenon_module *module, int entry, int index, tenon_tensor_info *out);

// The values of the symbolic dimensions; those past `count` are 1.
typedef struct tenon_shape_env {
  int64_t count;
  const int64_t *symbols;
  int64_t positions; /* length of the sequence that the state must hold; 0: the module's context */
} tenon_shape_env;

typedef struct tenon_memory_plan {
  int64_t weights_bytes; /* mapped from the file, shared between processes */
  int64_t arena_bytes;   /* the largest arena among the entries */
  int64_t state_bytes;   /* of one session */
  int64_t total_bytes;
} tenon_memory_plan;

// What calls with these dimensions will need, before anything is allocated.
TENON_API tenon_status tenon_module_memory_plan(const tenon_module *module, const tenon_shape_env *env, tenon_memory_plan *out);

typedef struct tenon_report {
  const char *name; /* of the golden file */
  int64_t checked;  /* numbers compared */
  int64_t failed;
  double max_error;
  double tolerance;
} tenon_report;
typedef void (*tenon_report_fn)(void *user, const tenon_report *report);

// Runs the golden inputs of the artifact and compares; `report`, which may be null, is called once a file.
TENON_API tenon_status tenon_module_selftest(tenon_module *module, tenon_report_fn report, void *user);

//===----------------------------------------------------------------------===//
// Contexts: a team of threads and its scratch memory
//===----------------------------------------------------------------------===//

enum {
  TENON_DEVICE_CPU = 0,
  TENON_DEVICE_CUDA = 1,     /* an NVIDIA GPU, by the driver's libcuda.so.1 */
  TENON_DEVICE_EMULATOR = 2, /* what `provider` makes, tenon_emulator of tenon/runtime/emu/emulator.h for example */
  TENON_DEVICE_AUTO = 3,     /* a usable GPU that the artifact has code for, else the CPU */
};

// Makes devices that are not part of this library.
typedef struct tenon_device_provider tenon_device_provider;

typedef struct tenon_context_options {
  int32_t threads; /* 0: the number of physical cores available to the process */
  int32_t device;
  // 1: after each call the recurrent state, in the order of the model's layers, and then the outputs are looked at. A number that is not
  // finite is TENON_MISMATCH; the sentence names what holds it and the positions that the call fed. A session's state is then spoilt:
  // rewind it to a mark, or load another. Keys and values are not looked at.
  int32_t check_finite;
  const tenon_device_provider *provider; /* of TENON_DEVICE_EMULATOR; must outlive the context */
} tenon_context_options;

TENON_API tenon_status tenon_context_create(tenon_module *module, const tenon_context_options *options, tenon_context **out);
TENON_API void tenon_context_destroy(tenon_context *context);
TENON_API int tenon_context_threads(const tenon_context *context);

typedef struct tenon_device_info {
  int32_t device;   /* TENON_DEVICE_CPU, _CUDA or _EMULATOR */
  const char *name; /* "cpu", "NVIDIA A100-SXM4-80GB" */
  const char *code; /* the code object that is used: "x86-64-v3", "sm_80" */
} tenon_device_info;

TENON_API tenon_status tenon_context_device(const tenon_context *context, tenon_device_info *out);

// Where the time of a call goes. Entries pass a barrier between kernels that depend on each other; the artifact's manifest lists the
// kernels of each entry with the number of barriers before them.
typedef struct tenon_profile {
  int64_t *ends;    /* the caller's, room for `capacity` numbers */
  int64_t capacity;
  int64_t count; /* out: barriers of the last call and its end; at most `capacity` of them were stored */
} tenon_profile;

// While a profile is set (null: none), every call on the context overwrites it: ends[i] is when the first thread left barrier i, and
// behind the last barrier when the entry ended, in nanoseconds from its begin. The profile must outlive the calls.
TENON_API tenon_status tenon_context_set_profile(tenon_context *context, tenon_profile *profile);

// Makes a dense tensor of uninitialised memory, aligned to 64 bytes; end it by its own deleter.
TENON_API tenon_status tenon_tensor_create(DLDataType dtype, int32_t ndim, const int64_t *shape, DLManagedTensorVersioned **out);

// Calls an entry. Inputs must have the declared dtype and shape, be dense, row-major and aligned to their elements; symbolic dimensions
// take their values from the inputs and must agree. They lie on the CPU, or in memory of the context's device (kDLCUDA), aligned to 16
// bytes, and are used in place then; what the host has started on them is done. Each out[i] is either null, then a new tensor is stored
// there that the caller owns, or a tensor of the right shape, which is written; it must not overlap any other.
// A stateful entry starts here from an empty state that is forgotten afterwards; tenon_session_call continues a session's.
TENON_API tenon_status tenon_call(tenon_context *context, int entry, DLManagedTensorVersioned *const *in, int n_in,
                                  DLManagedTensorVersioned **out, int n_out);

//===----------------------------------------------------------------------===//
// Choosing a token
//===----------------------------------------------------------------------===//

// How a token is chosen from logits l[0 .. n). The candidates are ordered by logit, larger first, and among equals by index, lower first.
//
//   temperature <= 0   the first candidate (greedy). The rest is ignored.
//   otherwise          w[i] = exp((l[i] - max l) / temperature), in double precision; then, in this order,
//     top_k > 0        only the first top_k candidates stay.
//     0 < top_p < 1    W = sum of w over those that stayed, in index order; candidates stay, in order, up to and including the first at
//                      which the running sum of w (in candidate order) is >= top_p * W.
//     min_p > 0        candidates with w[i] < min_p go (w of the first candidate is 1, so this is relative to its probability).
//     the draw         W = sum of w over those that stayed, in index order; the token is the first i, in index order, at which the running
//                      sum is > u * W, where u in [0, 1) is the uniform number; should rounding leave none, the last that stayed.
//
// A NaN among the logits, or a largest logit that is not finite, is an error. The uniform number of a session's token is
// tenon_uniform(seed, position), where position is that of the token itself: a function of the place in the sequence, so rewinding and
// sampling again gives the same token.
typedef struct tenon_sample_options {
  float temperature; /* 0: greedy */
  int32_t top_k;     /* 0: all */
  float top_p;       /* 0 or >= 1: all */
  float min_p;       /* 0: all */
  uint64_t seed;
} tenon_sample_options;

// u = (mix(seed + (position + 1) * 0x9e3779b97f4a7c15) >> 40) * 2^-24 with splitmix64's mix; exact in single precision.
TENON_API float tenon_uniform(uint64_t seed, uint64_t position);
TENON_API tenon_status tenon_sample(const float *logits, int64_t n, const tenon_sample_options *options, float uniform, int32_t *out);

//===----------------------------------------------------------------------===//
// Sessions: one sequence of a language model
//===----------------------------------------------------------------------===//

typedef struct tenon_session_options {
  int64_t max_positions; /* 0: the module's context length */
  int64_t prefill_chunk; /* most tokens a call of an entry takes; 0: 512 */
} tenon_session_options;

TENON_API tenon_status tenon_session_create(tenon_context *context, const tenon_session_options *options, tenon_session **out);
TENON_API void tenon_session_destroy(tenon_session *session);

// Tokens of the sequence so far, the last sampled one included.
TENON_API int64_t tenon_session_position(const tenon_session *session);

// Appends tokens. All are checked, and room for them, before any is fed.
TENON_API tenon_status tenon_session_prefill(tenon_session *session, const int32_t *tokens, size_t n);

// Appends tokens like prefill and stores the logits after each of them: logits[n][vocabulary].
TENON_API tenon_status tenon_session_score(tenon_session *session, const int32_t *tokens, size_t n, float *logits);

// The logits that the next token is chosen from; they stay valid until the session is used again.
TENON_API tenon_status tenon_session_logits(tenon_session *session, const float **logits, int64_t *count);

// Chooses the next token and appends it. (It is fed to the model when the next logits are needed.)
TENON_API tenon_status tenon_session_step(tenon_session *session, const tenon_sample_options *options, int32_t *token);

enum {
  TENON_STOP_EOS = 0,      /* a token that ends generation was chosen */
  TENON_STOP_LENGTH = 1,   /* max_tokens were delivered */
  TENON_STOP_CONTEXT = 2,  /* the session is full */
  TENON_STOP_CALLBACK = 3, /* the callback asked to stop */
};

typedef struct tenon_generate_options {
  tenon_sample_options sample;
  int64_t max_tokens; /* 0: until an end token, or the session is full */
  int64_t stop_count; /* more tokens that end generation, besides the module's */
  const int32_t *stop;
  int32_t ignore_eos; /* 1: the module's own end tokens are delivered as any other */
} tenon_generate_options;

typedef struct tenon_generation {
  int64_t tokens; /* delivered to the callback */
  int32_t reason; /* TENON_STOP_* */
} tenon_generation;

// Called with each token as it is chosen; anything but 0 stops.
typedef int (*tenon_token_fn)(void *user, int32_t token);

// Steps until something stops it. The token that ends generation becomes part of the sequence but is not delivered. `fn` and `out` may
// be null.
TENON_API tenon_status tenon_session_generate(tenon_session *session, const tenon_generate_options *options, tenon_token_fn fn, void *user,
                                              tenon_generation *out);

// A place in the sequence to come back to. After the rewind everything is as if nothing had been fed since, bit for bit. Rewinding to a
// mark ends the marks made after it and keeps the mark itself; tenon_session_forget ends one early. A mark copies nothing: keys and values
// are kept by their number, recurrent state is shared until the session's next call, which copies it first.
typedef struct tenon_mark {
  int64_t id;
  int64_t position;
} tenon_mark;

TENON_API tenon_status tenon_session_mark(tenon_session *session, tenon_mark *out);
TENON_API tenon_status tenon_session_rewind(tenon_session *session, tenon_mark mark);
TENON_API tenon_status tenon_session_forget(tenon_session *session, tenon_mark mark);

// A second session that continues from here on its own, in the same context. Marks are not taken over. Keys and values are copied;
// recurrent state is shared until the next call of one of the two, which copies it first, unless the other has ended.
TENON_API tenon_status tenon_session_fork(tenon_session *session, tenon_session **out);

// Called with the parts of a saved state, one after another; anything but 0 means that it failed. A reader gives exactly `size` bytes.
typedef int (*tenon_write_fn)(void *user, const void *data, size_t size);
typedef int (*tenon_read_fn)(void *user, void *data, size_t size);

// Keeps the sequence outside of the process: what it was fed, so that a session of the same artifact that loads it goes on bit for bit.
// Loading replaces what the session was and ends its marks; a state of another artifact, or one that is damaged, is refused and leaves
// the session as it was.
TENON_API tenon_status tenon_session_save(tenon_session *session, tenon_write_fn write, void *user);
TENON_API tenon_status tenon_session_load(tenon_session *session, tenon_read_fn read, void *user);

// Calls an entry as tenon_call does, with the session's state; a stateful entry advances it by its `tokens` dimension and leaves no
// logits to sample from.
TENON_API tenon_status tenon_session_call(tenon_session *session, int entry, DLManagedTensorVersioned *const *in, int n_in,
                                          DLManagedTensorVersioned **out, int n_out);

typedef struct tenon_stats {
  int64_t load_ns; /* of the module */
  int64_t prefill_ns;
  int64_t prefill_tokens;
  int64_t decode_ns; /* forward passes of single sampled tokens and their sampling */
  int64_t decode_tokens;
  int64_t weights_bytes;
  int64_t state_bytes; /* in blocks that hold positions now */
  int64_t arena_bytes; /* of the context, now */
  int32_t threads;
  int32_t forks; /* sessions made from this one */
} tenon_stats;

TENON_API tenon_status tenon_session_stats(const tenon_session *session, tenon_stats *out);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* TENON_RUNTIME_TENON_H */
