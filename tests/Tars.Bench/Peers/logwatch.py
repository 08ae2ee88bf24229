"""The counting of samples/logwatch.tars for RFC 5424 lines: by level and by source."""
import sys

LEVELS = ["error", "error", "error", "error", "warn", "info", "info", "debug"]
by_level, by_source, rejected = {}, {}, 0
for line in sys.stdin:
    parts = line.split(" ", 3)
    mark = parts[0]
    if len(parts) == 4 and mark[:1] == "<" and mark.endswith(">1") and mark[1:-2].isdigit():
        level = LEVELS[int(mark[1:-2]) & 7]
        source = parts[2].lower()
        by_level[level] = by_level.get(level, 0) + 1
        by_source[source] = by_source.get(source, 0) + 1
    else:
        rejected += 1
for level in ["debug", "info", "warn", "error"]:
    if level in by_level:
        print(f"{level}: {by_level[level]}")
print(f"sources: {len(by_source)}, not understood: {rejected}")
