// Compression by back references found through a hash table, and the way back.
#include "kernel.h"

enum { SIZE = 1 << 16, HASH_BITS = 13, MATCH_MIN = 4, MATCH_MAX = 255 + MATCH_MIN, WINDOW = 65535 };

static u8 input[SIZE], packed[SIZE * 2], unpacked[SIZE];
static u32 places[1 << HASH_BITS];

static u32 word_at(const u8 *at)
{
    u32 word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

// Text with repetitions: words of a small vocabulary, of different frequency.
static void fill(void)
{
    u32 seed = 11;
    u32 at = 0;
    while (at < SIZE)
    {
        u32 word = next(&seed) % 64;
        word = word * (next(&seed) % 64) / 64;
        u32 letters = word * 2654435761u | 1;
        u32 length = 2 + word % 7;
        for (u32 i = 0; i < length && at < SIZE; i++)
        {
            input[at++] = (u8)('a' + next(&letters) % 26);
        }

        if (at < SIZE)
        {
            input[at++] = ' ';
        }
    }
}

// A literal run: its length, then the octets. A match: 255, the length less the shortest, and two octets of distance.
static u32 __attribute__((noinline)) pack(u32 size)
{
    for (u32 i = 0; i < 1 << HASH_BITS; i++)
    {
        places[i] = 0;
    }

    u32 out = 0, literals = 0, at = 0;
    while (at < size)
    {
        u32 length = 0, distance = 0;
        if (at + MATCH_MIN <= size)
        {
            u32 word = word_at(input + at);
            u32 slot = (word * 2654435761u) >> (32 - HASH_BITS);
            u32 from = places[slot];
            places[slot] = at + 1;
            if (from != 0 && at + 1 - from <= WINDOW && word_at(input + from - 1) == word)
            {
                from--;
                length = MATCH_MIN;
                while (length < MATCH_MAX && at + length < size && input[from + length] == input[at + length])
                {
                    length++;
                }

                distance = at - from;
            }
        }

        if (length == 0)
        {
            literals++;
            at++;
        }

        if ((length != 0 || at == size || literals == 254) && literals != 0)
        {
            packed[out++] = (u8)literals;
            for (u32 i = 0; i < literals; i++)
            {
                packed[out++] = input[at - literals + i];
            }

            literals = 0;
        }

        if (length != 0)
        {
            packed[out++] = 255;
            packed[out++] = (u8)(length - MATCH_MIN);
            packed[out++] = (u8)distance;
            packed[out++] = (u8)(distance >> 8);
            at += length;
        }
    }

    return out;
}

static u32 __attribute__((noinline)) unpack(u32 size)
{
    u32 out = 0, at = 0;
    while (at < size)
    {
        u32 head = packed[at++];
        if (head != 255)
        {
            for (u32 i = 0; i < head; i++)
            {
                unpacked[out++] = packed[at++];
            }
        }
        else
        {
            u32 length = packed[at] + (u32)MATCH_MIN;
            u32 from = out - (packed[at + 1] | (u32)packed[at + 2] << 8);
            at += 3;
            for (u32 i = 0; i < length; i++)
            {
                unpacked[out++] = unpacked[from++];
            }
        }
    }

    return out;
}

KERNEL u32 run(u32 n)
{
    fill();
    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        input[(turn * 7919) % SIZE] ^= 1;
        u32 size = pack(SIZE);
        u32 back = unpack(size);
        sum = mix(mix(sum, size), back);
        for (u32 i = 0; i < SIZE; i += 61)
        {
            sum = mix(sum, unpacked[i]);
        }
    }

    return sum;
}
