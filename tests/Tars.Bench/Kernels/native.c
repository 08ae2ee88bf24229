// The native contestant: reads a number of turns a line, and writes checksum and nanoseconds of this thread's time.
#include <stdio.h>
#include <time.h>
#include "kernel.h"

static u64 now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (u64)time.tv_sec * 1000000000u + (u64)time.tv_nsec;
}

int main(void)
{
    u32 n;
    while (scanf("%u", &n) == 1)
    {
        u64 begun = now();
        u32 sum = run(n);
        printf("%u %llu\n", sum, now() - begun);
        fflush(stdout);
    }

    return 0;
}
