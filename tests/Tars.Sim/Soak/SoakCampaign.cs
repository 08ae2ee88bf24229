using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tars.Host.Control;
using Tars.Sim.Swarm;

namespace Tars.Sim.Soak;

/// <summary>
/// A real run with a spawn, a swap, a trap and a revocation each second: memory, descriptors and disk stay flat.
/// </summary>
/// <remarks>Beside it, for a shorter time, stands a run that leaks; a verdict that does not find that is worth nothing.
/// </remarks>
internal static class SoakCampaign
{
    private const int SampleSeconds = 2;
    private const double CanaryMinutesMax = 1.5;
    private const int StartMillisecondsMax = 60_000;

    public static int Run(double minutes)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("soak: what a process holds is looked up in /proc, so it needs Linux");
            return 2;
        }

        var canary = Task.Run(() => Samples(Math.Min(minutes, CanaryMinutesMax), leaks: true, shows: false));
        var samples = Samples(minutes, leaks: false, shows: true);
        if (samples is null || canary.Result is not { } leaking)
        {
            return 1;
        }

        Console.WriteLine("what grew, after the first third:");
        foreach (string line in SoakVerdict.Lines(samples))
        {
            Console.WriteLine(line);
        }

        var growing = SoakVerdict.Growing(samples);
        var found = SoakVerdict.Growing(leaking);
        Console.WriteLine($"canary, which leaks memory, descriptors and disk: {string.Join("; ", found)}");
        bool isBlind = found.Count(one => !one.StartsWith("mappings", StringComparison.Ordinal)) < 3;
        Console.WriteLine(isBlind ? "soak: the canary's leaks were not all found"
            : growing.Count == 0 ? "soak: flat, and the canary's leaks were found"
            : $"soak: it grows: {string.Join("; ", growing)}");
        return isBlind || 0 < growing.Count ? 1 : 0;
    }

    // Null when the run failed.
    private static List<SoakSample>? Samples(double minutes, bool leaks, bool shows)
    {
        string folder = Directory.CreateTempSubdirectory("tars-soak-").FullName;
        using var run = Start(folder, leaks);
        try
        {
            using var link = Connect(Path.Combine(folder, "run.sock"), run);
            return link is null ? null : new SoakDriver(link, run.Id, folder, shows).Go(minutes);
        }
        finally
        {
            run.Kill();
            run.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(string folder, bool leaks)
    {
        string[] arguments =
            [typeof(SoakCampaign).Assembly.Location, "soak-run", folder, leaks ? SoakRun.Leaks : ""];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
        };
        return Process.Start(start)!; // A program of the system is no document.
    }

    private static ControlLink? Connect(string path, Process run)
    {
        var clock = Stopwatch.StartNew();
        string reason = "";
        while (clock.ElapsedMilliseconds < StartMillisecondsMax && !run.HasExited)
        {
            if (File.Exists(path) && ControlLink.Open(path, out reason) is { } link)
            {
                return link;
            }

            Thread.Sleep(50);
        }

        Console.WriteLine($"soak: the run did not begin: {reason}");
        return null;
    }

    /// <summary>Operates one run, and looks at it.</summary>
    private sealed class SoakDriver(ControlLink link, int process, string folder, bool shows)
    {
        private const int RowSeconds = 30;

        private readonly ReadOnlyMemory<byte>[] _bundles =
        [
            .. SoakText.Versions.Select(text =>
            {
                SwarmModules.Load("soak.tars", text, out var bundle);
                return bundle;
            }),
        ];

        private long _swaps;
        private long _revocations;

        public List<SoakSample>? Go(double minutes)
        {
            var clock = Stopwatch.StartNew();
            var samples = new List<SoakSample>();
            Show(
                "   s  memory, MiB  managed  gen-2  descriptors  mappings  disk, MiB   swaps  revoked  births   traps");
            for (int second = 1; clock.Elapsed.TotalMinutes < minutes; second++)
            {
                if (Operate(second) is { } wrong)
                {
                    Console.WriteLine($"soak: {wrong}");
                    return null;
                }

                if (second % SampleSeconds == 0)
                {
                    samples.Add(SoakSample.Of(process, folder, clock.Elapsed.TotalSeconds));
                }

                if (second % RowSeconds == 0)
                {
                    ShowRow(samples[^1]);
                }

                Thread.Sleep(Math.Max(0, (int)((second * 1_000L) - clock.ElapsedMilliseconds)));
            }

            return samples;
        }

        // A swap, and a right that is taken away and given back. Null, or what went wrong.
        private string? Operate(int second)
        {
            string? wrong = link.Send(_bundles[second % 2]) ?? Do("swap", json => json.WriteBoolean("no_return", true));
            _swaps += wrong is null ? 1 : 0;
            foreach (string act in new[] { "revoke", "grant" })
            {
                wrong ??= Do(act, json =>
                {
                    json.WriteString("module", SoakText.Module);
                    json.WriteString("publish", SoakText.Right);
                });
            }

            _revocations += wrong is null ? 1 : 0;
            return wrong;
        }

        private string? Do(string what, Action<Utf8JsonWriter> members)
        {
            var answer = Ask(what, members, out string reason);
            return answer is not { } answered ? reason
                : answered.GetProperty("ok").GetBoolean() ? null
                : $"{what} is refused: {answered.GetProperty("reason").GetString()}";
        }

        private JsonElement? Ask(string what, Action<Utf8JsonWriter> members, out string reason) => link.Ask(
            json =>
            {
                json.WriteString("op", what);
                members(json);
            },
            out reason);

        private void ShowRow(in SoakSample sample)
        {
            var rows = Ask("ps", json => json.WriteNumber("after", 0), out _)?.GetProperty("processes");
            var dead = Ask("dead", json => json.WriteNumber("after", 0), out _)?.GetProperty("letters");
            long births = Newest(rows, "process");
            long traps = Newest(dead, "letter");
            Show(string.Create(
                CultureInfo.InvariantCulture,
                $"{sample.Seconds,4:F0} {sample.Memory,12:F1} {sample.Managed,8:F1} {sample.Collections,6} "
                + $"{sample.Descriptors,12} {sample.Mappings,9} {sample.Disk,10:F2} "
                + $"{_swaps,7} {_revocations,8} {births,7} {traps,7}"));
        }

        // Numbers are given out once, so the newest says how many there were.
        private static long Newest(JsonElement? rows, string number) =>
            rows?.EnumerateArray().Select(one => one.GetProperty(number).GetInt64()).LastOrDefault() ?? 0;

        private void Show(string line)
        {
            if (shows)
            {
                Console.WriteLine(line);
            }
        }
    }
}
