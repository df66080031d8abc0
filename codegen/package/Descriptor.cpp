//===- Descriptor.cpp - the module's constant description of itself ---*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each struct of runtime/abi.h has one function here that lists its fields in order. Fields are 32-bit and 64-bit integers and pointers,
// so LLVM's natural layout is C's; sizes are compared all the same.
//
//===----------------------------------------------------------------------===//

#include "tenon/codegen/package/Descriptor.h"

#include "tenon/codegen/target/Target.h"
#include "tenon/runtime/abi.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace tenon::codegen {

namespace {
/// Makes constants and the globals that they point to.
class Emitter {
public:
  explicit Emitter(Module &module) : module(module), context(module.getContext()) {}

  Constant *i32(int32_t value) { return ConstantInt::getSigned(Type::getInt32Ty(context), value); }
  Constant *i64(int64_t value) { return ConstantInt::getSigned(Type::getInt64Ty(context), value); }
  Constant *null() { return ConstantPointerNull::get(PointerType::getUnqual(context)); }

  Constant *record(ArrayRef<Constant *> fields, size_t size) {
    Constant *constant = ConstantStruct::getAnon(fields);
    assert(module.getDataLayout().getTypeAllocSize(constant->getType()) == size && "the struct differs from the ABI's");
    (void)size;
    return constant;
  }
  Constant *text(StringRef value) { return global(ConstantDataArray::getString(context, value), /*mergeable=*/true); }

  /// The address of an array, null if it is empty.
  Constant *array(ArrayRef<Constant *> elements) {
    if (elements.empty())
      return null();
    return global(ConstantArray::get(ArrayType::get(elements[0]->getType(), elements.size()), elements));
  }
  Constant *numbers(ArrayRef<int64_t> values) {
    return values.empty() ? null()
                          : global(ConstantDataArray::get(
                                context, ArrayRef<uint64_t>(reinterpret_cast<const uint64_t *>(values.data()), values.size())));
  }
  Constant *global(Constant *initializer, bool mergeable = false) {
    auto *variable = new GlobalVariable(module, initializer->getType(), /*isConstant=*/true, GlobalValue::PrivateLinkage, initializer);
    if (mergeable)
      variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return variable;
  }

  Constant *tensor(const TensorFact &fact);
  Constant *tensors(ArrayRef<TensorFact> facts);
  Constant *entry(const EntryFact &fact, Constant *function);
  Constant *bytes(const ExtentFact &fact) { return record({i64(fact.constant), i64(1), numbers(fact.perToken)}, sizeof(tenon_abi_size)); }
  Constant *state(const StateFact &fact);
  Constant *weight(const PackedWeight &weight);
  Constant *generate(const GenerateFact &fact);
  Constant *kernel(const KernelFact &fact);
  Constant *launch(const DeviceLaunchFact &fact);
  /// `program` is null for code of a CPU.
  Constant *describe(const ModuleFacts &facts, const Target &target, ArrayRef<Constant *> entries, const DeviceProgram *program);

private:
  Module &module;
  LLVMContext &context;
};
} // namespace

Constant *Emitter::tensor(const TensorFact &fact) {
  return record({text(fact.name), i32(fact.dtype), i32(int32_t(fact.dims.size())), numbers(fact.dims)}, sizeof(tenon_abi_tensor));
}

Constant *Emitter::tensors(ArrayRef<TensorFact> facts) {
  return array(map_to_vector(facts, [&](const TensorFact &fact) { return tensor(fact); }));
}

Constant *Emitter::entry(const EntryFact &fact, Constant *function) {
  return record({text(fact.name), i64(fact.stateful ? TENON_ABI_ENTRY_STATEFUL : 0), i64(fact.inputs.size()), tensors(fact.inputs),
                 i64(fact.outputs.size()), tensors(fact.outputs), bytes(fact.arena), function},
                sizeof(tenon_abi_entry_point));
}

Constant *Emitter::state(const StateFact &fact) {
  return record({text(fact.name), i64(fact.kind), i64(fact.blockPositions), i64(fact.bytes)}, sizeof(tenon_abi_state));
}

Constant *Emitter::weight(const PackedWeight &weight) {
  Constant *rank = i64(weight.shape().size()), *dims = numbers(weight.shape());
  return record({text(weight.name), text(formatText(weight)), i64(weight.offset), i64(weight.bytes), rank, dims}, sizeof(tenon_abi_weight));
}

Constant *Emitter::generate(const GenerateFact &fact) {
  Constant *eos = array(map_to_vector(fact.eos, [&](int32_t token) { return i32(token); }));
  return record(
      {i64(fact.stepEntry), i64(fact.forwardEntry), i64(fact.vocabulary), i64(fact.context), i64(fact.bos), i64(fact.eos.size()), eos},
      sizeof(tenon_abi_generate));
}

Constant *Emitter::kernel(const KernelFact &fact) {
  SmallVector<Constant *> stages = map_to_vector(fact.stages, [&](const StageFact &stage) {
    SmallVector<Constant *> fields{text(stage.name)};
    for (const std::array<int64_t, 3> &sizes : {stage.threads, stage.grid, stage.rows})
      fields.push_back(ConstantDataArray::get(context, ArrayRef<uint64_t>(reinterpret_cast<const uint64_t *>(sizes.data()), sizes.size())));
    fields.push_back(i64(stage.sharedBytes));
    return record(fields, sizeof(tenon_abi_stage));
  });
  SmallVector<Constant *> names = map_to_vector(fact.parameters, [&](const std::string &name) { return text(name); });
  return record({text(fact.name), i64(stages.size()), array(stages), bytes(fact.workspace), i64(names.size()), array(names)},
                sizeof(tenon_abi_kernel));
}

Constant *Emitter::launch(const DeviceLaunchFact &fact) {
  SmallVector<Constant *> arguments = map_to_vector(fact.arguments, [&](const ArgumentFact &argument) {
    return record({i64(argument.kind), i64(argument.index), i64(argument.constant), i64(argument.perToken), i64(argument.perPosition)},
                  sizeof(tenon_abi_argument));
  });
  return record({i64(fact.kernel), array(arguments), text(fact.path)}, sizeof(tenon_abi_launch));
}

/// The bits of the features that the target enables.
static Expected<int64_t> featureBits(const Target &target) {
  static constexpr std::pair<int, StringLiteral> known[] = {
#define TENON_FEATURE(bit, name) {bit, name},
      TENON_ABI_X86_FEATURES(TENON_FEATURE)
#undef TENON_FEATURE
  };
  int64_t bits = 0;
  for (const std::string &feature : target.features) {
    const auto *it = find_if(known, [&](const auto &row) { return row.second == feature; });
    if (it == std::end(known))
      return createStringError("the runtime cannot check for the feature '" + feature + "' of " + target.name);
    bits |= INT64_C(1) << it->first;
  }
  return bits;
}

Constant *Emitter::describe(const ModuleFacts &facts, const Target &target, ArrayRef<Constant *> entries, const DeviceProgram *program) {
  SmallVector<Constant *> kernels, programs;
  Constant *device = null(), *data = null();
  if (program) {
    device = text(target.name);
    kernels = map_to_vector(program->kernels, [&](const KernelFact &fact) { return kernel(fact); });
    for (const std::vector<DeviceLaunchFact> &entry : program->entries) {
      SmallVector<Constant *> launches = map_to_vector(entry, [&](const DeviceLaunchFact &fact) { return launch(fact); });
      programs.push_back(record({i64(launches.size()), array(launches)}, sizeof(tenon_abi_program)));
    }
    if (!program->data.empty())
      data = global(
          ConstantDataArray::getRaw(StringRef(program->data.data(), program->data.size()), program->data.size(), Type::getInt8Ty(context)));
  }
  Constant *symbols = array({text("tokens")});
  SmallVector<Constant *> states = map_to_vector(facts.states, [&](const StateFact &fact) { return state(fact); });
  SmallVector<Constant *> weights = map_to_vector(facts.weights, [&](const PackedWeight &fact) { return weight(fact); });
  return record({i32(TENON_ABI_MAGIC),
                 i32(TENON_ABI_MAJOR),
                 i32(TENON_ABI_MINOR),
                 i32(TENON_ABI_ISA_X86_64),
                 i64(cantFail(featureBits(target))),
                 text(target.name),
                 text(facts.name),
                 text(facts.sourceHash),
                 text(facts.compiler),
                 i64(facts.weightsBytes),
                 i64(1),
                 symbols,
                 i64(entries.size()),
                 array(entries),
                 i64(states.size()),
                 array(states),
                 i64(weights.size()),
                 array(weights),
                 facts.generate ? global(generate(*facts.generate)) : null(),
                 device,
                 i64(kernels.size()),
                 array(kernels),
                 array(programs),
                 i64(program ? program->data.size() : 0),
                 data},
                sizeof(tenon_abi_module));
}

static void exportModule(Module &module, Constant *description) {
  new GlobalVariable(module, description->getType(), /*isConstant=*/true, GlobalValue::ExternalLinkage, description, TENON_ABI_SYMBOL);
}

Error emitDescriptor(Module &module, const ModuleFacts &facts, const Target &target) {
  if (Expected<int64_t> bits = featureBits(target); !bits)
    return bits.takeError();
  Emitter emitter(module);
  SmallVector<Constant *> entries;
  for (const EntryFact &fact : facts.entries) {
    Function *function = module.getFunction(fact.name);
    if (!function || function->isDeclaration())
      return createStringError("entry '" + fact.name + "' was not compiled");
    entries.push_back(emitter.entry(fact, function));
  }
  for (GlobalValue &value : module.global_values())
    if (!value.isDeclaration() && !value.hasPrivateLinkage())
      value.setLinkage(GlobalValue::InternalLinkage);
  // No name of a model's may stand for a function of the C library.
  for (const EntryFact &fact : facts.entries)
    module.getFunction(fact.name)->setName("entry." + fact.name);

  exportModule(module, emitter.describe(facts, target, entries, /*program=*/nullptr));
  return Error::success();
}

void emitDeviceDescriptor(Module &module, const ModuleFacts &facts, const Target &target, const DeviceProgram &program) {
  Emitter emitter(module);
  SmallVector<Constant *> entries =
      map_to_vector(facts.entries, [&](const EntryFact &fact) { return emitter.entry(fact, emitter.null()); });
  exportModule(module, emitter.describe(facts, target, entries, &program));
}

} // namespace tenon::codegen
