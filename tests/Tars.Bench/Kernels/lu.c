// A matrix split into a lower and an upper triangle, in place.
#include "kernel.h"

enum { N = 120 };

static double from[N][N], a[N][N];

KERNEL u32 run(u32 n)
{
    u32 seed = 31;
    for (u32 i = 0; i < N; i++)
    {
        for (u32 j = 0; j < N; j++)
        {
            from[i][j] = unit(&seed) + (i == j ? N : 0);
        }
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 i = 0; i < N; i++)
        {
            for (u32 j = 0; j < N; j++)
            {
                a[i][j] = from[i][j] + turn;
            }
        }

        for (u32 i = 0; i < N; i++)
        {
            for (u32 j = 0; j < i; j++)
            {
                double w = a[i][j];
                for (u32 k = 0; k < j; k++)
                {
                    w -= a[i][k] * a[k][j];
                }

                a[i][j] = w / a[j][j];
            }

            for (u32 j = i; j < N; j++)
            {
                double w = a[i][j];
                for (u32 k = 0; k < i; k++)
                {
                    w -= a[i][k] * a[k][j];
                }

                a[i][j] = w;
            }
        }

        sum = mix_double(sum, a[N - 1][N - 1]);
    }

    return sum;
}
