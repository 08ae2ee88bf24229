// The largest singular value of an infinite matrix, by power iteration.
#include "kernel.h"

enum { N = 200 };

static double u[N], v[N], t[N];

static double cell(u32 i, u32 j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(const double *x, double *y)
{
    for (u32 i = 0; i < N; i++)
    {
        double sum = 0;
        for (u32 j = 0; j < N; j++)
        {
            sum += cell(i, j) * x[j];
        }

        y[i] = sum;
    }
}

static void times_transposed(const double *x, double *y)
{
    for (u32 i = 0; i < N; i++)
    {
        double sum = 0;
        for (u32 j = 0; j < N; j++)
        {
            sum += cell(j, i) * x[j];
        }

        y[i] = sum;
    }
}

KERNEL u32 run(u32 n)
{
    for (u32 i = 0; i < N; i++)
    {
        u[i] = 1;
    }

    for (u32 turn = 0; turn < n; turn++)
    {
        times(u, t);
        times_transposed(t, v);
        times(v, t);
        times_transposed(t, u);
    }

    double uv = 0, vv = 0;
    for (u32 i = 0; i < N; i++)
    {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }

    return mix_double(0, __builtin_sqrt(uv / vv));
}
