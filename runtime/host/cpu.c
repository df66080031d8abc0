//===- cpu.c - what the processor grants ---------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/host/cpu.h"

#include "tenon/runtime/abi.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>

enum { EAX, EBX, ECX, EDX };

// Registers that the operating system must save before a feature may be used: bits of XCR0.
enum { NONE = 0, YMM = 0x6, ZMM = 0xe6, TILES = 0x60000 };

// Where cpuid reports the feature of the same index in TENON_ABI_X86_FEATURES.
static const struct {
  uint32_t leaf, subleaf;
  uint8_t reg, bit;
  uint32_t saved;
} places[] = {
    {1, 0, ECX, 0, NONE},          /* sse3 */
    {1, 0, ECX, 9, NONE},          /* ssse3 */
    {1, 0, ECX, 19, NONE},         /* sse4.1 */
    {1, 0, ECX, 20, NONE},         /* sse4.2 */
    {1, 0, ECX, 23, NONE},         /* popcnt */
    {1, 0, ECX, 13, NONE},         /* cx16 */
    {1, 0, ECX, 22, NONE},         /* movbe */
    {1, 0, ECX, 28, YMM},          /* avx */
    {1, 0, ECX, 29, YMM},          /* f16c */
    {1, 0, ECX, 12, YMM},          /* fma */
    {7, 0, EBX, 5, YMM},           /* avx2 */
    {7, 0, EBX, 3, NONE},          /* bmi */
    {7, 0, EBX, 8, NONE},          /* bmi2 */
    {0x80000001, 0, ECX, 5, NONE}, /* lzcnt */
    {7, 0, EBX, 16, ZMM},          /* avx512f */
    {7, 0, EBX, 30, ZMM},          /* avx512bw */
    {7, 0, EBX, 28, ZMM},          /* avx512cd */
    {7, 0, EBX, 17, ZMM},          /* avx512dq */
    {7, 0, EBX, 31, ZMM},          /* avx512vl */
    {7, 0, EBX, 21, ZMM},          /* avx512ifma */
    {7, 0, ECX, 1, ZMM},           /* avx512vbmi */
    {7, 0, ECX, 6, ZMM},           /* avx512vbmi2 */
    {7, 0, ECX, 11, ZMM},          /* avx512vnni */
    {7, 0, ECX, 12, ZMM},          /* avx512bitalg */
    {7, 0, ECX, 14, ZMM},          /* avx512vpopcntdq */
    {7, 1, EAX, 5, ZMM},           /* avx512bf16 */
    {7, 0, EDX, 23, ZMM},          /* avx512fp16 */
    {7, 1, EAX, 4, YMM},           /* avxvnni */
    {7, 1, EDX, 4, YMM},           /* avxvnniint8 */
    {7, 1, EDX, 5, YMM},           /* avxneconvert */
    {7, 0, ECX, 8, YMM},           /* gfni */
    {7, 0, ECX, 9, YMM},           /* vaes */
    {7, 0, ECX, 10, YMM},          /* vpclmulqdq */
    {7, 0, EDX, 24, TILES},        /* amx-tile */
    {7, 0, EDX, 25, TILES},        /* amx-int8 */
    {7, 0, EDX, 22, TILES},        /* amx-bf16 */
};
#define TENON_COUNT(bit, name) +1
_Static_assert(sizeof(places) / sizeof(*places) == 0 TENON_ABI_X86_FEATURES(TENON_COUNT), "every feature has its place in cpuid");

int32_t tenon_cpu_isa(void) {
  return TENON_ABI_ISA_X86_64;
}

static uint64_t saved_registers(void) {
  unsigned regs[4];
  const unsigned osxsave = 1u << 27;
  if (!__get_cpuid(1, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]) || !(regs[ECX] & osxsave))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

int64_t tenon_cpu_features(void) {
  uint64_t saved = saved_registers();
  int64_t features = 0;
  for (size_t i = 0; i < sizeof(places) / sizeof(*places); ++i) {
    unsigned regs[4] = {0, 0, 0, 0};
    if (!__get_cpuid_count(places[i].leaf, places[i].subleaf, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]))
      continue;
    if ((regs[places[i].reg] >> places[i].bit & 1) && (saved & places[i].saved) == places[i].saved)
      features |= INT64_C(1) << i;
  }
  return features;
}

int tenon_cpu_enable(int64_t features) {
  const int64_t tiles = INT64_C(1) << 33;
  const int request_permission = 0x1023, tile_data = 18;
  return !(features & tiles) || syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}
#else
int32_t tenon_cpu_isa(void) {
#if defined(__aarch64__)
  return TENON_ABI_ISA_AARCH64;
#else
  return 0;
#endif
}
int64_t tenon_cpu_features(void) {
  return 0;
}
int tenon_cpu_enable(int64_t features) {
  return features == 0;
}
#endif

void tenon_cpu_feature_names(int64_t features, char *out, size_t size) {
#define TENON_NAME(bit, name) name,
  static const char *const names[] = {TENON_ABI_X86_FEATURES(TENON_NAME)};
  size_t used = 0;
  out[0] = 0;
  for (size_t i = 0; i < 63 && used < size; ++i) {
    if (!(features >> i & 1))
      continue;
    const char *name = i < sizeof(names) / sizeof(*names) ? names[i] : "a feature this runtime does not know";
    used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "", name);
  }
}

int tenon_cpu_available(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
    return CPU_COUNT(&set);
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

// A container's share of processor time, in whole processors; 0: unlimited or unknown.
static int quota(void) {
  long long limit = 0, period = 0;
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (!file)
    return 0;
  int fields = fscanf(file, "%lld %lld", &limit, &period);
  fclose(file);
  return fields == 2 && limit > 0 && period > 0 ? (int)((limit + period - 1) / period) : 0;
}

// A processor counts if it is the first of the available ones that share its core.
static int is_first_of_core(const cpu_set_t *set, int cpu) {
  char path[96];
  snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  FILE *file = fopen(path, "re");
  if (!file)
    return 1;
  int first = 1, from, to;
  char separator = ',';
  // The list is like "0,64" or "0-1".
  while (separator == ',' && fscanf(file, "%d", &from) == 1) {
    to = from;
    if (fscanf(file, "%c", &separator) != 1)
      separator = 0;
    if (separator == '-' && (fscanf(file, "%d", &to) != 1 || fscanf(file, "%c", &separator) != 1))
      separator = 0;
    for (int other = from; other <= to && other < cpu; ++other)
      if (other >= 0 && other < CPU_SETSIZE && CPU_ISSET(other, set))
        first = 0;
  }
  fclose(file);
  return first;
}

int tenon_cpu_available_cores(void) {
  cpu_set_t set;
  int cores = 0;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      cores += CPU_ISSET(cpu, &set) && is_first_of_core(&set, cpu);
  if (cores == 0)
    cores = tenon_cpu_available();
  int limit = quota();
  return limit > 0 && limit < cores ? limit : cores;
}
