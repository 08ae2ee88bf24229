// A matrix and then its transpose, times a vector.
#include "kernel.h"

enum { ROWS = 190, COLUMNS = 210 };

static double a[ROWS][COLUMNS], x[COLUMNS], y[COLUMNS], t[ROWS];

KERNEL u32 run(u32 n)
{
    u32 seed = 41;
    for (u32 j = 0; j < COLUMNS; j++)
    {
        x[j] = unit(&seed);
        for (u32 i = 0; i < ROWS; i++)
        {
            a[i][j] = unit(&seed) / ROWS;
        }
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 j = 0; j < COLUMNS; j++)
        {
            y[j] = 0;
        }

        for (u32 i = 0; i < ROWS; i++)
        {
            t[i] = 0;
            for (u32 j = 0; j < COLUMNS; j++)
            {
                t[i] += a[i][j] * x[j];
            }

            for (u32 j = 0; j < COLUMNS; j++)
            {
                y[j] += a[i][j] * t[i];
            }
        }

        x[turn % COLUMNS] = y[(turn * 3) % COLUMNS];
        sum = mix_double(sum, y[turn % COLUMNS]);
    }

    return sum;
}
