//===- CallTest.cpp - entries called with tensors -----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Artifact.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::test;

namespace {

constexpr DLDataType f32 = {kDLFloat, 32, 1}, i32 = {kDLInt, 32, 1}, i64 = {kDLInt, 64, 1};

// A tensor of the test's own memory; every field can be spoiled.
struct Tensor {
  Tensor(DLDataType dtype, std::vector<int64_t> shape) : shape(shape) {
    size_t elements = 1;
    for (int64_t dim : shape)
      elements *= size_t(dim);
    memory.resize(elements * dtype.bits / 8 + 64);
    managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    managed.dl_tensor.data = memory.data();
    managed.dl_tensor.device = {kDLCPU, 0};
    managed.dl_tensor.ndim = int32_t(shape.size());
    managed.dl_tensor.dtype = dtype;
    managed.dl_tensor.shape = this->shape.data();
  }
  template <typename T> Tensor(DLDataType dtype, std::vector<int64_t> shape, std::vector<T> values) : Tensor(dtype, shape) {
    std::memcpy(memory.data(), values.data(), values.size() * sizeof(T));
  }
  template <typename T> std::vector<T> values() const {
    std::vector<T> out(memory.size() / sizeof(T));
    std::memcpy(out.data(), memory.data(), out.size() * sizeof(T));
    return out;
  }
  operator DLManagedTensorVersioned *() { return &managed; }
  std::vector<int64_t> shape, strides;
  std::vector<uint8_t> memory;
  DLManagedTensorVersioned managed = {};
};

template <typename T> std::vector<T> take(DLManagedTensorVersioned *tensor) {
  size_t elements = 1;
  for (int32_t i = 0; i < tensor->dl_tensor.ndim; ++i)
    elements *= size_t(tensor->dl_tensor.shape[i]);
  const T *data = static_cast<const T *>(tensor->dl_tensor.data);
  std::vector<T> out(data, data + elements);
  tensor->deleter(tensor);
  return out;
}

struct CallTest : testing::Test {
  Module module{toyArtifact()};
  Context context{module, 2};
  Tensor x{f32, {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}}, y{f32, {2, 3}, std::vector<float>{10, 20, 30, 40, 50, 60}};

  tenon_status combine(DLManagedTensorVersioned *z = nullptr, DLManagedTensorVersioned *count = nullptr) {
    DLManagedTensorVersioned *in[] = {x, y}, *out[] = {z, count};
    tenon_status status = tenon_call(context, 2, in, 2, out, 2);
    for (int i = 0; i < 2; ++i) {
      bool given = i == 0 ? z : count;
      if (out[i] && !given)
        out[i]->deleter(out[i]);
    }
    return status;
  }
};

TEST_F(CallTest, MakesOutputs) {
  DLManagedTensorVersioned *in[] = {x, y}, *out[] = {nullptr, nullptr};
  EXPECT_OK(tenon_call(context, 2, in, 2, out, 2));
  ASSERT_NE(out[0], nullptr);
  EXPECT_EQ(out[0]->dl_tensor.ndim, 2);
  EXPECT_EQ(out[1]->dl_tensor.ndim, 0);
  EXPECT_EQ(take<float>(out[0]), (std::vector<float>{12, 24, 36, 48, 60, 72}));
  EXPECT_EQ(take<int64_t>(out[1]), std::vector<int64_t>{2});
}

TEST_F(CallTest, WritesGivenOutputs) {
  Tensor z(f32, {2, 3}), count(i64, {});
  EXPECT_OK(combine(z, count));
  EXPECT_EQ(z.values<float>()[5], 72);
  EXPECT_EQ(count.values<int64_t>()[0], 2);
}

TEST_F(CallTest, EmptyDimensions) {
  x = Tensor(f32, {0, 3}), y = Tensor(f32, {0, 3});
  x.managed.dl_tensor.shape = x.shape.data(), y.managed.dl_tensor.shape = y.shape.data();
  Tensor count(i64, {});
  EXPECT_OK(combine(nullptr, count));
  EXPECT_EQ(count.values<int64_t>()[0], 0);
}

// Strides are accepted where they say dense; those of single rows don't matter.
TEST_F(CallTest, AcceptsDenseStrides) {
  x.strides = {3, 1};
  x.managed.dl_tensor.strides = x.strides.data();
  EXPECT_OK(combine());
  x.strides = {1, 2};
  EXPECT_FAILS(combine(), TENON_USAGE, "input 'x' of entry 'combine' expects stride 1 at dimension 1");
  x.shape[0] = 1, y.shape[0] = 1;
  x.strides = {77, 1};
  EXPECT_OK(combine());
}

TEST_F(CallTest, ByteOffset) {
  x.managed.dl_tensor.byte_offset = 4;
  Tensor z(f32, {2, 3});
  EXPECT_OK(combine(z));
  EXPECT_EQ(z.values<float>()[0], 14);
  x.managed.dl_tensor.byte_offset = 2;
  EXPECT_FAILS(combine(), TENON_USAGE, "aligned to 4 bytes");
}

TEST_F(CallTest, RefusesWrongTypes) {
  x.managed.dl_tensor.dtype = i32;
  EXPECT_FAILS(combine(), TENON_USAGE, "input 'x' of entry 'combine' expects float32, but got int32");
  x.managed.dl_tensor.dtype = {kDLFloat, 32, 4};
  EXPECT_FAILS(combine(), TENON_USAGE, "float32x4");
  x.managed.dl_tensor.dtype = {kDLBfloat, 16, 1};
  EXPECT_FAILS(combine(), TENON_USAGE, "bfloat16");
}

TEST_F(CallTest, RefusesWrongShapes) {
  y.shape[1] = 4;
  EXPECT_FAILS(combine(), TENON_USAGE, "input 'y' of entry 'combine' expects dimension 1 to be 3, but got 4");
  y.shape = {5, 3};
  y.managed.dl_tensor.shape = y.shape.data();
  EXPECT_FAILS(combine(), TENON_USAGE, "expects dimension 0 to be 2 ('rows' of the tensors before), but got 5");
  y.managed.dl_tensor.ndim = 1;
  EXPECT_FAILS(combine(), TENON_USAGE, "expects rank 2, but got rank 1");
  y.managed.dl_tensor.ndim = 2;
  y.managed.dl_tensor.shape = nullptr;
  EXPECT_FAILS(combine(), TENON_USAGE, "no shape");
  x.shape = {-1, 3};
  x.managed.dl_tensor.shape = x.shape.data();
  EXPECT_FAILS(combine(), TENON_USAGE, "dimension 0 of size -1");
  x.shape[0] = INT64_MAX / 2;
  EXPECT_FAILS(combine(), TENON_USAGE, "too many elements");
}

TEST_F(CallTest, RefusesOtherMemory) {
  x.managed.dl_tensor.device = {kDLCUDA, 0};
  EXPECT_FAILS(combine(), TENON_USAGE, "memory of the CPU");
  x.managed.dl_tensor.device = {kDLCPU, 0};
  x.managed.dl_tensor.data = nullptr;
  EXPECT_FAILS(combine(), TENON_USAGE, "6 elements, but no data");
  x.managed.version.major = 9;
  EXPECT_FAILS(combine(), TENON_USAGE, "DLPack version 1, but got 9");
}

TEST_F(CallTest, RefusesBadOutputs) {
  Tensor z(f32, {2, 3});
  z.managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  EXPECT_FAILS(combine(z), TENON_USAGE, "output 'z' of entry 'combine' is read-only");
  z.managed.flags = 0;
  z.managed.dl_tensor.data = x.memory.data() + 8;
  EXPECT_FAILS(combine(z), TENON_USAGE, "overlaps an input");
  Tensor longer(f32, {3, 3});
  EXPECT_FAILS(combine(longer), TENON_USAGE, "expects dimension 0 to be 2");
}

TEST_F(CallTest, RefusesWrongCounts) {
  DLManagedTensorVersioned *in[] = {x, nullptr}, *out[] = {nullptr, nullptr};
  EXPECT_FAILS(tenon_call(context, 2, in, 1, out, 2), TENON_USAGE, "expects 2 inputs and 2 outputs, but got 1 and 2");
  EXPECT_FAILS(tenon_call(context, 2, in, 2, out, 2), TENON_USAGE, "input 'y' of entry 'combine' is null");
  EXPECT_FAILS(tenon_call(context, 2, nullptr, 2, out, 2), TENON_USAGE, "expects 2 inputs");
  EXPECT_FAILS(tenon_call(context, 3, in, 2, out, 2), TENON_USAGE, "expects an entry from 0 to 2");
  EXPECT_FAILS(tenon_call(nullptr, 2, in, 2, out, 2), TENON_USAGE, "expects a context");
  EXPECT_EQ(out[0], nullptr);
}

// A stateful entry starts from an empty state each time.
TEST_F(CallTest, StatefulEntriesStartEmpty) {
  Tensor tokens(i32, {3}, std::vector<int32_t>{4, 5, 6});
  for (int i = 0; i < 2; ++i) {
    DLManagedTensorVersioned *in[] = {tokens}, *out[] = {nullptr};
    EXPECT_OK(tenon_call(context, 0, in, 1, out, 1));
    EXPECT_EQ(take<float>(out[0]), toyLogits({4, 5, 6}));
  }
  Tensor none(i32, {0});
  DLManagedTensorVersioned *in[] = {none}, *out[] = {nullptr};
  EXPECT_FAILS(tenon_call(context, 0, in, 1, out, 1), TENON_USAGE, "at least one token");
  EXPECT_OK(tenon_call(context, 1, in, 1, out, 1));
  EXPECT_TRUE(take<float>(out[0]).empty());
  Tensor bad(i32, {1}, std::vector<int32_t>{99});
  in[0] = bad;
  out[0] = nullptr;
  EXPECT_FAILS(tenon_call(context, 1, in, 1, out, 1), TENON_USAGE, "token 0 is 99");
  Tensor longer(i32, {65});
  in[0] = longer;
  EXPECT_FAILS(tenon_call(context, 1, in, 1, out, 1), TENON_RESOURCE, "65 tokens do not fit");
}

TEST_F(CallTest, SessionsContinueTheirState) {
  Session session(context);
  int32_t first[] = {4, 5};
  EXPECT_OK(tenon_session_prefill(session, first, 2));
  Tensor tokens(i32, {2}, std::vector<int32_t>{6, 7});
  DLManagedTensorVersioned *in[] = {tokens}, *out[] = {nullptr};
  EXPECT_OK(tenon_session_call(session, 0, in, 1, out, 1));
  EXPECT_EQ(take<float>(out[0]), toyLogits({4, 5, 6, 7}));
  EXPECT_EQ(tenon_session_position(session), 4);
  int32_t token;
  EXPECT_FAILS(tenon_session_step(session, nullptr, &token), TENON_USAGE, "nothing to choose from");
}

TEST_F(CallTest, ProfileHasATimeForEachBarrierAndTheEnd) {
  std::vector<int64_t> ends(4, -1);
  tenon_profile profile = {ends.data(), 1, 7};
  ASSERT_EQ(tenon_context_set_profile(context, &profile).code, TENON_OK);
  Tensor tokens{i32, {3}, std::vector<int32_t>{1, 2, 3}};
  DLManagedTensorVersioned *in[] = {tokens}, *out[] = {nullptr};
  ASSERT_EQ(tenon_call(context, 0, in, 1, out, 1).code, TENON_OK);
  out[0]->deleter(out[0]);
  int64_t intervals = profile.count;
  EXPECT_GT(intervals, 1);
  EXPECT_GE(ends[0], 0);
  EXPECT_EQ(ends[1], -1); // there was room for one

  profile.capacity = 4;
  ASSERT_LE(intervals, 4);
  out[0] = nullptr;
  ASSERT_EQ(tenon_call(context, 0, in, 1, out, 1).code, TENON_OK);
  out[0]->deleter(out[0]);
  EXPECT_EQ(profile.count, intervals);
  for (int64_t i = 1; i < intervals; ++i)
    EXPECT_GE(ends[i], ends[i - 1]);

  ASSERT_EQ(tenon_context_set_profile(context, nullptr).code, TENON_OK);
  profile.count = 0;
  out[0] = nullptr;
  ASSERT_EQ(tenon_call(context, 0, in, 1, out, 1).code, TENON_OK);
  out[0]->deleter(out[0]);
  EXPECT_EQ(profile.count, 0);

  profile.ends = nullptr;
  EXPECT_EQ(tenon_context_set_profile(context, &profile).code, TENON_USAGE);
  EXPECT_EQ(tenon_context_set_profile(nullptr, nullptr).code, TENON_USAGE);
}

TEST(Tensor, CreateChecksItsShape) {
  DLManagedTensorVersioned *tensor = nullptr;
  int64_t huge[] = {INT64_MAX / 2, 3}, negative[] = {-1}, empty[] = {0, INT64_MAX};
  EXPECT_FAILS(tenon_tensor_create(f32, 2, huge, &tensor), TENON_USAGE, "dimension 0");
  EXPECT_FAILS(tenon_tensor_create(f32, 1, negative, &tensor), TENON_USAGE, "dimension 0 of a new tensor is -1");
  EXPECT_FAILS(tenon_tensor_create(f32, 9, huge, &tensor), TENON_USAGE, "rank from 0 to 8");
  EXPECT_FAILS(tenon_tensor_create({kDLInt, 4, 1}, 0, nullptr, &tensor), TENON_USAGE, "whole bytes");
  EXPECT_EQ(tensor, nullptr);
  EXPECT_OK(tenon_tensor_create(f32, 2, empty, &tensor));
  tensor->deleter(tensor);
}

} // namespace
