// What every kernel shares: types, the name that hosts call, and the seeded generator of its inputs.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

#ifdef __wasm__
#define KERNEL __attribute__((export_name("run")))
#else
#define KERNEL
#endif

// Does n turns of the kernel's work and answers a checksum of all that was computed. Equal n, equal answer, however
// often it is called.
u32 run(u32 n);

static inline u32 next(u32 *state)
{
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline double unit(u32 *state)
{
    return (double)(next(state) >> 8) / 16777216.0;
}

static inline u32 mix(u32 sum, u32 value)
{
    return (sum ^ value) * 16777619u + (sum >> 15);
}

static inline u32 mix_double(u32 sum, double value)
{
    union { double d; u64 u; } bits = { value };
    return mix(mix(sum, (u32)bits.u), (u32)(bits.u >> 32));
}
