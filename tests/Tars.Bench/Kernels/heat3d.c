// Heat spreading through a cube, a seven-point stencil.
#include "kernel.h"

enum { N = 26 };

static double a[N][N][N], b[N][N][N];

static void __attribute__((noinline)) step(double to[N][N][N], double from[N][N][N])
{
    for (u32 i = 1; i < N - 1; i++)
    {
        for (u32 j = 1; j < N - 1; j++)
        {
            for (u32 k = 1; k < N - 1; k++)
            {
                to[i][j][k] = 0.125 * (from[i + 1][j][k] - 2.0 * from[i][j][k] + from[i - 1][j][k])
                    + 0.125 * (from[i][j + 1][k] - 2.0 * from[i][j][k] + from[i][j - 1][k])
                    + 0.125 * (from[i][j][k + 1] - 2.0 * from[i][j][k] + from[i][j][k - 1])
                    + from[i][j][k];
            }
        }
    }
}

KERNEL u32 run(u32 n)
{
    u32 seed = 43;
    for (u32 i = 0; i < N; i++)
    {
        for (u32 j = 0; j < N; j++)
        {
            for (u32 k = 0; k < N; k++)
            {
                a[i][j][k] = b[i][j][k] = unit(&seed);
            }
        }
    }

    for (u32 turn = 0; turn < n; turn++)
    {
        step(b, a);
        step(a, b);
    }

    u32 sum = 0;
    for (u32 i = 0; i < N; i++)
    {
        sum = mix_double(sum, a[i][(i * 5) % N][(i * 7) % N]);
    }

    return sum;
}
