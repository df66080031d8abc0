//===- code.c - loads the best code object of an artifact ----------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A code object is a shared object. It is copied to an anonymous memory file and opened from there by the dynamic linker, which knows how
// to map and relocate it and makes debuggers and profilers see it; nothing is written to disk. The dynamic linker believes what an
// ELF file says of itself, so the member's checksum and the extents of its segments are checked before.
#include "tenon/runtime/host/code.h"

#include "tenon/runtime/host/cpu.h"
#include "tenon/runtime/host/descriptor.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char prefix[] = "code/", suffix[] = ".so";

static int elf_machine(void) {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#else
  return EM_NONE;
#endif
}

static tenon_status check_elf(const tenon_archive_member *member) {
  const int64_t most_memory = INT64_C(1) << 32;
  if (member->size < sizeof(Elf64_Ehdr) || memcmp(member->data, ELFMAG, SELFMAG) != 0)
    return tenon_error(TENON_UNSUPPORTED, "is not a shared object");
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)member->data;
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != elf_machine())
    return tenon_error(TENON_UNSUPPORTED, "is for another kind of processor");
  if (header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8 != 0 || header->e_phoff > member->size ||
      header->e_phnum > (member->size - header->e_phoff) / sizeof(Elf64_Phdr))
    return tenon_error(TENON_UNSUPPORTED, "is a damaged shared object");
  const Elf64_Phdr *segments = (const Elf64_Phdr *)(member->data + header->e_phoff);
  for (int i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr *s = &segments[i];
    if (s->p_type != PT_LOAD && s->p_type != PT_DYNAMIC)
      continue;
    if (s->p_offset > member->size || s->p_filesz > member->size - s->p_offset || s->p_filesz > s->p_memsz ||
        s->p_memsz > (uint64_t)most_memory || s->p_vaddr > (uint64_t)most_memory)
      return tenon_error(TENON_UNSUPPORTED, "is a damaged shared object");
  }
  return tenon_ok();
}

static tenon_status write_all(int fd, const uint8_t *data, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return tenon_error(TENON_RESOURCE, "cannot be copied to memory: %s", strerror(errno));
    data += written;
    size -= (size_t)written;
  }
  return tenon_ok();
}

// The dynamic linker takes a path that it has seen for the library it has, and the path of a memory file is made of its descriptor's
// number. So the file stays open while the library is, and a number whose path is taken (by a library that stays loaded though it
// was closed) is left for the next one.
static tenon_status choose_path(int *fd, char *path, size_t size) {
  for (;;) {
    snprintf(path, size, "/proc/self/fd/%d", *fd);
    void *taken = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (!taken)
      return tenon_ok();
    dlclose(taken);
    int next = fcntl(*fd, F_DUPFD_CLOEXEC, *fd + 1);
    if (next < 0)
      return tenon_error(TENON_RESOURCE, "cannot be opened: %s", strerror(errno));
    close(*fd);
    *fd = next;
  }
}

static tenon_status open_library(const tenon_archive_member *member, tenon_code *out) {
  out->fd = memfd_create("tenon-code", MFD_CLOEXEC);
  if (out->fd < 0)
    return tenon_error(TENON_RESOURCE, "cannot be copied to memory: %s", strerror(errno));
  TENON_TRY(write_all(out->fd, member->data, member->size));
  char path[64];
  TENON_TRY(choose_path(&out->fd, path, sizeof(path)));
  out->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!out->library) {
    const char *why = dlerror();
    return tenon_error(TENON_UNSUPPORTED, "cannot be opened: %.150s", why ? why : "unknown error");
  }
  out->module = dlsym(out->library, TENON_ABI_SYMBOL);
  return out->module ? tenon_ok() : tenon_error(TENON_UNSUPPORTED, "does not export '%s'", TENON_ABI_SYMBOL);
}

static tenon_status check_features(const tenon_abi_module *module) {
  int64_t missing = module->features & ~tenon_cpu_features();
  if (missing) {
    char names[96];
    tenon_cpu_feature_names(missing, names, sizeof(names));
    return tenon_error(TENON_UNSUPPORTED, "needs %s", names);
  }
  if (!tenon_cpu_enable(module->features))
    return tenon_error(TENON_UNSUPPORTED, "needs tile registers, which the system denies");
  return tenon_ok();
}

static tenon_status load_member(const tenon_archive_member *member, tenon_code *out) {
  TENON_TRY(tenon_archive_verify(member));
  TENON_TRY(check_elf(member));
  TENON_TRY(open_library(member, out));
  TENON_TRY(tenon_descriptor_check_abi(out->module));
  TENON_TRY(check_features(out->module));
  return tenon_descriptor_check(out->module);
}

// "code/x86-64-v3.so" -> "x86-64-v3"; false for members that are no code or have no usable name.
static bool code_name(const tenon_archive_member *member, char *out, size_t size) {
  size_t length = strlen(member->name), fixed = sizeof(prefix) - 1 + sizeof(suffix) - 1;
  if (length <= fixed || length - fixed >= size)
    return false;
  if (strncmp(member->name, prefix, sizeof(prefix) - 1) != 0 || strcmp(member->name + length - (sizeof(suffix) - 1), suffix) != 0)
    return false;
  memcpy(out, member->name + sizeof(prefix) - 1, length - fixed);
  out[length - fixed] = 0;
  return true;
}

// Of "sm_90a": 90, and whether it runs on no other GPU. Zero for code of processors.
static int gpu_number(const char *name, bool *only) {
  int number = 0, length = 0;
  if (sscanf(name, "sm_%4d%n", &number, &length) != 1)
    return 0;
  *only = name[length] != 0;
  return number;
}

enum { RANKS = 4, GPU_RANK = 4 };

// Lower is tried first. Code for a GPU is no code for the processor, but says of the model what any code says.
static int rank(const char *name) {
  static const char *const order[] = {"native", "x86-64-v4", "x86-64-v3"};
  bool only;
  if (gpu_number(name, &only))
    return GPU_RANK;
  for (int i = 0; i < 3; ++i)
    if (strcmp(name, order[i]) == 0)
      return i;
  return 3;
}

tenon_status tenon_code_load(const tenon_archive *archive, const char *only, tenon_code *out) {
  char reasons[200] = "";
  size_t used = 0;
  *out = (tenon_code){.fd = -1};
  for (int round = 0; round <= RANKS; ++round) {
    for (size_t i = 0; i < archive->count; ++i) {
      const tenon_archive_member *member = &archive->members[i];
      if (!code_name(member, out->name, sizeof(out->name)) || rank(out->name) != round)
        continue;
      if (only && strcmp(only, out->name) != 0)
        continue;
      tenon_status status = load_member(member, out);
      if (status.code == TENON_OK) {
        out->bytes = (int64_t)member->size;
        return status;
      }
      if (used < sizeof(reasons))
        used += (size_t)snprintf(reasons + used, sizeof(reasons) - used, "%s%.20s %s", used ? "; " : "", out->name, status.msg);
      tenon_code_unload(out);
    }
  }
  if (used == 0)
    return tenon_error(TENON_UNSUPPORTED, "the artifact has no code%s%.60s", only ? " for " : "", only ? only : "");
  return tenon_error(TENON_UNSUPPORTED, "no code of the artifact runs here: %s", reasons);
}

static const tenon_archive_member *find_part(const tenon_archive *archive, const char *name, const char *kind) {
  char path[96];
  snprintf(path, sizeof(path), "%s%s.%s", prefix, name, kind);
  return tenon_archive_find(archive, path);
}

static const tenon_archive_member *choose_gpu(const tenon_archive *archive, int32_t capability, char *name, size_t size) {
  const tenon_archive_member *best = NULL;
  int best_number = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    char own[64];
    bool only = false;
    if (!code_name(&archive->members[i], own, sizeof(own)))
      continue;
    int number = gpu_number(own, &only);
    // Where both fit, the code that is for this GPU alone knows more of it.
    if (number == 0 || number > capability || (only && number != capability) || 2 * number + only < best_number)
      continue;
    best = &archive->members[i];
    best_number = 2 * number + only;
    snprintf(name, size, "%s", own);
  }
  return best;
}

tenon_status tenon_code_load_device(const tenon_archive *archive, const tenon_device *device, tenon_code *out, tenon_device_code *text) {
  *out = (tenon_code){.fd = -1};
  const tenon_archive_member *member = choose_gpu(archive, device->capability, out->name, sizeof(out->name));
  if (!member)
    return tenon_error(TENON_UNSUPPORTED, "the artifact has no code for %.90s; compile it with --target=sm_80", device->name);
  out->bytes = (int64_t)member->size;
  const tenon_archive_member *ptx = find_part(archive, out->name, "ptx"), *cubin = find_part(archive, out->name, "cubin");
  tenon_status status = load_member(member, out);
  if (status.code == TENON_OK && !tenon_descriptor_device(out->module))
    status = tenon_error(TENON_UNSUPPORTED, "is code of a processor");
  if (status.code == TENON_OK && !ptx)
    status = tenon_error(TENON_UNSUPPORTED, "has no text beside it");
  if (status.code == TENON_OK)
    status = tenon_archive_verify(ptx);
  if (status.code != TENON_OK) {
    status = tenon_error(status.code, "code/%.20s %.200s", out->name, status.msg);
    tenon_code_unload(out);
    return status;
  }
  *text = (tenon_device_code){.target = tenon_descriptor_device(out->module), .ptx = (const char *)ptx->data, .ptx_bytes = ptx->size};
  if (cubin && tenon_archive_verify(cubin).code == TENON_OK) {
    text->cubin = cubin->data;
    text->cubin_bytes = cubin->size;
  }
  return status;
}

void tenon_code_unload(tenon_code *code) {
  if (code->library)
    dlclose(code->library);
  if (code->fd >= 0)
    close(code->fd);
  *code = (tenon_code){.fd = -1};
}
