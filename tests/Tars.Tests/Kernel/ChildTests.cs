using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>Processes that processes make: their birth, their bounds, their end and who is told of it.</summary>
public sealed class ChildTests
{
    private const int ChildSlot = 0;
    private const int AgentIndex = 31;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_child_is_born_works_ends_and_its_parent_is_told(bool running)
    {
        var rig = new SystemRig(running).Add(Family(), Play);
        rig.Boot();
        foreach (int step in new[] { 1, 2, 3, 4, 3, 5, 6 })
        {
            rig.Message("go", SystemRig.Int(step));
        }

        rig.Stop();
        Golden.CheckWhole(Golden.Path("kernel/children.txt"), rig.Journal);
        Assert.Equal(0, rig.Last.Alive);
    }

    [Fact]
    public void A_parent_that_never_stops_spawning_uses_no_more_slots_than_children_that_live()
    {
        var rig = new SystemRig(running: false).Add(Family(), Play).Boot();
        for (int round = 0; round < 70_000; round++)
        {
            rig.Message("go", SystemRig.Int(1)).Message("go", SystemRig.Int(4));
        }

        var report = rig.Kernel.Report();
        var parent = report.Processes.First(one => one.Agent == "parent");
        Assert.False(parent.IsEnded);
        Assert.Equal(210_000, parent.Committed); // Told to spawn, told to end it, told of its end.
        Assert.True(report.Processes.Length < 1_100, $"{report.Processes.Length} processes are kept by themselves");
        var ended = Assert.Single(report.Ended);
        Assert.Equal(("m", "child"), (ended.Module, ended.Agent));
        Assert.Equal(70_000, ended.Processes + report.Processes.Count(one => one.Agent == "child"));
        Assert.Equal(0, parent.Waiting);
        Assert.DoesNotContain("too many", rig.Journal, StringComparison.Ordinal);
    }

    private static BundleManifest Family()
    {
        var parent = Agent("parent", Message("go", IntType), Exit("child"), Refused) with
        {
            OnTrap = TrapPolicy.Restart,
            Operations = [Tells("child", "work", IntType), Asks("child", "work", IntType, IntType)],
            Continuations = [Continuation(IntType)],
        };
        var child = Agent("child", Start, Ask("work", IntType, IntType), Stop) with
        {
            Starts = AgentStart.BySpawn,
            OnTrap = TrapPolicy.Stop,
            State = [new SchemaField("name", TextType)],
        };
        return Of("m", parent, child) with
        {
            Spawns = [new SpawnSpec("child", 1)],
            Subscribes = [new("go", IntType)],
        };
    }

    private static void Play(ScriptedEvent happened)
    {
        if (happened.Kind == EventKind.Birth)
        {
            var born = new ByteReader(happened.Payload);
            happened[AgentIndex] = born.U32();
            born.I64();
            born.I64();
            happened.Log(happened[AgentIndex] == 0 ? "a parent is born" : $"{born.Text()} is born");
        }
        else if (happened.Kind == EventKind.Answer)
        {
            happened.Log(happened.Answer());
        }
        else if (happened.Kind == EventKind.Handler && happened[AgentIndex] == 0)
        {
            PlayParent(happened);
        }
        else if (happened.Kind == EventKind.Handler)
        {
            PlayChild(happened);
        }
    }

    private static void PlayParent(ScriptedEvent happened)
    {
        var reader = new ByteReader(happened.Payload);
        if (happened.Handler == 1)
        {
            bool known = reader.I64() == happened[ChildSlot];
            happened.Log($"told of {(known ? "its child" : "another")}: {(EndReason)reader.U16()} {reader.Text()}");
            return;
        }

        if (happened.Handler == 2)
        {
            happened.Log($"refused {reader.Text()} {reader.Text()}: {reader.Text()}");
            return;
        }

        switch (reader.I64())
        {
            case 1:
                happened[ChildSlot] = happened.NextSlot;
                happened.Call(HostCall.Spawn, 1, happened.NextSlot, SystemRig.Text("a child"));
                happened.Send(happened.NextSlot, 0, SystemRig.Int(5));
                break;
            case 2:
                happened.Call(HostCall.Spawn, 1, happened.NextSlot, SystemRig.Text("one too many"));
                happened.Call(HostCall.Spawn, 1, happened.NextSlot + 9, SystemRig.Text("a slot of its own"));
                happened.Call(HostCall.Spawn, 0, happened.NextSlot + 1, SystemRig.Text("no child's agent"));
                happened.Call(HostCall.Spawn, 1, happened.NextSlot + 1, SystemRig.Int(-1));
                break;
            case 3:
                happened.Call(HostCall.Ask, happened[ChildSlot], 1, 1_000_000_000L, 0, SystemRig.Int(21));
                break;
            case 4:
                happened.Send(happened[ChildSlot], 0, SystemRig.Int(99));
                break;
            case 5:
                happened.Call(HostCall.Spawn, 1, happened.NextSlot, SystemRig.Text("a second child"));
                break;
            default:
                ScriptedEvent.Fail();
                break;
        }
    }

    private static void PlayChild(ScriptedEvent happened)
    {
        long number = happened.Handler == 1 ? happened.Number() : 0;
        happened.Log($"child in {happened.Handler} with {number}");
        if (number == 99)
        {
            happened.Call(HostCall.Exit);
        }
        else if (number != 0)
        {
            happened.Call(HostCall.Reply, 0, SystemRig.Int(number * 2));
        }
    }
}
