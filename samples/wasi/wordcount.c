// Counts lines, words and octets as `wc` does: of the files that it is given, or of its standard input. It shows what
// a WASI command is granted: arguments, streams, and files of a folder that someone named with --dir.

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct counts
{
    long lines;
    long words;
    long octets;
};

static int count(FILE *input, struct counts *to)
{
    char buffer[4096];
    int in_word = 0;
    size_t size;
    while ((size = fread(buffer, 1, sizeof buffer, input)) > 0)
    {
        for (size_t at = 0; at < size; at++)
        {
            unsigned char unit = (unsigned char)buffer[at];
            to->octets++;
            to->lines += unit == '\n';
            to->words += !isspace(unit) && !in_word;
            in_word = !isspace(unit);
        }
    }

    return ferror(input) ? -1 : 0;
}

static void show(const struct counts *counts, const char *name)
{
    printf("%7ld %7ld %7ld%s%s\n", counts->lines, counts->words, counts->octets, *name ? " " : "", name);
}

int main(int argc, char **argv)
{
    struct counts total = {0};
    int failed = 0;
    if (argc < 2)
    {
        failed = count(stdin, &total) != 0;
        show(&total, "");
        return failed;
    }

    for (int at = 1; at < argc; at++)
    {
        struct counts counts = {0};
        FILE *file = fopen(argv[at], "rb");
        if (!file || count(file, &counts) != 0)
        {
            fprintf(stderr, "%s: %s\n", argv[at], strerror(errno));
            failed = 1;
        }
        else
        {
            show(&counts, argv[at]);
        }

        if (file)
        {
            fclose(file);
        }

        total.lines += counts.lines;
        total.words += counts.words;
        total.octets += counts.octets;
    }

    if (argc > 2)
    {
        show(&total, "total");
    }

    return failed;
}
