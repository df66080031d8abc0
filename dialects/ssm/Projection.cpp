//===- Projection.cpp - constants of the past's projections, and their steps ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tenon/dialects/ssm/Graph.h"
#include "tenon/dialects/ssm/Ssm.h"
#include "tenon/dialects/ssm/hippo/Hippo.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::ssm;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static bool isPositive(double number) {
  return std::isfinite(number) && number > 0;
}

static LogicalResult verifySteps(Operation *op, ArrayRef<double> steps, int64_t channels) {
  if (int64_t(steps.size()) != channels || !llvm::all_of(steps, isPositive))
    return op->emitOpError("expects ") << channels << " steps, positive and finite, but got " << steps.size();
  return success();
}

static bool isStatic(Value value, int64_t rank) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == rank && type.hasStaticShape() && !llvm::is_contained(type.getShape(), 0);
}

static hippo::Rule ruleOf(Rule rule) {
  return rule == Rule::euler ? hippo::Rule::euler : rule == Rule::bilinear ? hippo::Rule::bilinear : hippo::Rule::zoh;
}

/// f32 elements of a tensor, made in f64.
static DenseElementsAttr constantOf(Type type, ArrayRef<double> values) {
  std::vector<float> rounded(values.begin(), values.end());
  return DenseElementsAttr::get(cast<ShapedType>(type), ArrayRef(rounded));
}

LogicalResult HippoOp::verify() {
  ArrayRef<int64_t> shape = Graph::shapeOf(getA());
  bool isSquare = isStatic(getA(), 2) && shape[0] == shape[1] && Graph::shapeOf(getB()) == shape.take_front(1);
  if (!isSquare || (getMeasure() == Measure::fout && shape[0] % 2 != 0)) // hippo_c1
    return emitOpError("expects a of [N, N] and b of [N], with an even N for fout, but got ")
           << getA().getType() << " and " << getB().getType();
  if (!isPositive(getStep().convertToDouble())) // hippo_c2
    return emitOpError("expects a step that is positive and finite, but got ") << getStep().convertToDouble();
  return success();
}

LogicalResult HippoOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  static constexpr hippo::Measure measures[] = {hippo::Measure::legs, hippo::Measure::legt, hippo::Measure::lagt, hippo::Measure::fout};
  hippo::Transition continuous = hippo::transition(measures[unsigned(getMeasure())], Graph::shapeOf(getA())[0]);
  hippo::Transition step = hippo::discretize(continuous, getStep().convertToDouble(), ruleOf(getRule()));
  hippo::Matrix rows = step.a.transpose(); // Eigen's columns are contiguous.
  results.push_back(constantOf(getA().getType(), ArrayRef(rows.data(), rows.size())));
  results.push_back(constantOf(getB().getType(), ArrayRef(step.b.data(), step.b.size())));
  return success();
}

LogicalResult DiagonalOp::verify() {
  ArrayRef<int64_t> shape = Graph::shapeOf(getDecay());
  bool isGood = isStatic(getDecay(), 2) && getPhase().getType() == getDecay().getType() && isStatic(getB(), 3) &&
                Graph::shapeOf(getB())[0] == 2 && Graph::shapeOf(getB()).drop_front() == shape;
  if (!isGood) // diagonal_c1
    return emitOpError("expects decay and phase of [N, C] and b of [2, N, C], but got ")
           << getDecay().getType() << ", " << getPhase().getType() << " and " << getB().getType();
  return verifySteps(*this, getSteps(), shape[1]); // diagonal_c2
}

LogicalResult DiagonalOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  static constexpr hippo::DiagonalInit inits[] = {hippo::DiagonalInit::lin, hippo::DiagonalInit::inv, hippo::DiagonalInit::legs,
                                                  hippo::DiagonalInit::real};
  int64_t order = Graph::shapeOf(getDecay())[0], channels = Graph::shapeOf(getDecay())[1];
  bool isReal = getInit() == Init::real;
  hippo::ComplexVector lambda = hippo::diagonalInit(inits[unsigned(getInit())], isReal ? order : 2 * order);
  std::vector<double> decay(order * channels), phase(order * channels), b(2 * order * channels);
  for (int64_t channel = 0; channel < channels; ++channel) {
    hippo::DiagonalStep step = hippo::discretizeDiagonal(lambda, hippo::ComplexVector::Ones(order), getSteps()[channel], ruleOf(getRule()));
    for (int64_t n = 0; n < order; ++n) {
      hippo::Complex power = std::log(step.a(n));
      decay[n * channels + channel] = power.real();
      phase[n * channels + channel] = power.imag();
      b[n * channels + channel] = step.b(n).real();
      b[(order + n) * channels + channel] = step.b(n).imag();
    }
  }
  results.append({constantOf(getDecay().getType(), decay), constantOf(getPhase().getType(), phase), constantOf(getB().getType(), b)});
  return success();
}

LogicalResult KernelOp::verify() {
  ArrayRef<int64_t> c = getC().getShapedType().getShape();
  bool isGood = isStatic(getTaps(), 2) && c.size() == 3 && c[0] == 2 && c[1] >= 1 && c[2] == Graph::shapeOf(getTaps())[0] &&
                isa<DenseElementsAttr>(getC()) && getC().getElementType().isF32();
  if (!isGood) // kernel_c1
    return emitOpError("expects c of [2, N, C] f32 elements and taps of [C, length], but got ")
           << getC().getShapedType() << " and " << getTaps().getType();
  return verifySteps(*this, getSteps(), c[2]); // kernel_c2
}

OpFoldResult KernelOp::fold(FoldAdaptor) {
  auto values = llvm::to_vector(cast<DenseElementsAttr>(getC()).getValues<float>());
  ArrayRef<int64_t> shape = getC().getShapedType().getShape();
  int64_t order = shape[1], channels = shape[2], length = Graph::shapeOf(getTaps())[1];
  hippo::DiagonalPlusLowRank system = hippo::diagonalPlusLowRank(hippo::Measure::legs, 2 * order);
  std::vector<double> taps;
  for (int64_t channel = 0; channel < channels; ++channel) {
    hippo::ComplexVector c(order);
    for (int64_t n = 0; n < order; ++n)
      c(n) = {values[n * channels + channel], values[(order + n) * channels + channel]};
    double step = getSteps()[channel];
    hippo::Vector kernel = hippo::s4Kernel(system, getFolded() ? c : hippo::foldOutput(system, c, step, length), step, length);
    taps.insert(taps.end(), std::make_reverse_iterator(kernel.data() + length), std::make_reverse_iterator(kernel.data()));
  }
  return constantOf(getTaps().getType(), taps);
}

/// What the folder gives, as values.
template <typename OpTy> static LogicalResult evaluateByFolding(OpTy op, SmallVectorImpl<EvalValue> &results) {
  SmallVector<OpFoldResult> folded;
  if (failed(op->fold(folded)))
    return failure();
  for (OpFoldResult result : folded) {
    auto elements = cast<DenseElementsAttr>(cast<Attribute>(result));
    auto values = elements.template getValues<float>();
    results.push_back(EvalTensor::dense(elements.getType().getShape(), std::vector<double>(values.begin(), values.end())));
  }
  return success();
}

LogicalResult HippoOp::evaluate(EvalContext &, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  return evaluateByFolding(*this, results);
}

LogicalResult DiagonalOp::evaluate(EvalContext &, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  return evaluateByFolding(*this, results);
}

LogicalResult KernelOp::evaluate(EvalContext &, ArrayRef<EvalValue>, SmallVectorImpl<EvalValue> &results) {
  return evaluateByFolding(*this, results);
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Step ProjectOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange fixed, ValueRange states) {
  Graph g(builder, loc);
  int64_t order = Graph::shapeOf(states[0])[0];
  Value next = g.add(g.matmul(fixed[0], states[0]), g.matmul(g.reshape(fixed[1], {order, 1}), slices[0]));
  return {{g.asRow(next)}, {next}};
}

/// Row n of A c is -(r[n] sum_{m<n} r[m] c[m] + (n+1) c[n]) with r[n] = sqrt(2n+1): one running sum for each side of the equation.
Step ProjectWholeOp::buildStep(OpBuilder &builder, Location loc, ValueRange slices, ValueRange, ValueRange states) {
  Graph g(builder, loc);
  Value state = states[0], x = slices[0];
  int64_t order = Graph::shapeOf(state)[0] - 1;
  auto scaled = [&](Value value, double factor) { return g.mul(value, g.number(factor)); };
  Value count = g.add(g.rows(state, order, 1), g.number(1));
  Value half = g.div(g.broadcast(g.number(0.5), Graph::shapeOf(count), {}), count);
  Value input = scaled(g.mul(x, half), 2), before, after;
  SmallVector<Value> rows;
  for (int64_t n = 0; n < order; ++n) {
    double root = std::sqrt(2.0 * n + 1);
    Value old = g.rows(state, n, 1), own = scaled(half, n + 1.0);
    Value right = g.add(g.sub(old, g.mul(own, old)), scaled(input, root));
    if (before)
      right = g.sub(right, scaled(g.mul(half, g.add(before, after)), root));
    Value made = g.div(right, g.add(own, g.number(1)));
    before = before ? g.add(before, scaled(old, root)) : scaled(old, root);
    after = after ? g.add(after, scaled(made, root)) : scaled(made, root);
    rows.push_back(made);
  }
  rows.push_back(count);
  Value next = g.stack(rows);
  return {{g.asRow(next)}, {next}};
}
