// The triangular root of a positive definite matrix.
#include "kernel.h"

enum { N = 140 };

static double from[N][N], a[N][N];

KERNEL u32 run(u32 n)
{
    u32 seed = 37;
    for (u32 i = 0; i < N; i++)
    {
        for (u32 j = 0; j <= i; j++)
        {
            from[i][j] = from[j][i] = unit(&seed) + (i == j ? N : 0);
        }
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 i = 0; i < N; i++)
        {
            for (u32 j = 0; j < N; j++)
            {
                a[i][j] = from[i][j] + (i == j ? turn : 0);
            }
        }

        for (u32 i = 0; i < N; i++)
        {
            for (u32 j = 0; j < i; j++)
            {
                for (u32 k = 0; k < j; k++)
                {
                    a[i][j] -= a[i][k] * a[j][k];
                }

                a[i][j] /= a[j][j];
            }

            for (u32 k = 0; k < i; k++)
            {
                a[i][i] -= a[i][k] * a[i][k];
            }

            a[i][i] = __builtin_sqrt(a[i][i]);
        }

        sum = mix_double(sum, a[N - 1][N - 1]);
    }

    return sum;
}
