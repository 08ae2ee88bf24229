// An image of octets and a signal of floats, sixteen and four lanes at a time.
#include "kernel.h"

typedef u8 u8x16 __attribute__((vector_size(16)));
typedef u32 u32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));

enum { PIXELS = 1 << 15, SAMPLES = 1 << 12, TAPS = 16 };

static u8 front[PIXELS] __attribute__((aligned(16)));
static u8 back[PIXELS] __attribute__((aligned(16)));
static float signal[SAMPLES + TAPS] __attribute__((aligned(16)));
static float filtered[SAMPLES] __attribute__((aligned(16)));

// Brightens what lies behind, and keeps the lighter of both where the front is not too dark.
static void __attribute__((noinline)) blend(u8 by)
{
    u8x16 more = (u8x16){ 0 } + by;
    for (u32 at = 0; at < PIXELS; at += 16)
    {
        u8x16 a = *(u8x16 *)(front + at);
        u8x16 b = __builtin_elementwise_add_sat(*(u8x16 *)(back + at), more);
        u8x16 dark = a < 32;
        u8x16 lighter = __builtin_elementwise_max(a, b);
        *(u8x16 *)(back + at) = (dark & b) | (~dark & (lighter ^ more));
    }
}

static void __attribute__((noinline)) filter(const float *taps)
{
    for (u32 at = 0; at < SAMPLES; at += 4)
    {
        f32x4 sum = { 0 };
        for (u32 tap = 0; tap < TAPS; tap++)
        {
            f32x4 part;
            __builtin_memcpy(&part, signal + at + tap, sizeof part);
            sum += part * taps[tap];
        }

        *(f32x4 *)(filtered + at) = sum;
    }
}

static u32 __attribute__((noinline)) digest(void)
{
    u32x4 sum = { 1, 2, 3, 4 };
    for (u32 at = 0; at < PIXELS; at += 16)
    {
        sum = (sum ^ *(u32x4 *)(back + at)) * 16777619u;
        sum = __builtin_shufflevector(sum, sum, 1, 2, 3, 0) + (sum >> 7);
    }

    for (u32 at = 0; at < SAMPLES; at += 4)
    {
        sum = sum * 31u + *(u32x4 *)(filtered + at);
    }

    return sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
}

KERNEL u32 run(u32 n)
{
    u32 seed = 17;
    float taps[TAPS];
    for (u32 i = 0; i < PIXELS; i++)
    {
        front[i] = (u8)next(&seed);
        back[i] = (u8)next(&seed);
    }

    for (u32 i = 0; i < SAMPLES + TAPS; i++)
    {
        signal[i] = (float)unit(&seed);
    }

    for (u32 i = 0; i < TAPS; i++)
    {
        taps[i] = (float)unit(&seed);
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        blend((u8)turn);
        filter(taps);
        sum = mix(sum, digest());
    }

    return sum;
}
