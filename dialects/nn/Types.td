//===- Types.td - block-quantised element types and tensor constraints ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_DIALECTS_NN_TYPES
#define TENON_DIALECTS_NN_TYPES

include "mlir/IR/AttrTypeBase.td"
include "tenon/dialects/common/BlockTypeInterface.td"
include "tenon/dialects/nn/Dialect.td"

// A block type is one row here and one codec (BlockCodec.h) of the same name.
class NN_BlockElement<string typeName, string format, int elements, int bytes, string text>
    : TypeDef<NN_Dialect, typeName, [DeclareTypeInterfaceMethods<BlockQuantizedTypeInterface,
          ["getBlockElements", "getBlockBytes", "getFormatName", "decodeBlock", "encodeBlock"]>]> {
  let mnemonic = format;
  let summary = text;
  let extraClassDeclaration = [{
    static constexpr int64_t blockElements = }] # elements # [{;
    static constexpr int64_t blockBytes = }] # bytes # [{;
  }];
  let extraClassDefinition = [{
    int64_t $cppClass::getBlockElements() const { return blockElements; }
    int64_t $cppClass::getBlockBytes() const { return blockBytes; }
    ::llvm::StringRef $cppClass::getFormatName() const { return getMnemonic(); }
    void $cppClass::decodeBlock(const uint8_t *block, float *values) const {
      ::tenon::nn::decodeBlockOf(getMnemonic(), block, values);
    }
    void $cppClass::encodeBlock(const float *values, uint8_t *block) const {
      ::tenon::nn::encodeBlockOf(getMnemonic(), values, block);
    }
  }];
}

// Weights.
def NN_Q4_0 : NN_BlockElement<"Q4_0", "q4_0", 32, 18, "4-bit weights with a scale: d * (q - 8)">;
def NN_Q4_1 : NN_BlockElement<"Q4_1", "q4_1", 32, 20, "4-bit weights with a scale and a minimum: d * q + m">;
def NN_Q5_0 : NN_BlockElement<"Q5_0", "q5_0", 32, 22, "5-bit weights with a scale: d * (q - 16)">;
def NN_Q5_1 : NN_BlockElement<"Q5_1", "q5_1", 32, 24, "5-bit weights with a scale and a minimum: d * q + m">;
def NN_Q8_0 : NN_BlockElement<"Q8_0", "q8_0", 32, 34, "8-bit weights with a scale: d * q">;
def NN_Q2_K : NN_BlockElement<"Q2_K", "q2_k", 256, 84, "2-bit weights, scales and minima of 16: d * s * q - m * n">;
def NN_Q3_K : NN_BlockElement<"Q3_K", "q3_k", 256, 110, "3-bit weights, scales of 16: d * s * (q - 4)">;
def NN_Q4_K : NN_BlockElement<"Q4_K", "q4_k", 256, 144, "4-bit weights, scales and minima of 32: d * s * q - m * n">;
def NN_Q5_K : NN_BlockElement<"Q5_K", "q5_k", 256, 176, "5-bit weights, scales and minima of 32: d * s * q - m * n">;
def NN_Q6_K : NN_BlockElement<"Q6_K", "q6_k", 256, 210, "6-bit weights, scales of 16: d * s * (q - 32)">;
def NN_IQ4_NL : NN_BlockElement<"IQ4_NL", "iq4_nl", 32, 18, "weights among 16 uneven numbers with a scale: d * table[q]">;
def NN_IQ4_XS : NN_BlockElement<"IQ4_XS", "iq4_xs", 256, 136, "weights among 16 uneven numbers, scales of 32: d * s * table[q]">;
def NN_MXFP4 : NN_BlockElement<"MXFP4", "mxfp4", 32, 17, "4-bit floats with a power of two: 2^(e - 128) * table[q]">;
def NN_TQ1_0 : NN_BlockElement<"TQ1_0", "tq1_0", 256, 54, "weights of -1, 0 and 1 in base 3 with a scale: d * (q - 1)">;
def NN_TQ2_0 : NN_BlockElement<"TQ2_0", "tq2_0", 256, 66, "weights of -1, 0 and 1 in 2 bits with a scale: d * (q - 1)">;
// Activations: what nn.quantize rounds to.
def NN_A8 : NN_BlockElement<"A8", "a8", 32, 34,
    "activations rounded to one int8 plane: d * q, q = round(x * 127 / amax), d = f16(amax / 127)">;
def NN_A16 : NN_BlockElement<"A16", "a16", 32, 68,
    "activations rounded to two int8 planes: d * (256 * hi + lo), q in [-32512, 32512], d = amax / 32512 in f32">;

def NN_BlockType : Type<CPred<"::llvm::isa<::tenon::BlockQuantizedTypeInterface>($_self)">, "block-quantised type">;
def NN_ActivationBlockType
    : Type<CPred<"::llvm::isa<::tenon::nn::A8Type, ::tenon::nn::A16Type>($_self)">, "rounded activation type">;
def NN_WeightBlockType : Type<And<[NN_BlockType.predicate, Neg<NN_ActivationBlockType.predicate>]>,
                              "block-quantised weight type">;

def NN_FloatTensor : RankedTensorOf<[F32, F16, BF16]>;
def NN_F32Tensor : RankedTensorOf<[F32]>;
def NN_IntegerTensor : RankedTensorOf<[I32]>;
def NN_FloatOrIntegerTensor : RankedTensorOf<[F32, F16, BF16, I32]>;
// Floats, or floats rounded to blocks by nn.quantize.
def NN_ActivationTensor : RankedTensorOf<[F32, F16, BF16, NN_ActivationBlockType]>;
// Weights may carry any encoding: a packed layout does not change their meaning.
def NN_WeightTensor : RankedTensorOf<[F32, F16, BF16, NN_WeightBlockType]>;
def NN_AnyTensor : RankedTensorOf<[F32, F16, BF16, I32, NN_BlockType]>;

#endif // TENON_DIALECTS_NN_TYPES
