//===- GpuTime.cpp - how long a kernel should take on a GPU ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/codegen/schedule/GpuTime.h"

#include <algorithm>

using namespace tenon::codegen;

// Shares of a data sheet's rates that the best kernels reach (docs/gpu.md has the sources).
static constexpr double reachedBandwidth = 0.92, reachedTensor = 0.80, reachedIssue = 0.75;
// A read that misses all caches takes about this long; a thread has four reads of 16 bytes under way.
static constexpr double memoryLatency = 600e-9, bytesInFlight = 64;
static constexpr int64_t residentBlockLimit = 32;

int64_t tenon::codegen::residentBlocks(const GpuLaunchShape &shape, const GpuFacts &gpu) {
  int64_t byThreads = gpu.processorThreads / std::max<int64_t>(shape.threads, 1);
  int64_t byRegisters = gpu.registers / std::max<int64_t>(shape.threads * shape.registers, 1);
  // The system keeps a KiB of each block's shared memory.
  int64_t byShared = gpu.processorShared / (shape.sharedBytes + 1024);
  return std::min({byThreads, byRegisters, byShared, residentBlockLimit});
}

/// Vector instructions that products of a kind take where they are no fragments, as operations of f32 multiply-adds: four products of
/// bytes are one dp4a, halfs are converted first.
static double issuedOperations(const KernelWork &work, bool onTensorCores) {
  double issued = work.of(Arithmetic::single);
  if (!onTensorCores)
    issued += work.of(Arithmetic::int8) / 4 + work.of(Arithmetic::half) * 1.5;
  return issued;
}

GpuTime tenon::codegen::predictTime(const KernelWork &work, const GpuLaunchShape &shape, bool onTensorCores, const GpuFacts &gpu) {
  GpuTime time;
  int64_t resident = residentBlocks(shape, gpu);
  if (shape.blocks == 0 || resident == 0)
    return time;
  time.occupancy = double(resident * shape.threads) / double(gpu.processorThreads);
  time.processors = std::min(1.0, double(shape.blocks) / double(gpu.processors));

  // Enough reads must be under way to hide their latency.
  double running = double(std::min(shape.blocks, resident * gpu.processors) * shape.threads);
  double bandwidth = std::min(gpu.memoryGBs * 1e9 * reachedBandwidth, running * bytesInFlight / memoryLatency);
  time.memorySeconds = work.bytes() / bandwidth;

  if (onTensorCores)
    time.tensorSeconds = (work.of(Arithmetic::int8) / (gpu.tensorInt8Tops * 1e12) + work.of(Arithmetic::half) / (gpu.tensorTflops * 1e12)) /
                         (reachedTensor * time.processors);
  time.issueSeconds = issuedOperations(work, onTensorCores) / (gpu.floatTflops * 1e12 * reachedIssue * time.processors);

  std::pair<double, llvm::StringRef> parts[] = {
      {gpuLaunchSeconds, "launch"}, {time.issueSeconds, "issue"}, {time.tensorSeconds, "tensor"}, {time.memorySeconds, "bandwidth"}};
  auto slowest = *std::max_element(std::begin(parts), std::end(parts), [](auto &a, auto &b) { return a.first < b.first; });
  time.seconds = slowest.first;
  time.bound = slowest.second;
  return time;
}
