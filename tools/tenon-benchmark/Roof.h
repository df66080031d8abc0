//===- Roof.h - what this machine can do at best ---------------------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The limits that a measurement is set against, measured beside it: clocks and neighbours change from
// minute to minute on shared machines, so an absolute number says little and a share of the roof of the
// same second says what is left to win.
//
//===----------------------------------------------------------------------===//

#ifndef TENON_TOOLS_BENCHMARK_ROOF_H
#define TENON_TOOLS_BENCHMARK_ROOF_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tenon::benchmark {

/// The kinds of roof: bytes a second read from memory, operations a second of one instruction kind, or exponentials a second.
/// A multiply and its add count as two operations. A tile roof is that of a matrix unit, where the machine has one.
enum class Roof { dramRead, f32Fma, bf16Dot, int8Dot, bf16Tile, int8Tile, exp2 };

constexpr Roof allRoofs[] = {Roof::dramRead, Roof::f32Fma,   Roof::bf16Dot, Roof::int8Dot,
                             Roof::bf16Tile, Roof::int8Tile, Roof::exp2};

/// "dram read", "f32 fma", "bf16 dot", "int8 dot", "bf16 tile", "int8 tile" or "exp2".
const char *roofName(Roof roof);

/// The instruction that this machine reaches the roof by, as "vpdpbusd zmm"; empty where it has none.
const char *roofInstruction(Roof roof);

/// Measures roofs on a fixed number of threads. The buffer for memory reads is allocated and touched
/// once, by the threads that read it.
class RoofMeter {
public:
  /// Reads for dramRead a buffer that exceeds the last-level cache twice, so that memory is measured and not cache.
  explicit RoofMeter(int threads);

  /// One sample: bytes a second for dramRead, results a second for exp2, operations a second for the others. Returns 0 where this
  /// processor has no such instruction.
  double sample(Roof roof);

  /// Whether this processor has the roof's instruction.
  static bool supports(Roof roof);

private:
  double sampleRead();
  double sampleCompute(Roof roof);
  double sampleExp2();

  int threads;
  struct Free {
    void operator()(void *p) const;
  };
  std::unique_ptr<uint8_t, Free> buffer;
  size_t bytesPerThread;
};

} // namespace tenon::benchmark

#endif // TENON_TOOLS_BENCHMARK_ROOF_H
