using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>
/// Processes of modules that another module imports: who brings them to life, and who bears their faults.
/// </summary>
public sealed class ImportTests
{
    private const int ChildSlot = 0;

    // What a `go` tells a parent to do.
    private const int Spawn = 1;
    private const int Ask = 2;
    private const int TellOfItself = 3;
    private const int SpawnWrongly = 4;

    // What makes a worker trap.
    private const int Bad = 13;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void Nothing_of_an_imported_module_lives_until_it_is_spawned(bool running)
    {
        var rig = new SystemRig(running).Add(Parent("m"), PlayParent)
            .Add(Worker(), PlayWorker, isImported: true).Boot();
        Assert.Equal(1, rig.Last.Alive);
        rig.Message("m/go", SystemRig.Int(Spawn)).Message("m/go", SystemRig.Int(Ask));
        Assert.Contains("#2 is lib.worker", rig.Journal, StringComparison.Ordinal);
        Assert.Contains("#1 logs value 42", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_names_its_own_agent_means_itself()
    {
        var rig = new SystemRig(running: false).Add(Parent("m"), PlayParent)
            .Add(Worker(), PlayWorker, isImported: true).Boot();
        rig.Message("m/go", SystemRig.Int(Spawn)).Message("m/go", SystemRig.Int(Spawn));
        rig.Message("m/go", SystemRig.Int(TellOfItself));
        Assert.Contains("#3 logs it is me", rig.Journal, StringComparison.Ordinal);
        Assert.DoesNotContain("#2 logs it is me", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_that_no_spawn_gives_and_an_agent_beyond_the_imports_are_refused()
    {
        var rig = new SystemRig(running: false).Add(Parent("m"), PlayParent)
            .Add(Worker(), PlayWorker, isImported: true).Boot();
        rig.Message("m/go", SystemRig.Int(SpawnWrongly));
        Assert.Equal(1, rig.Last.Alive);
        Assert.Equal(3, rig.Journal.Split("it spawns what its manifest does not say").Length - 1);
    }

    [Fact]
    public void What_one_importer_spawns_is_not_counted_against_another()
    {
        var rig = TwoParents();
        for (int child = 0; child < 4; child++)
        {
            rig.Message("m/go", SystemRig.Int(Spawn));
        }

        rig.Message("n/go", SystemRig.Int(Spawn));
        Assert.Equal(2 + 2 + 1, rig.Last.Alive);
    }

    [Fact]
    public void The_children_of_one_importer_do_not_end_when_those_of_another_trap_too_often()
    {
        var rig = TwoParents();
        rig.Message("n/go", SystemRig.Int(Spawn)).Message("m/go", SystemRig.Int(Spawn));
        for (int round = 0; round < 6; round++)
        {
            rig.Message("m/go", SystemRig.Int(Spawn)).Message("m/go", SystemRig.Int(Bad));
        }

        Assert.Contains("more restarts than its supervision allows", rig.Journal, StringComparison.Ordinal);
        rig.Message("n/go", SystemRig.Int(Ask));
        Assert.Contains("#2 logs value 42", rig.Journal, StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_that_is_not_there_or_is_born_with_other_fields_is_refused()
    {
        var alone = new SystemRig(running: false).Add(Parent("m"), PlayParent);
        Assert.Contains("m: `lib.worker` is not there", alone.Refusals());
        var other = Worker() with
        {
            Agents = [Worker().Agents[0] with { State = [new SchemaField("size", IntType)] }],
        };
        var changed = new SystemRig(running: false)
            .Add(Parent("m"), PlayParent).Add(other, PlayWorker, isImported: true);
        Assert.Contains(
            "m: `lib.worker` is born with {size: int}, not with {name: text}", changed.Refusals());
    }

    private static SystemRig TwoParents() => new SystemRig(running: false)
        .Add(Parent("m"), PlayParent).Add(Parent("n"), PlayParent).Add(Worker(), PlayWorker, isImported: true).Boot();

    private static BundleManifest Parent(string name)
    {
        var parent = Agent("parent", Message($"{name}/go", IntType), Exit("lib.worker"), Refused) with
        {
            Operations =
            [
                Asks("lib.worker", "work", IntType, IntType),
                Tells("lib.worker", "work", IntType),
            ],
            Continuations = [Continuation(IntType)],
        };
        return Of(name, parent) with
        {
            Imports = [new ImportSpec("lib", default, [new ImportedAgentSpec("worker", [new("name", TextType)])])],
            Spawns = [new SpawnSpec("lib.worker", 2)],
            Subscribes = [new($"{name}/go", IntType)],
        };
    }

    private static BundleManifest Worker() => Of(
        "lib",
        Agent("worker", Start, Ask("work", IntType, IntType)) with
        {
            OnTrap = TrapPolicy.Stop,
            State = [new SchemaField("name", TextType)],
            Slots = [new SlotSpec(SlotKind.Agent, "worker")],
            Operations = [Tells("worker", "work", IntType)],
        });

    private static void PlayParent(ScriptedEvent happened)
    {
        if (happened.Kind == EventKind.Answer)
        {
            happened.Log(happened.Answer());
        }

        if (happened is not { Kind: EventKind.Handler, Handler: 0 })
        {
            return;
        }

        long what = new ByteReader(happened.Payload).I64();
        switch (what)
        {
            case Spawn:
                happened[ChildSlot] = happened.NextSlot;
                happened.Call(HostCall.Spawn, 1, happened.NextSlot, SystemRig.Text("a worker"));
                break;
            case Ask:
                happened.Call(HostCall.Ask, happened[ChildSlot], 0, 1_000_000_000L, 0, SystemRig.Int(21));
                break;
            case SpawnWrongly:
                happened.Call(HostCall.Spawn, 0, happened.NextSlot, SystemRig.Text("itself"));
                happened.Call(HostCall.Spawn, 2, happened.NextSlot, SystemRig.Text("nobody"));
                happened.Call(HostCall.Spawn, 1, happened.NextSlot + 1, SystemRig.Text("in a slot of its own"));
                break;
            default:
                happened.Send(happened[ChildSlot], 1, SystemRig.Int(what));
                break;
        }
    }

    private static void PlayWorker(ScriptedEvent happened)
    {
        if (happened is not { Kind: EventKind.Handler, Handler: 1 })
        {
            return;
        }

        switch (happened.Number())
        {
            case Bad:
                ScriptedEvent.Fail();
                break;
            case TellOfItself:
                happened.Send(0, 0, SystemRig.Int(TellOfItself + 1));
                break;
            case TellOfItself + 1:
                happened.Log("it is me");
                break;
            default:
                happened.Call(HostCall.Reply, 0, SystemRig.Int(happened.Number() * 2));
                break;
        }
    }
}
