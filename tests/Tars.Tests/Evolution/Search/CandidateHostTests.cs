using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>A candidate in the place of an open function is what it is in a module of its own.</summary>
public sealed class CandidateHostTests
{
    private static readonly ImmutableArray<string> _codes =
    [
        "-(float(left) - float(item))",
        "float(item)",
        "(if float(left) < float(item) { 1.0 } else { min(float(left), 30.0) / float(capacity) })",
    ];

    [Fact]
    public void Costs_and_fuel_are_those_of_the_whole_path()
    {
        var problem = SmallPacking.Problem();
        using var host = CandidateHost.Open(problem, SmallPacking.Parts(1), out string why);
        Assert.True(host is not null, why);
        var scores = host.Score(_codes, [], out why);
        Assert.Equal("", why);
        foreach (var (index, code) in _codes.Index())
        {
            var whole = Evaluation.Run(
                problem.Source.Text.Replace("return -float(left - item)", $"return {code}"),
                problem,
                SmallPacking.Parts(1),
                ["train"]).Of("train");
            Assert.Equal(whole.Select(run => run.Cost), scores[index].Costs.Select(cost => (double?)cost));
            Assert.Equal(whole.Sum(run => run.Outcome.Fuel), scores[index].Fuel);
        }
    }

    [Fact]
    public void The_same_host_gives_the_same_again()
    {
        using var host = CandidateHost.Open(SmallPacking.Problem(), SmallPacking.Parts(1), out _);
        string first = string.Join('\n', host!.Score(_codes, [], out _).Select(Told));
        _ = host.Score([_codes[1]], [0.0], out _);
        Assert.Equal(first, string.Join('\n', host.Score(_codes, [], out _).Select(Told)));
    }

    [Fact]
    public void What_does_not_compile_is_said()
    {
        using var host = CandidateHost.Open(SmallPacking.Problem(), SmallPacking.Parts(1), out _);
        Assert.Empty(host!.Score(["float(item) + nobody"], [], out string why));
        Assert.Contains("does not compile", why, StringComparison.Ordinal);
    }

    // It calls a function of its own sheet, which the module that it would stand in has elsewhere or not at all.
    [Fact]
    public void A_body_that_names_its_own_module_is_refused()
    {
        using var host = CandidateHost.Open(SmallPacking.Problem(), SmallPacking.Parts(1), out _);
        Assert.Empty(host!.Score(["exp(float(item))"], [], out string why));
        Assert.Contains("says something of its own module", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_keeps_the_order_of_what_it_was_given()
    {
        var functions = CandidateSheet.Compile("x: float", "0", ["x", "x + 1.0", "1.0"], out string why);
        Assert.Equal("", why);
        Assert.All(functions, one => Assert.Equal(new FuncType([ValType.F64], [ValType.F64]), one.Type));
        Assert.Equal([2, 1, 0], functions.Index().OrderBy(one => Added(one.Item)).Select(one => one.Index));
    }

    // Constants before additions before bare parameters, as their code is longer.
    private static int Added(ValidatedFunction function)
    {
        var reader = new InstructionReader(function.Body.Span);
        int kind = 1;
        while (reader.Next())
        {
            kind = reader.Opcode is Opcode.F64Add ? 0 : kind;
        }

        return kind == 0 ? 1 : function.Body.Span.IndexOf((byte)Opcode.F64Const) < 0 ? 2 : 0;
    }

    private static string Told(CandidateScore score) => $"{string.Join(' ', score.Costs)} {score.Fuel}";
}
