using System.Text;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Host.Swapping;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>A run that is kept goes on with checkpoints whatever devices a swap brings or takes: else its journal would
/// grow for ever, and each start would repeat all of it.</summary>
public sealed class KeptDevicesTests : IDisposable
{
    private const string Both = "{ noise: random, input: lines, kept: { kind: store, value: Total }, out: console }";

    // In another order, with one that is new and without two that were there.
    private const string Other = "{ out: console, dice: random, input: lines }";

    private static readonly string _first = Text("1.0.0", Both, "noise");
    private static readonly string _second = Text("1.1.0", Other, "dice");
    private static readonly string[] _names = ["noise", "input", "kept", "out", "dice"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-devices-").FullName;
    private readonly string _input;

    public KeptDevicesTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllText(_input, "a\nbb\n");
        Directory.CreateDirectory(Path.Combine(_folder, "kept"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void After_a_swap_that_brings_and_takes_devices_a_run_is_left_with_a_checkpoint_and_goes_on(int shards)
    {
        var disk = new CutDisk();
        Run(disk, _first, shards, "start", out _);
        disk = new CutDisk(disk.Files);
        Run(disk, _second, shards, "swap", out string log);
        Assert.Contains("swapped ledger 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.Equal(shards, Newest(disk).Count());
        foreach (var header in Newest(disk))
        {
            Assert.Contains(CompiledProcess.Compile(_second).Hash, header.Modules);
            Assert.Equal(_names, header.Numbered.Select(one => one.Name));
        }

        // The input keeps its number, and the device that is new is served.
        disk = new CutDisk(disk.Files);
        Assert.Equal("total 1 rolled 1\ntotal 3 rolled 1\n", Run(disk, _second, shards, "lines", out _));
        disk = new CutDisk(disk.Files);
        Assert.Equal("", Run(disk, _second, shards, "start again", out _));
    }

    [Fact]
    public void Each_segment_replays_with_the_numbers_that_its_devices_have()
    {
        var disk = new CutDisk();
        Run(disk, _first, shards: 1, "start", out _);
        disk = new CutDisk(disk.Files);
        Run(disk, _second, shards: 1, "swap", out _);
        disk = new CutDisk(disk.Files);
        Run(disk, _second, shards: 1, "lines", out _);
        disk = new CutDisk(disk.Files);
        string back = Text("1.2.0", "{ out: console, input: lines, noise: random }", "noise");
        Run(disk, back, shards: 1, "swap back", out string log);
        Assert.Contains("swapped ledger 1.1.0 -> 1.2.0", log, StringComparison.Ordinal);
        Assert.Equal(_names, Newest(disk).Single().Numbered.Select(one => one.Name));
        Assert.InRange(disk.Files.Count, 4, 8);
        foreach (var (name, octets) in disk.Files)
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllBytes(path, octets);
            var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
            var outcome = Replay.Run(path, new ReplayOptions { Verify = true }, streams, CancellationToken.None);
            var report = Assert.IsType<ReplayOutcome.Ended>(outcome).Report;
            Assert.Equal((null, null), (report.Damage, report.Difference));
        }
    }

    [Fact]
    public void A_device_that_comes_back_has_its_number_again_and_none_is_taken_that_is_of_another_kind()
    {
        var loader = new SystemLoader(TestEngine.Here(), new RunOptions());
        SystemImage Load(string text, SystemImage before) => Assert.IsType<LinkResult.Linked>(SystemImage.Link(
            [loader.LoadAlone(CompiledProcess.Compile(text).Bytes)!], before)).System;
        var first = loader.Load([CompiledProcess.Compile(Text("1.0.0", Both, "noise")).Bytes])!;
        Assert.Empty(first.Numbered);
        var second = Load(Text("1.1.0", Other, "dice"), Load(Text("1.0.0", Both, "noise"), first));
        Assert.Equal(["input", "out", "dice"], second.Devices.Where(one => one.IsDeclared).Select(one => one.Name));
        Assert.Equal(_names, second.Devices.Select(one => one.KnownAs));
        string console = Other.Replace("input:", "noise: console, input:", StringComparison.Ordinal);
        var third = Load(Text("1.2.0", console, "dice"), second);
        Assert.Equal(
            ["random False", "console True"],
            third.Devices.Where(one => one.KnownAs == "noise").Select(one => $"{one.Kind.Name} {one.IsDeclared}"));
        var fourth = Load(_first, third);
        Assert.Equal(third.Devices.Length, fourth.Devices.Length);
        Assert.Equal(["noise", "input", "kept", "out"], fourth.Devices.Take(4).Select(one => one.Name));
    }

    [Theory]
    [InlineData("ledger", "", "console", "")]
    [InlineData("ledger", "out", "nothing", "")]
    [InlineData("ledger", "kept", "store", "no type")]
    public void Numbers_of_what_is_no_device_are_refused(string module, string name, string kind, string value)
    {
        var image = new SystemLoader(TestEngine.Here(), new RunOptions())
            .LoadAlone(CompiledProcess.Compile(Text("1.0.0", Both, "noise")).Bytes)!;
        var refused = Assert.IsType<LinkResult.Refused>(
            SystemImage.Link([image], [], [new NumberedDevice(module, name, kind, value)]));
        Assert.Equal(["device 0 of those that were there is none"], refused.Reasons);
    }

    private static string Text(string version, string devices, string random) => $$"""
        tars: 1
        module: ledger
        version: {{version}}
        summary: Adds up lines.
        capabilities:
          devices: {{devices}}
        types:
          Total: { of: int }
        agentic:
          agents:
            book:
              role: Adds up.
              journal: durable
              state: { total: int = 0 }
              handlers:
                device input as line:
                  do: |
                    let content = line else { return }
                    total += content.size()
                    let rolled = ask {{random}}.octets(count = 1) within 9s else why { fail why.detail }
                    tell out.print(line = "total {total} rolled {rolled.len()}")
        """;

    // The heads of the segments that a next start goes on from.
    private static IEnumerable<JournalHeader> Newest(CutDisk disk) => disk.Files.Keys.Order(StringComparer.Ordinal)
        .GroupBy(name => name[..^"0000000001.tarslog".Length])
        .Select(segments => HeaderOf(disk.Files[segments.Last()]));

    private static JournalHeader HeaderOf(byte[] octets)
    {
        using var reader = new JournalReader(new MemoryStream(octets));
        return reader.Begin()!;
    }

    /// <param name="what">`lines`: it has an input; `start` and `swap`: what runs has a store.</param>
    private string Run(CutDisk disk, string text, int shards, string what, out string log)
    {
        using var printed = new MemoryStream();
        using var told = new StringWriter();
        var options = new RunOptions
        {
            Inputs = what == "lines" ? [new InputSpec("input", _input)] : [],
            Bindings = what is "start" or "swap"
                ? [new DeviceBinding("store", "kept", Path.Combine(_folder, "kept"))]
                : [],
            VirtualTime = shards == 1,
            Shards = shards,
            JournalDisk = disk,
        };
        options = options with { Swaps = new SwapDesk(options, new SwapTerms { GrantsAll = true, NoReturn = true }) };
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(text).Bytes],
            options,
            new RunStreams(Stream.Null, printed, told),
            TestContext.Current.CancellationToken);
        log = told.ToString() + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, log);
        return Encoding.UTF8.GetString(printed.ToArray());
    }
}
