//===- ConvolveLti.cpp - diagonal state spaces as convolutions ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// kernel[l] = Re sum_n c[n] b[n] exp(l (decay[n] + i phase[n])) for each channel, in f64 (dialects/ssm/hippo). The convolution of length L
// begins with L - 1 rows of zeros, as the state space does with a state of zeros.
//

#include "tenon/passes/graph/Passes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/ssm/hippo/Hippo.h"

namespace tenon {
#define GEN_PASS_DEF_CONVOLVELTIPASS
#include "tenon/passes/graph/Passes.h.inc"
} // namespace tenon

using namespace mlir;
using namespace tenon;

namespace {
/// The op's constants, and whether the state is zeros.
struct Parameters {
  DenseFPElementsAttr decay, phase, b, c;

  /// Why they are not known; empty if they are.
  std::string read(ssm::LtiOp op) {
    bool isKnown = matchPattern(op.getDecay(), m_Constant(&decay)) && matchPattern(op.getPhase(), m_Constant(&phase)) &&
                   matchPattern(op.getB(), m_Constant(&b)) && matchPattern(op.getC(), m_Constant(&c));
    if (!isKnown)
      return "its parameters are not constants";
    DenseFPElementsAttr state;
    if (!matchPattern(op.getState(), m_Constant(&state)) || !llvm::all_of(state, [](const APFloat &value) { return value.isZero(); }))
      return "its state is not that of the start";
    return op.getNext().use_empty() ? "" : "its last state is read";
  }
};

struct ConvolveLtiPass : tenon::impl::ConvolveLtiPassBase<ConvolveLtiPass> {
  using Base::Base;

  void runOnOperation() override {
    if (length < 1) {
      getOperation().emitError("expects a length of at least 1, but got ") << length.getValue();
      return signalPassFailure();
    }
    SmallVector<ssm::LtiOp> ops;
    getOperation().walk([&](ssm::LtiOp op) { ops.push_back(op); });
    for (ssm::LtiOp op : ops)
      if (failed(convolve(op)))
        signalPassFailure();
  }

private:
  LogicalResult convolve(ssm::LtiOp op) {
    Parameters parameters;
    std::string reason = parameters.read(op);
    auto type = cast<RankedTensorType>(op.getX().getType());
    if (reason.empty() && type.isDynamicDim(0))
      reason = "the length of its sequence is not known";
    remark::RemarkOpts options = remark::RemarkOpts::name("ConvolveLti").category(getArgument());
    if (!reason.empty()) {
      remark::missed(op.getLoc(), options) << ("ssm.lti stays a recurrence: " + reason);
      return success();
    }
    if (type.getDimSize(0) > length)
      return op.emitOpError("expects a sequence of at most ")
             << length.getValue() << " rows, the length of the kernel, but got " << type.getDimSize(0);
    replace(op, parameters);
    remark::passed(op.getLoc(), options) << ("ssm.lti becomes a convolution of " + std::to_string(length) + " taps");
    return success();
  }

  void replace(ssm::LtiOp op, const Parameters &parameters) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    int64_t channels = cast<RankedTensorType>(op.getX().getType()).getDimSize(1);
    auto constant = [&](ArrayRef<int64_t> shape, ArrayRef<float> values) {
      return nn::ConstantOp::create(builder, loc, DenseElementsAttr::get(RankedTensorType::get(shape, builder.getF32Type()), values));
    };
    Value taps = constant({channels, length}, tapsOf(parameters, channels));
    Value start = constant({length - 1, channels}, std::vector<float>((length - 1) * channels));
    Value result = ssm::CausalConvOp::create(builder, loc, op.getX(), taps, Value(), start).getResult();
    if (Value skip = op.getSkip())
      result = nn::AddOp::create(builder, loc, result, nn::MulOp::create(builder, loc, op.getX(), skip));
    op.getResult().replaceAllUsesWith(result);
    op.erase();
  }

  /// The taps of each channel, the row's own last.
  std::vector<float> tapsOf(const Parameters &parameters, int64_t channels) {
    int64_t count = parameters.decay.getNumElements(), order = count / channels;
    auto at = [&](DenseFPElementsAttr values, int64_t index) { return (*(values.begin() + index)).convertToDouble(); };
    std::vector<float> taps;
    for (int64_t channel = 0; channel < channels; ++channel) {
      hippo::DiagonalStep step{hippo::ComplexVector(order), hippo::ComplexVector(order)};
      hippo::ComplexVector c(order);
      for (int64_t n = 0; n < order; ++n) {
        int64_t index = n * channels + channel;
        step.a(n) = std::exp(hippo::Complex(at(parameters.decay, index), at(parameters.phase, index)));
        step.b(n) = {at(parameters.b, index), at(parameters.b, count + index)};
        // diagonalKernel takes twice the real part, as of pairs; c has that factor already.
        c(n) = 0.5 * hippo::Complex(at(parameters.c, index), at(parameters.c, count + index));
      }
      hippo::Vector kernel = hippo::diagonalKernel(step, c, length);
      taps.insert(taps.end(), std::make_reverse_iterator(kernel.data() + length), std::make_reverse_iterator(kernel.data()));
    }
    return taps;
  }
};
} // namespace
