// Five bodies under gravity, step by step.
#include "kernel.h"

typedef struct { double x, y, z, vx, vy, vz, mass; } body;

enum { COUNT = 5 };

#define PI 3.141592653589793
#define SOLAR_MASS (4 * PI * PI)
#define DAYS 365.24

static const body start[COUNT] =
{
    { 0, 0, 0, 0, 0, 0, SOLAR_MASS },
    { 4.841431442464721, -1.1603200440274284, -0.10362204447112311,
      0.001660076642744037 * DAYS, 0.007699011184197404 * DAYS, -0.0000690460016972063 * DAYS,
      0.0009547919384243266 * SOLAR_MASS },
    { 8.34336671824458, 4.124798564124305, -0.4035234171143214,
      -0.002767425107268624 * DAYS, 0.004998528012349172 * DAYS, 0.000023041729757376393 * DAYS,
      0.0002858859806661308 * SOLAR_MASS },
    { 12.894369562139131, -15.111151401698631, -0.22330757889265573,
      0.002964601375647616 * DAYS, 0.0023784717395948095 * DAYS, -0.000029658956854023756 * DAYS,
      0.00004366244043351563 * SOLAR_MASS },
    { 15.379697114850917, -25.919314609987964, 0.17925877295037118,
      0.0026806777249038932 * DAYS, 0.001628241700382423 * DAYS, -0.00009515922545197159 * DAYS,
      0.00005151389020466115 * SOLAR_MASS },
};

static body bodies[COUNT];

static void advance(double dt)
{
    for (u32 i = 0; i < COUNT; i++)
    {
        body *a = &bodies[i];
        for (u32 j = i + 1; j < COUNT; j++)
        {
            body *b = &bodies[j];
            double dx = a->x - b->x;
            double dy = a->y - b->y;
            double dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * __builtin_sqrt(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    }

    for (u32 i = 0; i < COUNT; i++)
    {
        bodies[i].x += dt * bodies[i].vx;
        bodies[i].y += dt * bodies[i].vy;
        bodies[i].z += dt * bodies[i].vz;
    }
}

KERNEL u32 run(u32 n)
{
    for (u32 i = 0; i < COUNT; i++)
    {
        bodies[i] = start[i];
    }

    for (u32 turn = 0; turn < n * 1000; turn++)
    {
        advance(0.01);
    }

    u32 sum = 0;
    for (u32 i = 0; i < COUNT; i++)
    {
        sum = mix_double(mix_double(mix_double(sum, bodies[i].x), bodies[i].y), bodies[i].z);
    }

    return sum;
}
