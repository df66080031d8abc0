//===- npy.c - numpy's files ---------------------------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format: "\x93NUMPY", a version, the length of a header that is a Python dictionary, the header, the data. bfloat16, which numpy
// lacks, is written as two-byte void, as its extensions do.
#include "npy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = 8, MAX_HEADER = 4096 };

static const struct {
  const char *text;
  DLDataType type;
} types[] = {
    {"<f4", {kDLFloat, 32, 1}}, {"<f2", {kDLFloat, 16, 1}}, {"|V2", {kDLBfloat, 16, 1}},
    {"|i1", {kDLInt, 8, 1}},    {"|u1", {kDLUInt, 8, 1}},   {"<i4", {kDLInt, 32, 1}},
    {"<i8", {kDLInt, 64, 1}},   {"|b1", {kDLBool, 8, 1}},   {"<f8", {kDLFloat, 64, 1}},
};

static bool same(DLDataType a, DLDataType b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

// The value of a key in the header: what follows its colon.
static const char *find_value(const char *header, const char *key) {
  const char *at = strstr(header, key);
  if (!at)
    return NULL;
  at += strlen(key);
  while (*at == ' ' || *at == ':')
    ++at;
  return at;
}

static tenon_status parse_header(const char *path, const char *header, DLDataType *type, int *ndim, int64_t *shape) {
  const char *descr = find_value(header, "'descr'"), *order = find_value(header, "'fortran_order'"), *dims = find_value(header, "'shape'");
  if (!descr || !order || !dims || *dims != '(')
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' has a damaged header", path);
  if (strncmp(order, "False", 5) != 0)
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' is not in row-major order", path);
  bool known = false;
  for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !known; ++i) {
    known = *descr == '\'' && strncmp(descr + 1, types[i].text, 3) == 0 && descr[4] == '\'';
    *type = types[i].type;
  }
  if (!known)
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' has elements of an unknown type %.8s", path, descr);
  *ndim = 0;
  for (const char *p = dims + 1; *p && *p != ')';) {
    char *end;
    errno = 0;
    long long dim = strtoll(p, &end, 10);
    if (end == p || errno || dim < 0 || *ndim == MAX_RANK)
      return tenon_failure(TENON_UNSUPPORTED, "'%.80s' has a damaged shape", path);
    shape[(*ndim)++] = dim;
    p = end;
    while (*p == ',' || *p == ' ')
      ++p;
  }
  return success();
}

static tenon_status read_header(const char *path, FILE *file, DLDataType *type, int *ndim, int64_t *shape) {
  unsigned char start[12];
  char header[MAX_HEADER + 1];
  if (fread(start, 1, 10, file) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' is not a .npy file", path);
  size_t length = (size_t)start[8] | (size_t)start[9] << 8;
  if (start[6] > 1) {
    if (fread(start + 10, 1, 2, file) != 2)
      return tenon_failure(TENON_UNSUPPORTED, "'%.80s' is cut short", path);
    length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
  }
  if (length > MAX_HEADER || fread(header, 1, length, file) != length)
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' has a damaged header", path);
  header[length] = 0;
  return parse_header(path, header, type, ndim, shape);
}

static int64_t count_elements(const DLTensor *t) {
  int64_t elements = 1;
  for (int32_t i = 0; i < t->ndim; ++i)
    elements *= t->shape[i];
  return elements;
}

// The bytes that are left in a file, or -1.
static int64_t bytes_left(FILE *file) {
  long at = ftell(file);
  if (at < 0 || fseek(file, 0, SEEK_END) != 0)
    return -1;
  long end = ftell(file);
  if (fseek(file, at, SEEK_SET) != 0)
    return -1;
  return end - at;
}

static tenon_status narrow(const char *path, const DLTensor *from, DLTensor *to) {
  bool exact = true;
  for (int64_t i = 0, n = count_elements(from); i < n; ++i) {
    if (to->dtype.code == kDLFloat) {
      ((float *)to->data)[i] = (float)((const double *)from->data)[i];
    } else {
      int64_t value = ((const int64_t *)from->data)[i];
      exact &= value >= INT32_MIN && value <= INT32_MAX;
      ((int32_t *)to->data)[i] = (int32_t)value;
    }
  }
  return exact ? success() : USAGE("'%.80s' has values that do not fit 32 bits", path);
}

static tenon_status read_data(const char *path, FILE *file, DLDataType type, int ndim, const int64_t *shape,
                              DLManagedTensorVersioned **out) {
  int64_t left = bytes_left(file), bytes = type.bits / 8;
  for (int i = 0; i < ndim; ++i)
    if (__builtin_mul_overflow(bytes, shape[i], &bytes))
      bytes = INT64_MAX;
  if (left != bytes)
    return tenon_failure(TENON_UNSUPPORTED, "'%.80s' has %lld bytes of data, but its shape needs %lld", path, (long long)left,
                         (long long)bytes);
  TRY(tenon_tensor_create(type, ndim, shape, out));
  if (fread((*out)->dl_tensor.data, 1, (size_t)bytes, file) == (size_t)bytes)
    return success();
  (*out)->deleter(*out);
  return USAGE("cannot read '%.80s'", path);
}

static tenon_status convert(const char *path, DLDataType type, DLManagedTensorVersioned **tensor) {
  DLTensor *from = &(*tensor)->dl_tensor;
  bool narrows = from->dtype.bits == 64 && type.bits == 32 && from->dtype.code == type.code;
  if (!narrows || same(from->dtype, type))
    return success();
  DLManagedTensorVersioned *narrowed = NULL;
  tenon_status status = tenon_tensor_create(type, from->ndim, from->shape, &narrowed);
  if (status.code == TENON_OK)
    status = narrow(path, from, &narrowed->dl_tensor);
  (*tensor)->deleter(*tensor);
  *tensor = narrowed;
  if (status.code != TENON_OK && narrowed)
    narrowed->deleter(narrowed);
  return status;
}

tenon_status npy_read(const char *path, DLDataType type, DLManagedTensorVersioned **out) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return USAGE("cannot open '%.80s': %s", path, strerror(errno));
  DLDataType found;
  int ndim;
  int64_t shape[MAX_RANK];
  tenon_status status = read_header(path, file, &found, &ndim, shape);
  if (status.code == TENON_OK)
    status = read_data(path, file, found, ndim, shape, out);
  if (status.code == TENON_OK)
    status = convert(path, type, out);
  fclose(file);
  return status;
}

tenon_status npy_begin(const char *path, DLDataType type, int ndim, const int64_t *shape, FILE **out) {
  const char *text = NULL;
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i)
    if (same(types[i].type, type))
      text = types[i].text;
  if (!text)
    return tenon_failure(TENON_UNSUPPORTED, "numpy has no such type for '%.80s'", path);
  char header[512];
  int used = snprintf(header, sizeof(header), "{'descr': '%s', 'fortran_order': False, 'shape': (", text);
  for (int i = 0; i < ndim; ++i)
    used += snprintf(header + used, sizeof(header) - (size_t)used, "%s%lld", i ? ", " : "", (long long)shape[i]);
  if (ndim == 1)
    header[used++] = ',';
  used += snprintf(header + used, sizeof(header) - (size_t)used, "), }");
  // The data starts at a multiple of 64.
  while ((10 + used + 1) % 64 != 0)
    header[used++] = ' ';
  header[used++] = '\n';
  *out = fopen(path, "wb");
  if (!*out)
    return USAGE("cannot write '%.80s': %s", path, strerror(errno));
  fwrite("\x93NUMPY\x01\x00", 1, 8, *out);
  fputc(used & 0xff, *out);
  fputc(used >> 8, *out);
  fwrite(header, 1, (size_t)used, *out);
  return success();
}

tenon_status npy_end(const char *path, FILE *file) {
  bool failed = ferror(file) != 0;
  failed |= fclose(file) != 0;
  return failed ? USAGE("cannot write '%.80s': %s", path, strerror(errno)) : success();
}

tenon_status npy_write(const char *path, const DLTensor *tensor) {
  FILE *file;
  TRY(npy_begin(path, tensor->dtype, tensor->ndim, tensor->shape, &file));
  fwrite(tensor->data, tensor->dtype.bits / 8, (size_t)count_elements(tensor), file);
  return npy_end(path, file);
}
