using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Capabilities as values in metascripts: narrowed, handed on, used, kept over a swap, revoked.</summary>
public sealed class CapabilityTests
{
    // The sample, as it stands.
    private static readonly string _lend = File.ReadAllText(RepoRoot.File("samples/lend.tars"));

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void What_is_lent_is_bounded_travels_with_a_swap_and_comes_back(bool running)
    {
        var rig = new SystemRig(running).Add(_lend).Boot().Message("lend/come", SystemRig.Text("ann"));
        Write(rig, "ann", "ann/one");
        Write(rig, "ann", "bob/one");
        rig.Look(2).Swap(_lend.Replace("1.0.0", "1.1.0", StringComparison.Ordinal)).Look(2);
        Write(rig, "ann", "ann/two");
        rig.Message("lend/go", SystemRig.Text("ann"));
        Write(rig, "ann", "ann/three");
        rig.Look(1).Look(2).Stop();
        Golden.CheckWhole(Golden.Path("kernel/capabilities.txt"), rig.Journal);
    }

    [Fact]
    public void A_version_that_does_not_name_the_device_any_more_ends_what_was_narrowed_from_it()
    {
        var rig = new SystemRig(running: false).Add(_lend).Boot().Message("lend/come", SystemRig.Text("ann"));
        Write(rig, "ann", "ann/one");
        rig.Swap(_lend
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("let paper = narrow(printer, uses = 3)", "let paper = loans[name].paper", StringComparison.Ordinal)
            .Replace("    printer: console\n", "", StringComparison.Ordinal));
        Assert.True(rig.Swaps[0].IsDone, string.Join("; ", rig.Swaps[0].Refusals));
        Write(rig, "ann", "ann/two");
        Assert.DoesNotContain("ann keeps ann/two", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("send console: the capability was revoked", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_operator_takes_back_ends_all_that_was_narrowed_from_it_and_the_grant_alone_returns()
    {
        var rig = new SystemRig(running: false).Add(_lend).Boot().Message("lend/come", SystemRig.Text("ann"));
        var printer = new Right(RightKind.Device, "printer");
        Write(rig, "ann", "ann/one");
        rig.Step("revoke", new KernelEvent.Revoke(rig.At, ProcessId.Outside, "lend", printer));
        Write(rig, "ann", "ann/two");
        rig.Step("grant", new KernelEvent.Grant(rig.At, ProcessId.Outside, "lend", printer));
        Write(rig, "ann", "ann/three");
        rig.Message("lend/come", SystemRig.Text("bob"));
        Write(rig, "bob", "bob/one");
        Assert.Equal(2, rig.Journal.Split("tells printer.print").Length - 1);
        Assert.Contains("ann keeps ann/one", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("bob keeps bob/one", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_capability_that_is_dropped_with_its_message_is_closed_and_that_is_audited()
    {
        var rig = new SystemRig(running: true).Add(Slow).Boot();
        rig.Once("message", new KernelEvent.Message(rig.At, "go", [.. SystemRig.Int(0)]));
        rig.Deliver(1);
        // The receiver is busy with the first of two, and ends before the second.
        rig.Step("crash", new KernelEvent.Crash(rig.At, "slow", "taker"));
        Assert.Contains(
            "#1 capability console: it is closed with the message that held it (1)",
            rig.Journal,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_told_each_folder_that_was_narrowed_to_also_when_it_is_asked_again()
    {
        var rig = new SystemRig(running: false).Add(Folders).Boot();
        rig.Message("go", SystemRig.Int(0));
        const string Asked = """#2 asks files.read {"path":"box/sub/a","at":0,"count":9} in box in box/sub""";
        Assert.Contains(Asked, rig.Journal, StringComparison.Ordinal);

        var octets = new ByteWriter();
        Assert.Null(rig.Kernel.TryCheckpoint(octets));
        var again = Tars.Kernel.Kernel.From(rig.System, new SilentOutside(), octets.Written, _ => null, out string why);
        Assert.True(again is not null, why);
        int before = rig.Journal.Length;
        again.AskAgain(rig);
        Assert.Equal(Asked, rig.Journal[before..].Trim());
    }

    private const string Folders = """
        tars: 1
        module: folders
        version: 1.0.0
        summary: One lends a folder, the other a folder of it to itself.

        capabilities:
          subscribe: { go: int }
          devices: { files: directory }

        agentic:
          agents:
            giver:
              role: Lends.
              state: { given: int = 0 }
              handlers:
                message go as x:
                  do: |
                    let c = narrow(files, folder = "box")
                    tell taker.take(c = c)
                    given += 1

            taker:
              role: Takes.
              state: { taken: int = 0 }
              handlers:
                ask take:
                  with: { c: cap<directory> }
                  do: |
                    let less = narrow(c, uses = 5)
                    let least = narrow(less, folder = "box/sub")
                    taken += 1
                    let octets = ask least.read(path = "box/sub/a", at = 0, count = 9) within 2s else { return }
                    taken += octets.len()
        """;

    private const string Slow = """
        tars: 1
        module: slow
        version: 1.0.0
        summary: One hands on, the other takes its time.

        capabilities:
          subscribe: { go: int }
          devices: { screen: console }

        agentic:
          agents:
            giver:
              role: Hands on.
              state: { given: int = 0 }
              handlers:
                message go as x:
                  do: |
                    let c = narrow(screen)
                    tell taker.take(c = c, n = x)
                    tell taker.take(c = c, n = x + 1)
                    given += 1

            taker:
              role: Takes.
              state: { taken: int = 0 }
              handlers:
                ask take:
                  with: { c: cap<console>, n: int }
                  do: |
                    tell c.print(line = "{n}")
                    taken += 1
        """;

    // The visitor is told, and its store answers where it asks.
    private static void Write(SystemRig rig, string visitor, string title)
    {
        var note = new ByteWriter();
        note.Text(visitor);
        note.Text(title);
        note.Text("words");
        int before = rig.Asks.Count;
        rig.Message("lend/write", note.ToArray());
        if (before < rig.Asks.Count)
        {
            ImmutableArray<byte> unit = [];
            rig.Step("the store answers", new KernelEvent.Answer(rig.At, rig.Asks[^1], new DeviceAnswer.Value(unit)));
        }
    }
}
