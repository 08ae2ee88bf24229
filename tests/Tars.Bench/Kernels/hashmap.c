// An open hash table that grows: puts, gets and removals of 64-bit keys.
#include "heap.h"

enum { KEYS = 12000 };

typedef struct { u64 key; u32 value; u32 state; } entry;

typedef struct { entry *entries; u32 capacity, used, live; } map;

enum { FREE, FULL, GONE };

static u32 hash_of(u64 key)
{
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdull;
    key ^= key >> 29;
    return (u32)(key ^ key >> 32);
}

static void map_open(map *m, u32 capacity)
{
    m->entries = heap_take(capacity * sizeof(entry));
    m->capacity = capacity;
    m->used = m->live = 0;
    for (u32 i = 0; i < capacity; i++)
    {
        m->entries[i].state = FREE;
    }
}

static entry *map_find(map *m, u64 key)
{
    u32 mask = m->capacity - 1;
    u32 at = hash_of(key) & mask;
    entry *gone = 0;
    for (;;)
    {
        entry *e = &m->entries[at];
        if (e->state == FREE)
        {
            return gone ? gone : e;
        }

        if (e->state == GONE)
        {
            gone = gone ? gone : e;
        }
        else if (e->key == key)
        {
            return e;
        }

        at = (at + 1) & mask;
    }
}

static void __attribute__((noinline)) map_put(map *m, u64 key, u32 value)
{
    if (m->capacity * 3 <= m->used * 4)
    {
        map old = *m;
        map_open(m, old.capacity * 2);
        for (u32 i = 0; i < old.capacity; i++)
        {
            if (old.entries[i].state == FULL)
            {
                map_put(m, old.entries[i].key, old.entries[i].value);
            }
        }
    }

    entry *e = map_find(m, key);
    if (e->state != FULL)
    {
        m->used += e->state == FREE;
        m->live++;
        e->state = FULL;
        e->key = key;
    }

    e->value = value;
}

static u32 map_get(map *m, u64 key, u32 otherwise)
{
    entry *e = map_find(m, key);
    return e->state == FULL ? e->value : otherwise;
}

static void map_remove(map *m, u64 key)
{
    entry *e = map_find(m, key);
    if (e->state == FULL)
    {
        e->state = GONE;
        m->live--;
    }
}

KERNEL u32 run(u32 n)
{
    u32 sum = 0;
    u32 seed = 99;
    for (u32 turn = 0; turn < n; turn++)
    {
        map m;
        heap_clear();
        map_open(&m, 64);
        for (u32 i = 0; i < KEYS; i++)
        {
            u64 key = next(&seed) % (KEYS * 2);
            map_put(&m, key * 0x9e3779b97f4a7c15ull, i);
        }

        for (u64 key = 0; key < KEYS * 2; key += 3)
        {
            map_remove(&m, key * 0x9e3779b97f4a7c15ull);
        }

        for (u64 key = 0; key < KEYS * 2; key++)
        {
            sum = mix(sum, map_get(&m, key * 0x9e3779b97f4a7c15ull, 1));
        }

        sum = mix(sum, m.live);
    }

    return sum;
}
