using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>Swaps of compiled modules under a kernel, in both ways of running a guest, told as journals.</summary>
public sealed class SwapTests
{
    private const string Shop = """
        tars: 1
        module: shop
        version: 1.0.0
        summary: Sells.

        capabilities:
          subscribe: { sold: Sale, go: text }
          publish: { total: int }
          timers: { shortest: 1s }

        types:
          Sale: { item: text, price: int }

        params:
          tax: { type: int, value: 10, range: [0, 100], about: Percent. }

        state:
          sales: list<Sale> = []
          sum: int = 0
          note: text = "none"

        invariants:
          - sum >= 0

        handlers:
          start:
            do: |
              every 10s report
              after 30s close

          message sold as sale:
            do: |
              sales.push(sale)
              sum += sale.price
              publish("total", sum + tax)

          message go as what:
            do: |
              if what == "fail" { fail "as told" }
              note = what

          timer report:
            do: |
              publish("total", sum)

          timer close:
            do: |
              log("closes")

          ask price_of:
            with: { item: text }
            returns: int
            do: |
              for one in sales { if one.item == item { return one.price } }
              return 0
        """;

    public static IEnumerable<TheoryDataRow<bool>> Modes => SystemRig.Modes;

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_new_version_goes_on_where_the_old_one_was(bool running)
    {
        string next = Shop
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("text, price: int }", "text, price: int, at_night: bool = true }", StringComparison.Ordinal)
            .Replace("  note: text = \"none\"", "  visits: int = 3", StringComparison.Ordinal)
            .Replace("note = what", "visits += 1", StringComparison.Ordinal)
            .Replace("  timer close:\n    do: |\n      log(\"closes\")\n\n", "", StringComparison.Ordinal)
            .Replace("      after 30s close\n", "", StringComparison.Ordinal);
        var rig = new SystemRig(running).Add(Shop).Boot()
            .Message("sold", Sale("tea", 3))
            .Message("sold", Sale("cup", 4))
            .Wait(7)
            .Set("shop", "tax", SystemRig.Int(20))
            .Swap(next)
            .Look(1)
            .Wait(3)
            .Message("go", SystemRig.Text("in"))
            .Message("sold", [.. Sale("jar", 1), 0])
            .Look(1)
            .Wait(30)
            .Stop();

        Golden.CheckWhole(Golden.Path("kernel/swap/goes-on.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_state_of_another_shape_is_migrated_and_its_mail_and_invariants_hold(bool running)
    {
        var rig = new SystemRig(running).Add(Tank("v1")).Boot()
            .Message("tank/celsius", Float(20))
            .Message("tank/celsius", Float(300))
            .Swap(Tank("v2"))
            .Look(1)
            .Message("tank/celsius", Float(-80))
            .Message("tank/celsius", Float(30))
            .Look(1)
            .Swap(Tank("v1"))
            .Stop();

        Golden.CheckWhole(Golden.Path("kernel/swap/tank.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_refused_swap_leaves_everything_as_it_was(bool running)
    {
        var rig = new SystemRig(running).Add(Shop).Boot().Message("sold", Sale("tea", 3)).Look(1);
        byte[] before = rig.Looks[^1]!.Octets.ToArray();
        string other = Shop.Replace("1.0.0", "2.0.0", StringComparison.Ordinal);
        string[] bad =
        [
            other.Replace("sum: int = 0", "sum: text = \"\"", StringComparison.Ordinal)
                .Replace("- sum >= 0", "- sum != \"x\"", StringComparison.Ordinal)
                .Replace("      sum += sale.price\n      publish(\"total\", sum + tax)", "      sum = sale.item",
                    StringComparison.Ordinal)
                .Replace("publish(\"total\", sum)", "publish(\"total\", tax)", StringComparison.Ordinal),
            other.Replace("sum >= 0", "sum >= 10 or sales.len() == 0", StringComparison.Ordinal),
            other.Replace("module: shop", "module: shed", StringComparison.Ordinal),
            other.Replace("{ total: int }", "{ total: int, more: int }", StringComparison.Ordinal)
                .Replace("log(\"closes\")", "publish(\"more\", 1)", StringComparison.Ordinal),
        ];
        foreach (string program in bad)
        {
            rig.Swap(program);
        }

        rig.Look(1);
        Assert.Equal(before, rig.Looks[^1]!.Octets.ToArray());
        rig.Message("sold", Sale("cup", 4)).Wait(10).Stop();
        Golden.CheckWhole(Golden.Path("kernel/swap/refused.txt"), rig.Journal);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_trap_on_probation_brings_the_old_version_back_and_it_gets_the_event(bool running)
    {
        string next = Shop
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("sales.push(sale)", "if sale.price == 4 { fail \"no\" }", StringComparison.Ordinal)
            .Replace("  note: text", "  extra: list<int> = [1, 2]\n  note: text", StringComparison.Ordinal);
        var terms = new SwapTerms { Probation = 60_000_000_000 };
        var rig = new SystemRig(running).Add(Shop).Boot()
            .Message("sold", Sale("tea", 3))
            .Swap(next, terms)
            .Message("go", SystemRig.Text("fine"))
            .Message("sold", Sale("cup", 4))
            .Look(1)
            .Swap(next, terms)
            .Wait(61)
            .Message("sold", Sale("pot", 9))
            .Look(1)
            .Swap(Tank("v1"), terms)
            .Stop();

        Golden.CheckWhole(Golden.Path("kernel/swap/probation.txt"), rig.Journal);
    }

    // The asker cannot come to the end of its handler before it has an answer, and a swap waits for both.
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_trap_that_the_module_itself_waits_for_is_answered_and_the_old_version_comes_back(bool running)
    {
        string next = Counting
            .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("n += 1", "assert n < 0", StringComparison.Ordinal);
        var rig = new SystemRig(running).Add(Counting).Boot()
            .Message("word", SystemRig.Text("one"))
            .Swap(next, new SwapTerms { Probation = 60_000_000_000 })
            .Message("word", SystemRig.Text("two"))
            .Message("word", SystemRig.Text("three"))
            .Stop();

        Assert.Equal([true, true], rig.Swaps.Select(one => one.IsDone));
        Assert.True(rig.Swaps[1].IsReturn);
        Golden.CheckWhole(Golden.Path("kernel/swap/probation-asked.txt"), rig.Journal);
    }

    [Fact]
    public void A_version_whose_state_cannot_be_carried_back_is_refused_unless_that_is_wanted()
    {
        var terms = new SwapTerms { Probation = 1_000_000_000 };
        var rig = new SystemRig(running: false).Add(Tank("v1")).Boot().Swap(Tank("v2"), terms);

        Assert.Contains(rig.Swaps[0].Refusals, one => one.StartsWith("no way back: ", StringComparison.Ordinal));
        rig.Swap(Tank("v2"), terms with { NoReturn = true });
        Assert.True(rig.Swaps[1].IsDone);
    }

    private const string Counting = """
        tars: 1
        module: counting
        version: 1.0.0
        summary: One asks another, by way of a third.
        capabilities:
          subscribe: { word: text }
          publish: { answer: text }
        agentic:
          agents:
            front:
              role: Asks.
              handlers:
                message word as word:
                  do: |
                    let n = ask middle.count(word = word) within 30s else why {
                      publish("answer", "{word}: {why.kind}, {why.detail}")
                      return
                    }
                    publish("answer", "{word}: {n}")
            middle:
              role: Asks on.
              handlers:
                ask count:
                  with: { word: text }
                  returns: int
                  do: |
                    let n = ask counter.count(word = word) within 20s else why {
                      log("middle: {why.kind}")
                      return 0
                    }
                    return n
            counter:
              role: Counts.
              state:
                n: int = 0
              handlers:
                ask count:
                  with: { word: text }
                  returns: int
                  do: |
                    n += 1
                    return n
        """;

    private static byte[] Sale(string item, long price) => [.. SystemRig.Text(item), .. SystemRig.Int(price)];

    private static byte[] Float(double value) => BitConverter.GetBytes(value);

    /// <summary>Without its scenarios, which name the file of the other version.</summary>
    internal static string Tank(string version) =>
        File.ReadAllText(Golden.Path($"lang/programs/8-tank-{version}.tars")).Split("\nscenarios:")[0];
}
