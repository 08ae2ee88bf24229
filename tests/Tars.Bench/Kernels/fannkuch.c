// Pancake flips over all permutations.
#include "kernel.h"

enum { SIZE = 8 };

KERNEL u32 run(u32 n)
{
    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        u32 order[SIZE], flipped[SIZE], count[SIZE];
        for (u32 i = 0; i < SIZE; i++)
        {
            order[i] = i;
        }

        u32 flips_max = 0, checksum = turn, permutation = 0, r = SIZE;
        for (;;)
        {
            for (; r != 1; r--)
            {
                count[r - 1] = r;
            }

            for (u32 i = 0; i < SIZE; i++)
            {
                flipped[i] = order[i];
            }

            u32 flips = 0;
            for (u32 first = flipped[0]; first != 0; first = flipped[0])
            {
                for (u32 low = 0, high = first; low < high; low++, high--)
                {
                    u32 swapped = flipped[low];
                    flipped[low] = flipped[high];
                    flipped[high] = swapped;
                }

                flips++;
            }

            flips_max = flips_max < flips ? flips : flips_max;
            checksum += permutation++ & 1 ? -flips : flips;
            for (;; r++)
            {
                if (r == SIZE)
                {
                    goto done;
                }

                u32 first = order[0];
                for (u32 i = 0; i < r; i++)
                {
                    order[i] = order[i + 1];
                }

                order[r] = first;
                if (--count[r] != 0)
                {
                    break;
                }
            }
        }

    done:
        sum = mix(mix(sum, checksum), flips_max);
    }

    return sum;
}
