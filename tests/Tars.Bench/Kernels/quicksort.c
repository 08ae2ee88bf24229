// Sorting of words by recursive partition, small runs by insertion.
#include "kernel.h"

enum { COUNT = 50000 };

static i32 items[COUNT];

static void __attribute__((noinline)) sort(i32 low, i32 high)
{
    while (low + 12 < high)
    {
        i32 middle = items[(low + high) >> 1];
        i32 i = low, j = high;
        while (i <= j)
        {
            while (items[i] < middle)
            {
                i++;
            }

            while (middle < items[j])
            {
                j--;
            }

            if (i <= j)
            {
                i32 swapped = items[i];
                items[i++] = items[j];
                items[j--] = swapped;
            }
        }

        if (j - low < high - i)
        {
            sort(low, j);
            low = i;
        }
        else
        {
            sort(i, high);
            high = j;
        }
    }

    for (i32 i = low + 1; i <= high; i++)
    {
        i32 item = items[i];
        i32 j = i - 1;
        while (low <= j && item < items[j])
        {
            items[j + 1] = items[j];
            j--;
        }

        items[j + 1] = item;
    }
}

KERNEL u32 run(u32 n)
{
    u32 sum = 0;
    u32 seed = 7;
    for (u32 turn = 0; turn < n; turn++)
    {
        for (u32 i = 0; i < COUNT; i++)
        {
            items[i] = (i32)next(&seed);
        }

        sort(0, COUNT - 1);
        for (u32 i = 0; i < COUNT; i += 97)
        {
            sum = mix(sum, (u32)items[i]);
        }
    }

    return sum;
}
