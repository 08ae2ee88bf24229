// A heap that only grows until it is emptied: on WebAssembly by memory.grow, natively from one block.
#pragma once
#include "kernel.h"

#ifdef __wasm__
extern u8 __heap_base;

static u32 heap_at;

static void heap_clear(void)
{
    heap_at = ((u32)&__heap_base + 15) & ~15u;
}

static void *heap_take(u32 size)
{
    u32 at = heap_at;
    u32 end = at + ((size + 15) & ~15u);
    u32 have = __builtin_wasm_memory_size(0) << 16;
    if (end > have)
    {
        __builtin_wasm_memory_grow(0, ((end - have) >> 16) + 1);
    }

    heap_at = end;
    return (void *)at;
}
#else
static u8 heap[1 << 26] __attribute__((aligned(16)));
static u32 heap_at;

static void heap_clear(void)
{
    heap_at = 0;
}

static void *heap_take(u32 size)
{
    void *at = heap + heap_at;
    heap_at += (size + 15) & ~15u;
    return at;
}
#endif
