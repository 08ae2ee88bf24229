// Dense matrix product of doubles, in the order i, k, j.
#include "kernel.h"

enum { N = 160 };

static double a[N][N], b[N][N], c[N][N];

KERNEL u32 run(u32 n)
{
    u32 seed = 1;
    for (u32 i = 0; i < N; i++)
    {
        for (u32 j = 0; j < N; j++)
        {
            a[i][j] = unit(&seed);
            b[i][j] = unit(&seed);
        }
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 i = 0; i < N; i++)
        {
            for (u32 j = 0; j < N; j++)
            {
                c[i][j] = 0;
            }

            for (u32 k = 0; k < N; k++)
            {
                double f = a[i][k];
                for (u32 j = 0; j < N; j++)
                {
                    c[i][j] += f * b[k][j];
                }
            }
        }

        a[turn % N][turn % N] += 1;
        sum = mix_double(sum, c[turn % N][(turn * 7) % N]);
    }

    return sum;
}
