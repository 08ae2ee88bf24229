using Tars.Devices.Lines;

namespace Tars.Host;

/// <summary>Words for what became of an input.</summary>
internal static class InputText
{
    /// <summary>Tells what was wrong with an input that is over.</summary>
    public static void Tell(InputReader reader, TextWriter log)
    {
        if (reader.Error is { } error)
        {
            log.WriteLine($"input {reader.Name}: {error}");
        }

        var report = reader.Report;
        if (0 < report.Malformed)
        {
            log.WriteLine(
                $"input {reader.Name}: {Count(report.Malformed, "line")} not JSON of the channel's type, "
                + $"first: {reader.FirstError}");
        }

        if (0 < reader.Unfit)
        {
            log.WriteLine(
                $"input {reader.Name}: {Count(reader.Unfit, "line")} not given: a swap has changed the channel's type, "
                + "or there is none any more");
        }

        if (0 < report.TooLong)
        {
            log.WriteLine(
                $"input {reader.Name}: {Count(report.TooLong, "line")} above {Protocol.LineBytesMax} octets left out");
        }

        if (0 < report.Repaired)
        {
            log.WriteLine(
                $"input {reader.Name}: in {Count(report.Repaired, "line")} octets that are not UTF-8 were replaced");
        }
    }

    private static string Count(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
