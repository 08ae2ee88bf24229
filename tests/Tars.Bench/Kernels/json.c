// A JSON text parsed into a tree, and the tree walked.
#include "heap.h"

enum { TEXT_MAX = 1 << 17, RECORDS = 600 };

typedef enum { NIL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT } kind;

typedef struct value
{
    kind kind;
    u32 length;
    double number;
    const u8 *text;
    struct value *name, *first, *next;
} value;

static u8 text[TEXT_MAX];
static u32 text_size;

static u8 *out;

static void put(const char *chars)
{
    while (*chars)
    {
        *out++ = (u8)*chars++;
    }
}

static void put_number(u32 number)
{
    u8 digits[10];
    u32 count = 0;
    do
    {
        digits[count++] = (u8)('0' + number % 10);
        number /= 10;
    }
    while (number);
    while (count)
    {
        *out++ = digits[--count];
    }
}

static void write_text(void)
{
    u32 seed = 23;
    out = text;
    put("[");
    for (u32 i = 0; i < RECORDS; i++)
    {
        put(i ? ",\n  {\"id\": " : "\n  {\"id\": ");
        put_number(i);
        put(", \"name\": \"item \\\"");
        put_number(next(&seed) % 10000);
        put("\\\"\", \"price\": ");
        put_number(next(&seed) % 1000);
        put(".");
        put_number(10 + next(&seed) % 90);
        put(next(&seed) & 1 ? ", \"sold\": true" : ", \"sold\": false");
        put(", \"tags\": [\"alpha\", \"beta\\n\", null], \"size\": {\"w\": -");
        put_number(next(&seed) % 100);
        put(", \"h\": ");
        put_number(next(&seed) % 100);
        put("e2}}");
    }

    put("\n]");
    text_size = (u32)(out - text);
}

static const u8 *at, *end;

static void skip(void)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
    {
        at++;
    }
}

static value *make(kind kind)
{
    value *made = heap_take(sizeof(value));
    made->kind = kind;
    made->length = 0;
    made->number = 0;
    made->text = 0;
    made->name = made->first = made->next = 0;
    return made;
}

static value *parse_string(void)
{
    value *made = make(STRING);
    const u8 *from = ++at;
    while (at < end && *at != '"')
    {
        at += *at == '\\' ? 2 : 1;
    }

    u8 *to = heap_take((u32)(at - from));
    made->text = to;
    while (from < at)
    {
        u8 c = *from++;
        if (c == '\\')
        {
            c = *from++;
            switch (c)
            {
                case 'n': c = '\n'; break;
                case 't': c = '\t'; break;
                case 'r': c = '\r'; break;
                default: break;
            }
        }

        *to++ = c;
    }

    made->length = (u32)(to - made->text);
    at++;
    return made;
}

static u32 is_digit(void)
{
    return at < end && (u32)(*at - '0') < 10;
}

static value *parse_number(void)
{
    value *made = make(NUMBER);
    u32 negative = *at == '-';
    at += negative;
    double number = 0;
    while (is_digit())
    {
        number = number * 10 + (*at++ - '0');
    }

    if (at < end && *at == '.')
    {
        double scale = 1;
        at++;
        while (is_digit())
        {
            number = number * 10 + (*at++ - '0');
            scale *= 10;
        }

        number /= scale;
    }

    if (at < end && (*at | 32) == 'e')
    {
        u32 power = 0;
        at++;
        while (is_digit())
        {
            power = power * 10 + (u32)(*at++ - '0');
        }

        while (power--)
        {
            number *= 10;
        }
    }

    made->number = negative ? -number : number;
    return made;
}

static value *parse(void)
{
    skip();
    switch (*at)
    {
        case '"':
            return parse_string();
        case 't':
            at += 4;
            return make(TRUE);
        case 'f':
            at += 5;
            return make(FALSE);
        case 'n':
            at += 4;
            return make(NIL);
        case '[':
        case '{':
        {
            u8 close = *at == '[' ? ']' : '}';
            value *made = make(*at++ == '[' ? ARRAY : OBJECT);
            value **place = &made->first;
            skip();
            while (at < end && *at != close)
            {
                value *name = 0;
                if (made->kind == OBJECT)
                {
                    skip();
                    name = parse_string();
                    skip();
                    at++;
                }

                *place = parse();
                (*place)->name = name;
                place = &(*place)->next;
                made->length++;
                skip();
                at += *at == ',';
            }

            at++;
            return made;
        }
        default:
            return parse_number();
    }
}

static u32 walk(const value *from, u32 sum)
{
    sum = mix(sum, from->kind * 31 + from->length);
    if (from->kind == NUMBER)
    {
        sum = mix_double(sum, from->number);
    }

    for (u32 i = 0; from->kind == STRING && i < from->length; i++)
    {
        sum = mix(sum, from->text[i]);
    }

    for (const value *child = from->first; child; child = child->next)
    {
        sum = walk(child, sum);
    }

    return sum;
}

KERNEL u32 run(u32 n)
{
    if (!text_size)
    {
        write_text();
    }

    u32 sum = 0;
    for (u32 turn = 0; turn < n; turn++)
    {
        heap_clear();
        at = text;
        end = text + text_size;
        sum = walk(parse(), sum);
    }

    return sum;
}
