// Does one thing of WASI after the other and says what came of it, in words that do not differ between hosts. The tests
// run it here and on Node and compare. `probe PART ARGS` does one part.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *outcome(long answer)
{
    static char text[32];
    if (answer >= 0)
    {
        return "fine";
    }

    snprintf(text, sizeof text, "errno %d", errno);
    return text;
}

static void say(const char *what, long answer)
{
    printf("%s: %s\n", what, outcome(answer));
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    say(path, fd);
    if (fd >= 0)
    {
        say(" write", write(fd, text, strlen(text)));
        close(fd);
    }
}

static void show_file(const char *path)
{
    char buffer[256];
    int fd = open(path, O_RDONLY);
    long size = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
    printf("%s: %s", path, outcome(size));
    printf(size >= 0 ? " %ld '%.*s'\n" : "\n", size, (int)size, buffer);
    if (fd >= 0)
    {
        close(fd);
    }
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void show_folder(const char *path)
{
    char *names[128];
    size_t count = 0;
    DIR *folder = opendir(path);
    struct dirent *entry;
    printf("%s:", path);
    while (folder && (entry = readdir(folder)) && count < 128)
    {
        if (entry->d_name[0] != '.')
        {
            names[count++] = strdup(entry->d_name);
        }
    }

    qsort(names, count, sizeof *names, by_name);
    for (size_t at = 0; at < count; at++)
    {
        printf(" %s", names[at]);
    }

    printf(folder ? "\n" : " errno %d\n", errno);
    if (folder)
    {
        closedir(folder);
    }
}

static void show_stat(const char *path)
{
    struct stat found;
    int answer = lstat(path, &found);
    printf("%s: %s", path, outcome(answer));
    if (answer == 0)
    {
        printf(
            S_ISDIR(found.st_mode) ? " folder"
            : S_ISLNK(found.st_mode) ? " link"
            : S_ISREG(found.st_mode) ? " file of %ld"
            : " other", (long)found.st_size);
    }

    printf("\n");
}

static void strings(int argc, char **argv)
{
    for (int at = 1; at < argc; at++)
    {
        printf("argument %d '%s'\n", at, argv[at]);
    }

    for (char **one = environ; one && *one; one++)
    {
        printf("environment '%s'\n", *one);
    }
}

static void files(void)
{
    struct stat found;
    write_file("/g/one", "0123456789");
    show_file("/g/one");
    show_stat("/g/one");
    int fd = open("/g/one", O_RDWR);
    char buffer[8] = {0};
    printf("seek %ld\n", (long)lseek(fd, -3, SEEK_END));
    printf("read %ld '%s'\n", (long)read(fd, buffer, sizeof buffer), buffer);
    printf("seek %ld\n", (long)lseek(fd, 12, SEEK_SET));
    say("seek before the beginning", lseek(fd, -1, SEEK_SET));
    printf("write %ld\n", (long)write(fd, "ab", 2));
    memset(buffer, 0, sizeof buffer);
    printf("pread %ld '%s'\n", (long)pread(fd, buffer, 4, 2), buffer);
    printf("pwrite %ld\n", (long)pwrite(fd, "XY", 2, 0));
    printf("at %ld\n", (long)lseek(fd, 0, SEEK_CUR));
    say("fstat", fstat(fd, &found));
    printf("size %ld, %ld links\n", (long)found.st_size, (long)found.st_nlink);
    say("cut", ftruncate(fd, 4));
    say("sync", fsync(fd));
    say("datasync", fdatasync(fd));
    say("close", close(fd));
    say("close again", close(fd));
    fd = open("/g/one", O_WRONLY | O_APPEND);
    say("append", write(fd, "!end", 4));
    say("read what is for writing", read(fd, buffer, 1));
    close(fd);
    show_file("/g/one");
    say("exclusive", open("/g/one", O_WRONLY | O_CREAT | O_EXCL, 0666));
    say("link", link("/g/one", "/g/two"));
    say("unlink", unlink("/g/one"));
    show_file("/g/two");
    say("rename", rename("/g/two", "/g/three"));
    show_folder("/g");
    say("missing", open("/g/four", O_RDONLY));
    say("unlink missing", unlink("/g/four"));
    say("a file as a folder", open("/g/three/x", O_RDONLY));
}

static void folders(void)
{
    say("mkdir", mkdir("/g/d", 0777));
    say("mkdir again", mkdir("/g/d", 0777));
    say("mkdir in it", mkdir("/g/d/e", 0777));
    write_file("/g/d/e/f", "deep");
    say("rmdir of a full one", rmdir("/g/d"));
    say("rmdir of a file", rmdir("/g/d/e/f"));
    say("unlink of a folder", unlink("/g/d/e"));
    say("rename", rename("/g/d/e", "/g/e"));
    show_folder("/g");
    show_folder("/g/e");
    show_file("/g/d/../e/./f");
    say("into itself", rename("/g/e", "/g/e/x"));
    say("write to a folder", open("/g/e", O_WRONLY));
    say("no folder", open("/g/e/f", O_RDONLY | O_DIRECTORY));
    unlink("/g/e/f");
    say("rmdir", rmdir("/g/e"));
    char path[32];
    for (int at = 0; at < 60; at++)
    {
        snprintf(path, sizeof path, "/g/d/n%02d", at);
        close(open(path, O_WRONLY | O_CREAT, 0666));
    }

    show_folder("/g/d");
}

static void links(void)
{
    char target[64] = {0};
    write_file("/g/real", "content");
    say("symlink", symlink("real", "/g/link"));
    say("symlink to itself", symlink("loop", "/g/loop"));
    say("symlink to nothing", symlink("nothing", "/g/dangling"));
    say("readlink", readlink("/g/link", target, sizeof target));
    printf("target '%s'\n", target);
    show_stat("/g/link");
    show_file("/g/link");
    show_file("/g/loop");
    show_file("/g/dangling");
    say("readlink of a file", readlink("/g/real", target, sizeof target));
    say("unlink", unlink("/g/link"));
    show_file("/g/real");
}

static void escapes(void)
{
    write_file("/g/real", "content");
    say("mkdir", mkdir("/g/in", 0777));
    say("symlink up", symlink("../real", "/g/in/up"));
    show_file("/g/in/up");
    say("not followed", open("/g/in/up", O_RDONLY | O_NOFOLLOW));
    say("absolute symlink", symlink("/g/real", "/g/absolute"));
    say("symlink out", symlink("../../..", "/g/out"));
    say("symlink to far out", symlink("../../../../../../etc/passwd", "/g/passwd"));
    show_file("/g/passwd");
    show_file("/g/out/etc/passwd");
    show_file("/g/../etc/passwd");
    show_file("/g/../../g/x");
    show_file("/etc/passwd");
    show_file("/g/in/../../x");
    say("mkdir outside", mkdir("/g/../made", 0777));
    say("rename outside", rename("/g/out", "/g/../moved"));
    say("unlink outside", unlink("/g/../x"));
}

static void clocks(void)
{
    struct timespec first;
    struct timespec second;
    struct timespec pause = {0, 2000000};
    say("realtime", clock_gettime(CLOCK_REALTIME, &first));
    printf("after 2001: %d\n", first.tv_sec > 1000000000);
    say("monotonic", clock_gettime(CLOCK_MONOTONIC, &first));
    say("sleep", nanosleep(&pause, NULL));
    say("monotonic", clock_gettime(CLOCK_MONOTONIC, &second));
    long long passed = (second.tv_sec - first.tv_sec) * 1000000000LL + second.tv_nsec - first.tv_nsec;
    printf("at least 2 ms: %d\n", passed >= 2000000);
    unsigned char octets[64] = {0};
    int sum = 0;
    say("random", getentropy(octets, sizeof octets));
    for (size_t at = 0; at < sizeof octets; at++)
    {
        sum += octets[at];
    }

    printf("not all zero: %d\n", sum != 0);
}

int main(int argc, char **argv)
{
    const char *part = argc > 1 ? argv[1] : "";
    if (strcmp(part, "strings") == 0)
    {
        strings(argc, argv);
    }
    else if (strcmp(part, "files") == 0)
    {
        files();
    }
    else if (strcmp(part, "folders") == 0)
    {
        folders();
    }
    else if (strcmp(part, "links") == 0)
    {
        links();
    }
    else if (strcmp(part, "escapes") == 0)
    {
        escapes();
    }
    else if (strcmp(part, "clocks") == 0)
    {
        clocks();
    }
    else if (strcmp(part, "input") == 0)
    {
        char line[256];
        while (fgets(line, sizeof line, stdin))
        {
            printf("> %s", line);
        }
    }
    else if (strcmp(part, "exit") == 0)
    {
        exit(argc > 2 ? atoi(argv[2]) : 0);
    }
    else if (strcmp(part, "trap") == 0)
    {
        __builtin_trap();
    }
    else
    {
        fprintf(stderr, "usage: probe strings|files|folders|links|escapes|clocks|input|exit|trap\n");
        return 2;
    }

    return 0;
}
