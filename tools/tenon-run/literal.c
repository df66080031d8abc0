//===- literal.c - tensors on the command line ---------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "literal.h"

#include "npy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = 8 };

static const struct {
  const char *name;
  DLDataType type;
} types[] = {
    {"f32", {kDLFloat, 32, 1}}, {"f16", {kDLFloat, 16, 1}}, {"bf16", {kDLBfloat, 16, 1}}, {"i8", {kDLInt, 8, 1}},
    {"u8", {kDLUInt, 8, 1}},    {"i32", {kDLInt, 32, 1}},   {"i64", {kDLInt, 64, 1}},     {"bool", {kDLBool, 8, 1}},
};

static const char *type_name(DLDataType type) {
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i)
    if (types[i].type.code == type.code && types[i].type.bits == type.bits)
      return types[i].name;
  return "?";
}

// Reads "1x4xf32": sizes, then a type. Stops at '='.
static tenon_status parse_type(const char *text, const char *end, DLDataType *type, int *ndim, int64_t *shape) {
  *ndim = 0;
  const char *p = text;
  while (p < end && *p >= '0' && *p <= '9') {
    char *after;
    errno = 0;
    long long dim = strtoll(p, &after, 10);
    if (errno || *after != 'x' || *ndim == MAX_RANK)
      break;
    shape[(*ndim)++] = dim;
    p = after + 1;
  }
  for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i) {
    if (strlen(types[i].name) != (size_t)(end - p) || strncmp(p, types[i].name, (size_t)(end - p)) != 0)
      continue;
    *type = types[i].type;
    return success();
  }
  return USAGE("expects a type such as 1x4xf32, but got '%.*s'", (int)(end - text < 60 ? end - text : 60), text);
}

static uint16_t to_bfloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if (isnan(value))
    return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Writes a number as an element; false if an integer type cannot hold it.
static bool set_element(DLTensor *tensor, int64_t index, double value) {
  double low = -ldexp(1, tensor->dtype.bits - 1), high = -low - 1;
  if (tensor->dtype.code == kDLUInt)
    low = 0, high = 255;
  if (tensor->dtype.code == kDLBool)
    low = 0, high = 1;
  bool real = tensor->dtype.code == kDLFloat || tensor->dtype.code == kDLBfloat;
  if (!real && !(value >= low && value <= high && value == floor(value)))
    return false;
  char *at = (char *)tensor->data + index * tensor->dtype.bits / 8;
  if (tensor->dtype.code == kDLBfloat)
    *(uint16_t *)at = to_bfloat((float)value);
  else if (real && tensor->dtype.bits == 16)
    *(_Float16 *)at = (_Float16)value;
  else if (real)
    *(float *)at = (float)value;
  else if (tensor->dtype.bits == 64)
    *(int64_t *)at = (int64_t)value;
  else if (tensor->dtype.bits == 32)
    *(int32_t *)at = (int32_t)value;
  else
    *at = (char)(int)value;
  return true;
}

double tensor_get(const DLTensor *tensor, int64_t index) {
  const char *at = (const char *)tensor->data + index * tensor->dtype.bits / 8;
  if (tensor->dtype.code == kDLBfloat) {
    uint32_t bits = (uint32_t)*(const uint16_t *)at << 16;
    float value;
    memcpy(&value, &bits, 4);
    return (double)value;
  }
  if (tensor->dtype.code == kDLFloat)
    return tensor->dtype.bits == 16 ? (double)*(const _Float16 *)at : (double)*(const float *)at;
  if (tensor->dtype.bits == 64)
    return (double)*(const int64_t *)at;
  if (tensor->dtype.bits == 32)
    return (double)*(const int32_t *)at;
  return tensor->dtype.code == kDLInt ? *(const int8_t *)at : *(const uint8_t *)at;
}

int64_t tensor_elements(const DLTensor *tensor) {
  int64_t elements = 1;
  for (int32_t i = 0; i < tensor->ndim; ++i)
    elements *= tensor->shape[i];
  return elements;
}

static tenon_status fill(const char *text, DLTensor *tensor) {
  int64_t elements = tensor_elements(tensor), count = 0;
  double value = 0;
  for (const char *p = text; *p; ++count) {
    char *end;
    value = strtod(p, &end);
    if (end == p || (*end && *end != ','))
      return USAGE("expects numbers, comma separated, but got '%.40s'", p);
    if (count < elements && !set_element(tensor, count, value))
      return USAGE("%s cannot hold '%.20s'", type_name(tensor->dtype), p);
    p = *end ? end + 1 : end;
  }
  if (count == 1)
    for (int64_t i = 1; i < elements; ++i)
      set_element(tensor, i, value);
  if (count != elements && count != 1)
    return USAGE("expects %lld values or one, but got %lld", (long long)elements, (long long)count);
  return success();
}

tenon_status literal_parse(const char *text, DLDataType expected, DLManagedTensorVersioned **out) {
  if (*text == '@')
    return npy_read(text + 1, expected, out);
  const char *equal = strchr(text, '=');
  if (!equal)
    return USAGE("expects TYPE=VALUES or @FILE.npy, but got '%.60s'", text);
  DLDataType type;
  int ndim;
  int64_t shape[MAX_RANK];
  TRY(parse_type(text, equal, &type, &ndim, shape));
  TRY(tenon_tensor_create(type, ndim, shape, out));
  tenon_status status = fill(equal + 1, &(*out)->dl_tensor);
  if (status.code != TENON_OK)
    (*out)->deleter(*out);
  return status;
}

void literal_print(const char *name, const DLTensor *tensor) {
  printf("%s=", name);
  for (int32_t i = 0; i < tensor->ndim; ++i)
    printf("%lldx", (long long)tensor->shape[i]);
  printf("%s=", type_name(tensor->dtype));
  for (int64_t i = 0, n = tensor_elements(tensor); i < n; ++i)
    printf("%s%.9g", i ? "," : "", tensor_get(tensor, i));
  putchar('\n');
}
