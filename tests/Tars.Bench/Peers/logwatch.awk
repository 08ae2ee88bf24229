# The counting of samples/logwatch.tars for RFC 5424 lines: by level and by source.
/^<[0-9]+>1 / {
    priority = substr($1, 2) + 0
    severity = priority % 8
    level = severity <= 3 ? "error" : severity == 4 ? "warn" : severity == 7 ? "debug" : "info"
    by_level[level]++
    by_source[tolower($3)]++
    next
}
{ rejected++ }
END {
    sources = 0
    for (s in by_source) sources++
    print "debug: " by_level["debug"] + 0
    print "info: " by_level["info"] + 0
    print "warn: " by_level["warn"] + 0
    print "error: " by_level["error"] + 0
    print "sources: " sources ", not understood: " rejected + 0
}
