//===- Ptx.h - PTX text, buffers and a launch of it ----------------*- C++ -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program is text; a launch takes vectors, which become buffers of the device, and numbers. What the kernel wrote is in the vectors then.
#ifndef TENON_TEST_RUNTIME_EMU_PTX_H
#define TENON_TEST_RUNTIME_EMU_PTX_H

extern "C" {
#include "tenon/runtime/emu/machine.h"
}

#include <cstring>
#include <string>
#include <vector>

namespace tenon::emu {

/// The head that every module has.
inline const char *const HEAD = ".version 8.6\n.target sm_100a\n.address_size 64\n";

class Ptx {
public:
  /// Reads the text; `error` says what is wrong with it.
  explicit Ptx(const std::string &text) {
    tenon_status status = emu_module_read(text.data(), text.size(), &module);
    error = status.code == TENON_OK ? "" : status.msg;
    emu_machine_create(&machine);
  }
  Ptx(const Ptx &) = delete;
  ~Ptx() {
    emu_machine_destroy(machine);
    emu_module_destroy(module);
  }

  struct Grid {
    unsigned blocks = 1, threads = 32;
    int64_t shared = 0;
  };

  /// Runs the entry; returns the error, or nothing.
  template <typename... Arguments> std::string run(const char *entry, Grid grid, Arguments &...arguments) {
    if (!error.empty())
      return error;
    const emu_function *kernel = emu_module_find(module, entry);
    if (!kernel)
      return std::string("no entry ") + entry;
    std::vector<uint8_t> parameters;
    std::vector<void *> buffers;
    (add(arguments, parameters, buffers), ...);
    emu_grid shape = {{grid.blocks, 1, 1}, {grid.threads, 1, 1}, grid.shared};
    findings.clear();
    tenon_status status = emu_machine_launch(
        machine, module, kernel, &shape, parameters.data(), int64_t(parameters.size()), &options, &counts,
        [](void *user, const char *text) { static_cast<Ptx *>(user)->findings.push_back(text); }, this);
    for (void *buffer : buffers)
      emu_machine_remove_buffer(machine, buffer);
    return status.code == TENON_OK ? "" : status.msg;
  }

  emu_module *module = nullptr;
  emu_machine *machine = nullptr;
  emu_options options = {};
  emu_counts counts = {};
  std::string error;
  std::vector<std::string> findings;

private:
  template <typename T> void append(T value, std::vector<uint8_t> &parameters) {
    parameters.resize((parameters.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T) + sizeof(T));
    std::memcpy(&parameters[parameters.size() - sizeof(T)], &value, sizeof(T));
  }
  template <typename T> void add(std::vector<T> &data, std::vector<uint8_t> &parameters, std::vector<void *> &buffers) {
    append(reinterpret_cast<uint64_t>(data.data()), parameters);
    emu_machine_add_buffer(machine, ("buffer " + std::to_string(buffers.size())).c_str(), data.data(), int64_t(data.size() * sizeof(T)));
    buffers.push_back(data.data());
  }
  template <typename T> void add(T &value, std::vector<uint8_t> &parameters, std::vector<void *> &) { append(value, parameters); }
};

/// A kernel `k` whose thread i takes elements i of the sources and makes element i of the result: `body` works on %a, %b, %c (of the
/// sources) and %d. Types are as in PTX, b32 and so on.
std::string elementwise(const std::string &body, const std::string &result, const std::vector<std::string> &sources);

} // namespace tenon::emu

#endif // TENON_TEST_RUNTIME_EMU_PTX_H
