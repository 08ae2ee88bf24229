using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Text;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>A candidate in the place of an open function is what it is in a module of its own.</summary>
public sealed class CandidateHostTests
{
    private const string Signature = "item: int, left: int, gap: int";

    private static readonly ImmutableArray<string> _names = ["item", "left", "gap"];

    private static readonly ImmutableArray<string> _codes =
    [
        "-float(gap)",
        "float(item)",
        "(if float(left) < float(item) { 1.0 } else { min(float(left), 30.0) / float(gap + 1) })",
    ];

    [Fact]
    public void Costs_and_fuel_are_those_of_the_whole_path()
    {
        var problem = SmallPacking.Problem();
        using var host = CandidateHost.Open(problem, SmallPacking.Parts(1), out string why);
        Assert.True(host is not null, why);
        var candidates = _codes.Select(code => CandidateOf(problem, code)).ToImmutableArray();
        var scores = host.Score([.. candidates.Select(one => TrialOf(problem, one))], out why);
        Assert.Equal("", why);
        foreach (var (index, candidate) in candidates.Index())
        {
            var whole = Evaluation.Run(
                problem.Source.Text.Replace("return -float(gap)", $"return {candidate.Code}"),
                problem,
                SmallPacking.Parts(1),
                ["train"], TestContext.Current.CancellationToken).Of("train");
            Assert.Equal(whole.Select(run => run.Cost), scores[index].Costs.Select(cost => (double?)cost));
            Assert.Equal(whole.Sum(run => run.Outcome.Fuel), scores[index].Fuel);
        }
    }

    [Fact]
    public void The_same_host_gives_the_same_again()
    {
        var problem = SmallPacking.Problem();
        using var host = CandidateHost.Open(problem, SmallPacking.Parts(1), out _);
        ImmutableArray<CandidateTrial> trials =
            [.. _codes.Select(code => TrialOf(problem, CandidateOf(problem, code)))];
        string first = string.Join('\n', host!.Score(trials, out _).Select(Told));
        _ = host.Score([trials[1] with { Bounds = [0.0] }], out _);
        Assert.Equal(first, string.Join('\n', host.Score(trials, out _).Select(Told)));
    }

    [Fact]
    public void What_does_not_compile_is_said()
    {
        Assert.Empty(CandidateSheet.Compile("x: float", "0", ["x", "x + nobody"], out string why));
        Assert.Contains("does not compile", why, StringComparison.Ordinal);
    }

    // It calls a function of its own sheet, which the module that it would stand in has elsewhere or not at all.
    [Fact]
    public void A_body_that_names_its_own_module_is_refused()
    {
        var problem = SmallPacking.Problem();
        var parts = SmallPacking.Parts(1);
        var sources = parts.Sources();
        var compiled = Compiler.Compile(problem.Source, sources, new CompileOptions());
        var runs = parts.Parts();
        using var suite = ScenarioSuite.Open(
            compiled, problem.Source, sources, runs, bundle => runs.LoadOpen(bundle, ["packing.score"]));
        var bodies = CandidateSheet.Compile(Signature, "0, 0, 0", ["exp(float(item))"], out string why);
        Assert.Equal("", why);
        Assert.Empty(suite.OpenCode(out _)!.With([bodies], out why));
        Assert.Contains("says something of its own module", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_is_not_in_the_code_cannot_be_open()
    {
        var problem = SmallPacking.Problem();
        var parts = SmallPacking.Parts(1);
        var sources = parts.Sources();
        var compiled = Compiler.Compile(problem.Source, sources, new CompileOptions());
        var runs = parts.Parts();
        using var suite = ScenarioSuite.Open(
            compiled, problem.Source, sources, runs, bundle => runs.LoadOpen(bundle, ["packing.nobody"]));
        Assert.Null(suite.OpenCode(out string why));
        Assert.Contains("nothing in it uses packing.nobody", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_keeps_the_order_of_what_it_was_given()
    {
        var functions = CandidateSheet.Compile("x: float", "0", ["x", "x + 1.0", "1.0"], out string why);
        Assert.Equal("", why);
        Assert.All(functions, one => Assert.Equal(new FuncType([ValType.F64], [ValType.F64]), one.Type));
        Assert.Equal([(false, false), (true, true), (false, true)], functions.Select(Has));
    }

    private static (bool Addition, bool Constant) Has(ValidatedFunction function)
    {
        var (addition, constant) = (false, false);
        var reader = new InstructionReader(function.Body.Span);
        while (reader.Next())
        {
            addition |= reader.Opcode is Opcode.F64Add;
            constant |= reader.Opcode is Opcode.F64Const;
        }

        return (addition, constant);
    }

    private static Candidate CandidateOf(SearchProblem problem, string code)
    {
        var body = CodeParser.ParseBody(SourceSlice.Verbatim($"return {code}", fileOffset: 0), new DiagnosticBag());
        return new Candidate(problem, [GeneReader.Of(body, _names)!]);
    }

    private static CandidateTrial TrialOf(SearchProblem problem, Candidate candidate) =>
        new(candidate, problem.Learning.All.Length, []);

    private static string Told(CandidateScore score) => $"{string.Join(' ', score.Costs)} {score.Fuel}";
}
