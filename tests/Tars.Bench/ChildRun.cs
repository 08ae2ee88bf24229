using System.Diagnostics;
using System.Globalization;

namespace Tars.Bench;

/// <summary>
/// One run of a program, from its start to its end: what it wrote, how long it took, its peak of memory.
/// </summary>
/// <param name="PeakBytes">The high-water mark of resident memory; null where the system does not tell.</param>
internal sealed record ChildRun(int Exit, string Output, string Error, TimeSpan Elapsed, long? PeakBytes)
{
    // The mark only rises, so looking often enough before the end finds it to within what one interval adds.
    private const int LookIntervalMilliseconds = 5;

    private const string Mark = "VmHWM:";

    /// <param name="input">The file that becomes standard input; "" for none.</param>
    public static ChildRun Of(string program, IReadOnlyList<string> arguments, string input, string folder)
    {
        // The shell opens the file, so that the program reads it and not a pipe that we would have to fill.
        var start = input == ""
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" < \"$0\"", input, program, .. arguments]);
        start.WorkingDirectory = folder;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        long begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        long? peak = null;
        while (!process.WaitForExit(LookIntervalMilliseconds))
        {
            peak = Later(peak, PeakOf(process.Id));
        }

        var elapsed = Stopwatch.GetElapsedTime(begun);
        return new ChildRun(process.ExitCode, output.Result, error.Result, elapsed, peak);
    }

    private static long? Later(long? before, long? now) => now is null ? before : Math.Max(before ?? 0, now.Value);

    private static long? PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal));
            var digits = line?[Mark.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return digits is null ? null : long.Parse(digits, CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null; // It ended between two looks, or this system has no such file.
        }
    }
}
