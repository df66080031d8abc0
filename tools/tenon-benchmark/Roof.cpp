//===- Roof.cpp - loops that reach the machine's limits --------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each loop keeps more independent chains in flight than the instruction's latency times its rate, so
// that the execution port and nothing else is the limit. Inline assembly makes sure that the measured
// instruction is the intended one whatever the compiler would prefer.
//
//===----------------------------------------------------------------------===//

#include "Roof.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <unistd.h>
#if defined(__x86_64__)
#include <immintrin.h>
#include <sys/syscall.h>
#endif

using namespace tenon::benchmark;

namespace {

double now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

/// Runs `body(thread)` on each of `threads` threads at once; returns the seconds until the last is done.
template <typename Body> double onAllThreads(int threads, Body body) {
  double begin = now();
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t)
    others.emplace_back([&, t] { body(t); });
  body(0);
  for (std::thread &other : others)
    other.join();
  return now() - begin;
}

#if defined(__x86_64__)

/// Reads `bytes` (a multiple of 1024) as four sequential streams; the sum keeps the reads alive.
__attribute__((target("avx512f"))) void read512(const uint8_t *data, size_t bytes) {
  size_t quarter = bytes / 4;
  __m512i sum[4] = {};
  for (size_t i = 0; i < quarter; i += 64)
    for (int s = 0; s < 4; ++s)
      sum[s] = _mm512_xor_si512(sum[s], _mm512_loadu_si512(data + s * quarter + i));
  for (__m512i &s : sum)
    __asm__ volatile("" ::"v"(s));
}

__attribute__((target("avx2"))) void read256(const uint8_t *data, size_t bytes) {
  size_t quarter = bytes / 4;
  __m256i sum[4] = {};
  for (size_t i = 0; i < quarter; i += 32)
    for (int s = 0; s < 4; ++s)
      sum[s] = _mm256_xor_si256(sum[s], _mm256_loadu_si256((const __m256i *)(data + s * quarter + i)));
  for (__m256i &s : sum)
    __asm__ volatile("" ::"x"(s));
}

// Twelve chains of one instruction on z or y registers; the operands are zero and stay zero.
#define TENON_CHAINS(NAME, TARGET, INSTRUCTION, R)                                                      \
  __attribute__((target(TARGET))) void NAME(int64_t count) {                                            \
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,14,15\n"                                         \
                     "vxorps %%xmm\\r, %%xmm\\r, %%xmm\\r\n"                                             \
                     ".endr\n"                                                                          \
                     "1:\n"                                                                             \
                     ".irp r,0,1,2,3,4,5,6,7,8,9,10,11\n" INSTRUCTION " %%" R "mm14, %%" R "mm15, %%" R \
                     "mm\\r\n"                                                                          \
                     ".endr\n"                                                                          \
                     "dec %0\n"                                                                         \
                     "jnz 1b\n"                                                                         \
                     : "+r"(count)::"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",     \
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm14", "xmm15", "cc");                       \
  }

TENON_CHAINS(fma512, "avx512f", "vfmadd231ps", "z")
TENON_CHAINS(fma256, "avx2,fma", "vfmadd231ps", "y")
TENON_CHAINS(bf16Dot512, "avx512f,avx512bf16", "vdpbf16ps", "z")
TENON_CHAINS(int8Dot512, "avx512f,avx512vnni", "vpdpbusd", "z")
TENON_CHAINS(int8Dot256, "avxvnni", "%{vex%} vpdpbusd", "y")

/// 2^x of an array in the first cache, by a polynomial of degree 5: what a scan that is nothing but exponentials could reach.
/// (Round, subtract, five multiply-adds, scale; the polynomial is off by 9.1e-8 at most.)
__attribute__((target("avx512f,avx512dq"))) void exp2Array512(const float *in, float *out, int64_t count) {
  // Of x + 1/2 - floor(x + 1/2), times the power of two of that floor; as the compiled code has it.
  const __m512 c[] = {_mm512_set1_ps(1.326472712e-3f), _mm512_set1_ps(6.355330865e-3f), _mm512_set1_ps(3.948049392e-2f),
                      _mm512_set1_ps(0.1698105928f),   _mm512_set1_ps(0.4901338262f),   _mm512_set1_ps(0.7071067165f)};
#pragma clang loop unroll_count(4)
  for (int64_t i = 0; i < count; i += 16) {
    __m512 x = _mm512_add_ps(_mm512_loadu_ps(in + i), _mm512_set1_ps(0.5f));
    __m512 part = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m512 sum = c[0];
    for (int k = 1; k < 6; ++k)
      sum = _mm512_fmadd_ps(sum, part, c[k]);
    _mm512_storeu_ps(out + i, _mm512_scalef_ps(sum, x));
  }
}

// Six chains of one product of 16 x 64 bytes by 64 bytes x 16 on tile registers of zeros.
#define TENON_TILES(NAME, TARGET, INSTRUCTION)                                                        \
  __attribute__((target(TARGET))) void NAME(int64_t count) {                                          \
    const TileShape shape;                                                                            \
    __asm__ volatile("ldtilecfg %1\n"                                                                 \
                     ".irp r,0,1,2,3,4,5,6,7\n"                                                       \
                     "tilezero %%tmm\\r\n"                                                            \
                     ".endr\n"                                                                        \
                     "1:\n"                                                                           \
                     ".irp r,0,1,2,3,4,5\n" INSTRUCTION " %%tmm7, %%tmm6, %%tmm\\r\n"                \
                     ".endr\n"                                                                        \
                     "dec %0\n"                                                                       \
                     "jnz 1b\n"                                                                       \
                     "tilerelease\n"                                                                  \
                     : "+r"(count)                                                                    \
                     : "m"(shape)                                                                     \
                     : "cc");                                                                         \
  }

/// What ldtilecfg reads: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileShape {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileShape) == 64);

TENON_TILES(bf16Tile, "amx-tile,amx-bf16", "tdpbf16ps")
TENON_TILES(int8Tile, "amx-tile,amx-int8", "tdpbusd")

bool has512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"); }

/// Whether the kernel lets this process use the tile registers, which a process must ask for.
bool mayUseTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool granted = syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
  return granted;
}
#endif

/// How a roof of computation is reached here: a loop, what one instruction of it does, and how many of them a round has.
struct Loop {
  const char *instruction = "";
  void (*run)(int64_t rounds) = nullptr;
  double operations = 0;
  int64_t chains = 12, rounds = 2'000'000;
};

Loop loopOf(Roof roof) {
#if defined(__x86_64__)
  switch (roof) {
  case Roof::dramRead:
  case Roof::exp2:
    return {};
  case Roof::f32Fma:
    if (has512())
      return {"vfmadd231ps zmm", fma512, 32};
    return __builtin_cpu_supports("fma") ? Loop{"vfmadd231ps ymm", fma256, 16} : Loop();
  case Roof::bf16Dot:
    return __builtin_cpu_supports("avx512bf16") ? Loop{"vdpbf16ps zmm", bf16Dot512, 64} : Loop();
  case Roof::int8Dot:
    if (__builtin_cpu_supports("avx512vnni"))
      return {"vpdpbusd zmm", int8Dot512, 128};
    return __builtin_cpu_supports("avxvnni") ? Loop{"vpdpbusd ymm", int8Dot256, 64} : Loop();
  case Roof::bf16Tile:
    return __builtin_cpu_supports("amx-bf16") && mayUseTiles() ? Loop{"tdpbf16ps tmm", bf16Tile, 16384, 6, 200'000} : Loop();
  case Roof::int8Tile:
    return __builtin_cpu_supports("amx-int8") && mayUseTiles() ? Loop{"tdpbusd tmm", int8Tile, 32768, 6, 200'000} : Loop();
  }
#endif
  (void)roof;
  return {};
}

/// Twice the last-level cache, but at least 512 MiB, and at most an eighth of the memory.
size_t bufferBytes() {
  auto cache = size_t(std::max(0l, sysconf(_SC_LEVEL3_CACHE_SIZE)));
  size_t memory = size_t(sysconf(_SC_PHYS_PAGES)) * size_t(sysconf(_SC_PAGESIZE));
  return std::min(std::max(size_t(512) << 20, 2 * cache), memory / 8);
}

} // namespace

const char *tenon::benchmark::roofName(Roof roof) {
  switch (roof) {
  case Roof::dramRead:
    return "dram read";
  case Roof::f32Fma:
    return "f32 fma";
  case Roof::bf16Dot:
    return "bf16 dot";
  case Roof::int8Dot:
    return "int8 dot";
  case Roof::bf16Tile:
    return "bf16 tile";
  case Roof::int8Tile:
    return "int8 tile";
  case Roof::exp2:
    return "exp2";
  }
  return "";
}

const char *tenon::benchmark::roofInstruction(Roof roof) {
#if defined(__x86_64__)
  if (roof == Roof::dramRead)
    return has512() ? "vmovdqu64 zmm" : __builtin_cpu_supports("avx2") ? "vmovdqu ymm" : "mov";
  if (roof == Roof::exp2)
    return has512() ? "vscalefps zmm" : "";
#endif
  return loopOf(roof).instruction;
}

void RoofMeter::Free::operator()(void *p) const { std::free(p); }

RoofMeter::RoofMeter(int threads) : threads(threads), bytesPerThread(bufferBytes() / threads / 4096 * 4096) {
  buffer.reset(static_cast<uint8_t *>(std::aligned_alloc(4096, bytesPerThread * threads)));
  if (buffer)
    onAllThreads(threads, [&](int t) {
      std::memset(buffer.get() + t * bytesPerThread, t + 1, bytesPerThread);
    });
}

bool RoofMeter::supports(Roof roof) { return roof == Roof::dramRead || *roofInstruction(roof); }

double RoofMeter::sample(Roof roof) {
  if (!supports(roof))
    return 0;
  return roof == Roof::dramRead ? sampleRead() : roof == Roof::exp2 ? sampleExp2() : sampleCompute(roof);
}

double RoofMeter::sampleRead() {
  if (!buffer)
    return 0;
  double seconds = onAllThreads(threads, [&](int t) {
    const uint8_t *data = buffer.get() + t * bytesPerThread;
#if defined(__x86_64__)
    if (has512())
      return read512(data, bytesPerThread);
    if (__builtin_cpu_supports("avx2"))
      return read256(data, bytesPerThread);
#endif
    uint64_t sum = 0;
    for (size_t i = 0; i < bytesPerThread; i += 8) {
      uint64_t word;
      std::memcpy(&word, data + i, 8);
      sum ^= word;
    }
    __asm__ volatile("" ::"r"(sum));
  });
  return double(bytesPerThread) * threads / seconds;
}

double RoofMeter::sampleCompute(Roof roof) {
  Loop loop = loopOf(roof);
  double seconds = onAllThreads(threads, [&](int) { loop.run(loop.rounds); });
  return double(loop.rounds) * double(loop.chains) * loop.operations * threads / seconds;
}

double RoofMeter::sampleExp2() {
#if defined(__x86_64__)
  constexpr int64_t count = 2048, rounds = 20'000;
  double seconds = onAllThreads(threads, [&](int) {
    alignas(64) float in[count], out[count];
    for (int64_t i = 0; i < count; ++i)
      in[i] = -10.0f * float(i) / count;
    for (int64_t round = 0; round < rounds; ++round) {
      exp2Array512(in, out, count);
      __asm__ volatile("" ::"r"(out) : "memory");
    }
  });
  return double(count) * rounds * threads / seconds;
#else
  return 0;
#endif
}
