// A five-point stencil from one field to another and back.
#include "kernel.h"

enum { N = 130 };

static double a[N][N], b[N][N];

KERNEL u32 run(u32 n)
{
    for (u32 i = 0; i < N; i++)
    {
        for (u32 j = 0; j < N; j++)
        {
            a[i][j] = ((double)i * (j + 2) + 2) / N;
            b[i][j] = ((double)i * (j + 3) + 3) / N;
        }
    }

    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 i = 1; i < N - 1; i++)
        {
            for (u32 j = 1; j < N - 1; j++)
            {
                b[i][j] = 0.2 * (a[i][j] + a[i][j - 1] + a[i][j + 1] + a[i + 1][j] + a[i - 1][j]);
            }
        }

        for (u32 i = 1; i < N - 1; i++)
        {
            for (u32 j = 1; j < N - 1; j++)
            {
                a[i][j] = 0.2 * (b[i][j] + b[i][j - 1] + b[i][j + 1] + b[i + 1][j] + b[i - 1][j]);
            }
        }
    }

    u32 sum = 0;
    for (u32 i = 0; i < N; i++)
    {
        sum = mix_double(sum, a[i][(i * 7) % N]);
    }

    return sum;
}
