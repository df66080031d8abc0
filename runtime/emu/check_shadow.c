//===- check_shadow.c - who touched which memory -------------------*- C -*-===//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tenon/runtime/emu/check_state_impl.h"

#include <stdlib.h>

//===----------------------------------------------------------------------===//
// Shadows
//===----------------------------------------------------------------------===//

bool emu_shadow_make(emu_shadow *shadow, uint8_t *data, int64_t bytes, bool pages, bool written) {
  *shadow = (emu_shadow){.data = data, .bytes = bytes};
  if (pages)
    shadow->pages = calloc((size_t)bytes / EMU_PAGE_BYTES + 1, sizeof(*shadow->pages));
  if (!written)
    shadow->written = calloc((size_t)bytes / 8 + 1, 1);
  return (!pages || shadow->pages) && (written || shadow->written);
}

void emu_shadow_free(emu_shadow *shadow) {
  for (int64_t i = 0; shadow->pages && i <= shadow->bytes / EMU_PAGE_BYTES; ++i)
    free(shadow->pages[i].cells);
  free(shadow->pages);
  free(shadow->written);
  *shadow = (emu_shadow){0};
}

// Other threads may write bits of the same bytes.
void emu_shadow_write(emu_shadow *shadow, int64_t at, int64_t bytes, bool written) {
  if (!shadow->written)
    return;
  for (int64_t end = at + bytes; at < end;) {
    int64_t next = (at | 7) + 1 < end ? (at | 7) + 1 : end;
    uint8_t bits = (uint8_t)(((1u << (next - at)) - 1) << (at & 7)), *byte = &shadow->written[at >> 3];
    if (written && (*byte & bits) != bits)
      __atomic_fetch_or(byte, bits, __ATOMIC_RELAXED);
    else if (!written)
      __atomic_fetch_and(byte, (uint8_t)~bits, __ATOMIC_RELAXED);
    at = next;
  }
}

int64_t emu_shadow_unwritten(const emu_shadow *shadow, int64_t at, int64_t bytes) {
  if (!shadow->written)
    return -1;
  for (int64_t end = at + bytes; at < end;) {
    int64_t next = (at | 7) + 1 < end ? (at | 7) + 1 : end;
    uint32_t missing = (((1u << (next - at)) - 1) << (at & 7)) & ~(uint32_t)shadow->written[at >> 3];
    if (missing)
      return (at & ~INT64_C(7)) + __builtin_ctz(missing);
    at = next;
  }
  return -1;
}

emu_shadow *emu_shadow_of(emu_check *check, emu_space space, const uint8_t *place, int64_t *at) {
  emu_shadow *shadow = NULL;
  if (space == EMU_SHARED) {
    shadow = &check->shared;
  } else if (space == EMU_LOCAL) {
    shadow = &check->local;
  } else if (space == EMU_GLOBAL) {
    emu_launch *launch = check->block->launch;
    const emu_module *m = launch->module;
    if (m->image && place >= m->image && place < m->image + m->image_bytes) {
      shadow = launch->image;
    } else {
      const emu_buffer *buffer = emu_find_buffer(launch->machine, (uint64_t)(uintptr_t)place);
      shadow = buffer ? buffer->shadow : NULL;
    }
  }
  if (shadow)
    *at = place - shadow->data;
  return shadow;
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

static void lock_page(emu_page *page) {
  while (__atomic_test_and_set(&page->locked, __ATOMIC_ACQUIRE))
    ;
}

static void unlock_page(emu_page *page) {
  __atomic_clear(&page->locked, __ATOMIC_RELEASE);
}

// Makes sure of the cells; an access of a part of 4 bytes splits them.
static bool prepare_page(emu_page *page, uint32_t generation, bool by_byte) {
  if (page->generation != generation) {
    if (page->cells)
      memset(page->cells, 0, (page->by_byte ? EMU_PAGE_BYTES : EMU_PAGE_BYTES / 4) * sizeof(emu_cell));
    page->generation = generation;
  }
  if (!page->cells) {
    page->by_byte = by_byte;
    page->cells = calloc(by_byte ? EMU_PAGE_BYTES : EMU_PAGE_BYTES / 4, sizeof(emu_cell));
  } else if (by_byte && !page->by_byte) {
    emu_cell *split = malloc(EMU_PAGE_BYTES * sizeof(*split));
    if (!split)
      return false;
    for (int i = 0; i < EMU_PAGE_BYTES; ++i)
      split[i] = page->cells[i / 4];
    free(page->cells);
    page->cells = split;
    page->by_byte = true;
  }
  return page->cells != NULL;
}

// What an access is at odds with: what still goes on, or what it is in no order with.
static const emu_touch *conflict(emu_check *check, uint32_t thread, const emu_touch *before, uint32_t how) {
  if (!before->block)
    return NULL;
  if (before->how & EMU_HOW_ON_THE_WAY)
    return before;
  bool both_strong = before->how & how & EMU_HOW_STRONG;
  return both_strong || emu_is_ordered(check, thread, before) ? NULL : before;
}

// Writes down a reading. One that goes on is kept.
static void note_read(emu_check *check, uint32_t thread, emu_cell *cell, const emu_touch *touch) {
  emu_touch *first = &cell->reads[0], *last = &cell->reads[1];
  if (!first->block || (!(first->how & EMU_HOW_ON_THE_WAY) && emu_is_ordered(check, thread, first)))
    *first = *touch;
  else if (!(last->how & EMU_HOW_ON_THE_WAY))
    *last = *touch;
}

static bool touch_cell(emu_check *check, uint32_t thread, emu_cell *cell, const emu_touch *touch, emu_touch *odds) {
  const emu_touch *found = conflict(check, thread, &cell->write, touch->how);
  bool writes = touch->how & EMU_HOW_WRITES;
  for (int i = 0; !found && writes && i < 2; ++i)
    found = conflict(check, thread, &cell->reads[i], touch->how);
  if (found)
    *odds = *found;
  if (writes)
    *cell = (emu_cell){.write = *touch};
  else
    note_read(check, thread, cell, touch);
  return found != NULL;
}

// One step over the cells of a stretch that are in one page.
static int64_t page_end(int64_t at, int64_t end) {
  int64_t next = (at / EMU_PAGE_BYTES + 1) * EMU_PAGE_BYTES;
  return next < end ? next : end;
}

int64_t emu_shadow_touch(emu_check *check, emu_shadow *shadow, int64_t at, int64_t bytes, uint32_t thread, const emu_touch *touch,
                         emu_touch *odds) {
  int64_t found = -1;
  for (int64_t end = at + bytes, next; at < end; at = next) {
    next = page_end(at, end);
    emu_page *page = &shadow->pages[at / EMU_PAGE_BYTES];
    lock_page(page);
    if (prepare_page(page, check->generation, (at | next) & 3)) {
      int step = page->by_byte ? 1 : 4;
      for (int64_t i = at; i < next; i += step)
        if (touch_cell(check, thread, &page->cells[i % EMU_PAGE_BYTES / step], touch, odds) && found < 0)
          found = i;
    }
    unlock_page(page);
  }
  return found;
}

void emu_shadow_land(emu_check *check, emu_shadow *shadow, int64_t at, int64_t bytes, bool writes, uint32_t thread, uint32_t when) {
  for (int64_t end = at + bytes, next; at < end; at = next) {
    next = page_end(at, end);
    emu_page *page = &shadow->pages[at / EMU_PAGE_BYTES];
    lock_page(page);
    int step = page->by_byte ? 1 : 4;
    for (int64_t i = at; page->cells && page->generation == check->generation && i < next; i += step) {
      emu_cell *cell = &page->cells[i % EMU_PAGE_BYTES / step];
      emu_touch *touches[3] = {&cell->write, &cell->reads[0], &cell->reads[1]};
      for (int k = writes ? 0 : 1; k < (writes ? 1 : 3); ++k)
        if ((touches[k]->how & EMU_HOW_ON_THE_WAY) && touches[k]->block == check->number + 1 && emu_thread_of(touches[k]->when) == thread) {
          touches[k]->how &= ~(uint32_t)EMU_HOW_ON_THE_WAY;
          touches[k]->when = when;
        }
    }
    unlock_page(page);
  }
}
