using System.Globalization;
using Tars.Base;

namespace Tars.Bench;

/// <summary>A log of RFC 5424 lines, the same for the same seed, with few enough errors to raise no alert.</summary>
internal static class SyslogLines
{
    private const int HostCount = 40;
    private const int FacilityCount = 24;

    private static readonly string[] _programs = ["nginx", "postfix", "postgres", "su", "cron", "sshd"];

    private static readonly string[] _words =
        ["session", "opened", "closed", "cache", "miss", "slow", "query", "connection", "refused", "timeout", "retry"];

    // How often each severity comes, out of a hundred: the first four count as errors.
    private static readonly int[] _shares = [0, 1, 1, 4, 10, 14, 50, 20];

    private static readonly DateTime _start = new(2025, 10, 11, 22, 0, 0, DateTimeKind.Utc);

    public static void Write(TextWriter output, int count, ulong seed)
    {
        var random = new Xoshiro256(seed);
        for (int line = 0; line < count; line++)
        {
            int priority = (random.Next(FacilityCount) * 8) + Severity(random);
            var at = _start.AddMilliseconds(line).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            output.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"<{priority}>1 {at} web-{random.Next(HostCount)} {Any(_programs, random)} {random.Next(9999)} - -"));
            for (int word = 0; word < 5; word++)
            {
                output.Write(' ');
                output.Write(Any(_words, random));
            }

            output.Write('\n');
        }
    }

    private static int Severity(Xoshiro256 random)
    {
        int drawn = random.Next(100);
        int severity = 0;
        while (_shares[severity] <= drawn)
        {
            drawn -= _shares[severity];
            severity++;
        }

        return severity;
    }

    private static string Any(string[] words, Xoshiro256 random) => words[random.Next(words.Length)];
}
