// Primes below a bound, by crossing out in a table of octets.
#include "kernel.h"

enum { BOUND = 200000 };

static u8 crossed[BOUND];

KERNEL u32 run(u32 n)
{
    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        u32 bound = BOUND - (turn & 1023);
        for (u32 i = 0; i < bound; i++)
        {
            crossed[i] = 0;
        }

        u32 count = 0;
        for (u32 i = 2; i < bound; i++)
        {
            if (!crossed[i])
            {
                count++;
                for (u32 j = i + i; j < bound; j += i)
                {
                    crossed[j] = 1;
                }
            }
        }

        sum = mix(sum, count);
    }

    return sum;
}
