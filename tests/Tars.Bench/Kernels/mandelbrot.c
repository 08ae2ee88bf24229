// How soon points of the plane escape, one point at a time.
#include "kernel.h"

enum { SIZE = 96, LIMIT = 200 };

KERNEL u32 run(u32 n)
{
    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        double zoom = 1.0 + 0.01 * (turn & 15);
        for (u32 row = 0; row < SIZE; row++)
        {
            double ci = (2.0 * row / SIZE - 1.0) * zoom;
            for (u32 column = 0; column < SIZE; column++)
            {
                double cr = (2.0 * column / SIZE - 1.5) * zoom;
                double zr = 0, zi = 0;
                u32 steps = 0;
                while (steps < LIMIT && zr * zr + zi * zi <= 4.0)
                {
                    double next_zr = zr * zr - zi * zi + cr;
                    zi = 2.0 * zr * zi + ci;
                    zr = next_zr;
                    steps++;
                }

                sum = mix(sum, steps);
            }
        }
    }

    return sum;
}
