//===- execute_control.c - branches, calls, ends -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_impl.h"
#include "tenon/runtime/emu/read_impl.h"

static void branch(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  emu_jump(w, lanes, in->operands[0].at);
}

// brx.idx index, targets: each lane has an index of its own.
static void branch_indexed(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const uint32_t *index = emu_lanes(w, &in->operands[0]);
  const emu_operand *targets = &in->operands[1];
  while (lanes) {
    uint32_t first = index[__builtin_ctz(lanes)], same = 0;
    for (uint32_t left = lanes; left; left &= left - 1)
      same |= (uint32_t)(index[__builtin_ctz(left)] == first) << __builtin_ctz(left);
    if (first >= targets->parts) {
      emu_stop(w, in, "lane %d branches to target %u of %u", __builtin_ctz(same), first, targets->parts);
      return;
    }
    emu_jump(w, same, w->block->module->targets[targets->at + first]);
    lanes &= ~same;
  }
}

static void copy_parameters(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  for (uint32_t left = lanes; left; left &= left - 1) {
    uint8_t *local = w->local[__builtin_ctz(left)];
    for (int k = 0; k < in->operand_count; ++k)
      memmove(local + in->operands[k].offset, local + in->operands[k].at, in->operands[k].parts);
  }
}

void emu_execute_call(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const emu_module *m = w->block->module;
  const emu_function *function = &m->functions[in->mode2];
  uint32_t *back = (uint32_t *)(w->bases[0] + function->return_at);
  uint32_t after = (uint32_t)(in - m->instructions) + 1;
  copy_parameters(w, in, lanes);
  EMU_FOR_LANES(lanes, i, { back[i] = after; });
  emu_jump(w, lanes, function->first);
}

void emu_execute_call_end(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  copy_parameters(w, in, lanes);
}

static void leave(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  if (w->block->check)
    emu_check_exit(w, in, lanes);
  emu_hold(w, lanes, EMU_EXITED);
  w->alive &= ~lanes;
  w->block->live_threads -= (uint32_t)__builtin_popcount(lanes);
  ++w->block->progress;
  emu_leave_collectives(w);
  emu_leave_barriers(w->block);
}

void emu_execute_return(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  const emu_function *function = &w->block->module->functions[in->mode2];
  if (function->is_entry) {
    leave(w, in, lanes);
    return;
  }
  const uint32_t *back = (const uint32_t *)(w->bases[0] + function->return_at);
  while (lanes) { // lanes that were called from the same place
    uint32_t first = back[__builtin_ctz(lanes)], same = 0;
    for (uint32_t left = lanes; left; left &= left - 1)
      same |= (uint32_t)(back[__builtin_ctz(left)] == first) << __builtin_ctz(left);
    emu_jump(w, same, first);
    lanes &= ~same;
  }
}

static void trap(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  emu_stop(w, in, "lane %d traps", __builtin_ctz(lanes));
}

static void sleep(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)in, (void)lanes;
  emu_yield(w);
}

static void nothing(emu_warp *w, const emu_instruction *in, uint32_t lanes) {
  (void)w, (void)in, (void)lanes;
}

//===----------------------------------------------------------------------===//
// Decoders
//===----------------------------------------------------------------------===//

static bool decode_branch(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  emu_take(o, "uni");
  in->execute = branch;
  in->ends_run = true;
  o->writes = 0;
  o->least = o->most = 1;
  return true;
}

static bool decode_indexed(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  emu_take(o, "uni");
  in->type = EMU_B32;
  in->execute = branch_indexed;
  in->ends_run = true;
  o->writes = 0;
  o->least = o->most = 2;
  return emu_take(o, "idx");
}

static bool decode_end(emu_opcode *o) {
  emu_instruction *in = o->instruction;
  emu_take(o, "uni");
  in->execute = emu_text_is(o->parts[0], "ret") ? emu_execute_return : leave;
  in->mode2 = (uint32_t)o->reader->function;
  in->ends_run = true;
  return true;
}

static bool decode_trap(emu_opcode *o) {
  o->instruction->execute = emu_text_is(o->parts[0], "trap") ? trap : nothing;
  o->instruction->type = EMU_B32;
  o->writes = 0;
  o->most = 1;
  return true;
}

static bool decode_sleep(emu_opcode *o) {
  o->instruction->type = emu_take_type(o);
  o->instruction->execute = sleep;
  o->instruction->ends_run = true;
  o->writes = 0;
  o->least = o->most = 1;
  return o->instruction->type == EMU_U32;
}

// griddepcontrol.wait, .launch_dependents: the launch before has ended.
static bool decode_dependence(emu_opcode *o) {
  o->instruction->execute = nothing;
  return emu_take(o, "wait") || emu_take(o, "launch_dependents");
}

const emu_decoder emu_control_decoders[] = {
    {"bra", decode_branch},      {"brx", decode_indexed},
    {"ret", decode_end},         {"exit", decode_end},
    {"trap", decode_trap},       {"brkpt", decode_trap},
    {"nanosleep", decode_sleep}, {"griddepcontrol", decode_dependence},
    {"pmevent", decode_trap},    {NULL, NULL},
};
