//===- Dialect.td - the ssm dialect and the base class of recurrences ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_SSM_DIALECT
#define TENON_DIALECTS_SSM_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "tenon/dialects/common/EvalInterface.td"
include "tenon/dialects/nn/Types.td"
include "tenon/dialects/ssm/RecurrenceInterface.td"

def SSM_Dialect : Dialect {
  let name = "ssm";
  let cppNamespace = "::tenon::ssm";
  let summary = "recurrences over the rows of a sequence";
  let description = [{
    A recurrence takes sequences, whose first dimension T counts rows (tokens), fixed operands, which are the same for every row, and
    states; it gives sequences and the states after the last row. Everything is pure: a state is a value, kept between calls by `cache`. A
    recurrence is defined by its step, the graph of one row; the other forms are derived and proven equal to it.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::tenon::nn::NNDialect"];
}

class SSM_Op<string mnemonic, list<Trait> traits = []>
    : Op<SSM_Dialect, mnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<EvalOpInterface>])>;

// A named recurrence of one state, its last operand. `shapes` names every operand's dimensions, by a letter that means one size throughout
// ("x: T D; a: N D; state: N D"; numbers stand for themselves, K-1 for one less than K); what has T rows is a sequence. The op is evaluated
// by its step; `derived` lists the optional methods of RecurrenceOpInterface that it has.
class SSM_Recurrence<string mnemonic, string text, string shapes, list<string> derived = [], int valueOperand = 0, list<Trait> traits = [],
                     string resultType = "">
    : SSM_Op<mnemonic, !listconcat(traits, [Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>,
                                            DeclareOpInterfaceMethods<RecurrenceOpInterface, derived>])> {
  let summary = text;
  // The operands' shapes and the two constraints that every recurrence has, for its description.
  string shapeText = !subst("; ", "], ", !subst(": ", " [", shapes)) # "]";
  string shapeConstraints = "The operands' shapes are `" # shapeText # "`; the first result has the shape of operand " # valueOperand #
      ", the second is the state after the last row.\n\nConstraints:\n" #
      "* (C1) the operands have these shapes, a letter being one size throughout.\n" #
      "* (C2) every size but T is at least 1.\n";
  let results = (outs NN_F32Tensor:$result, NN_F32Tensor:$next);
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral shapes = "}] # shapes # [{";
    ::llvm::StringRef getShapeText() { return shapes; }
  }];
  let extraClassDefinition = [{
    ::llvm::SmallVector<::tenon::ssm::NamedOperand> $cppClass::getNamedOperands() {
      return ::tenon::ssm::namedOperands(getShapeText(), [&](unsigned index) { return ::mlir::ValueRange(getODSOperands(index)); });
    }
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, std::optional<::mlir::Location>, ::mlir::ValueRange operands,
        ::mlir::DictionaryAttr, ::mlir::OpaqueProperties, ::mlir::RegionRange, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.assign({}] # !if(!empty(resultType), "operands[" # valueOperand # "].getType()", resultType) # [{, operands.back().getType()});
      return ::llvm::success();
    }
    ::llvm::LogicalResult $cppClass::evaluate(::tenon::EvalContext &context, ::llvm::ArrayRef<::tenon::EvalValue> operands,
        ::llvm::SmallVectorImpl<::tenon::EvalValue> &results) {
      return ::tenon::ssm::evaluateByStep(*this, context, operands, results);
    }
  }];
}

#endif // TENON_DIALECTS_SSM_DIALECT
