using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Search;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Text;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>What is simplified is never longer, says the same of numbers, and cannot be made simpler again.</summary>
public sealed class GeneSimplifierTests
{
    private static readonly ImmutableArray<string> _names = ["a", "b", "c"];

    [Theory]
    [InlineData("b + a", "(a + b)")]
    [InlineData("1.0 + a", "(a + 1.0)")]
    [InlineData("a * 0.0 + b", "b")]
    [InlineData("-(-a)", "a")]
    [InlineData("-(a - b)", "(b - a)")]
    [InlineData("a - a", "0.0")]
    [InlineData("min(a, a) / 1.0", "a")]
    [InlineData("2.0 * 3.0 + a", "(a + 6.0)")]
    [InlineData("1.0 / 0.0 + a", "(a + (1.0 / 0.0))")]
    [InlineData("if a < a { b } else { c }", "c")]
    [InlineData("if a < b { c } else { c }", "c")]
    [InlineData("abs(-a)", "abs(a)")]
    public void It_is_said_shorter(string code, string shorter) =>
        Assert.Equal(shorter, GeneSimplifier.Simple(Read(code)).Text(_names));

    [Fact]
    public void Random_genes_keep_their_value()
    {
        for (ulong seed = 0; seed < 400; seed++)
        {
            var maker = new GeneMaker(new Xoshiro256(seed), inputs: 3, countMax: 50);
            var gene = maker.Cross(maker.Draw(), maker.Draw());
            var simple = GeneSimplifier.Simple(gene);
            string said = gene.Text(_names);
            Assert.True(simple.Count <= gene.Count + 1, said); // A sum whose numbers moved may keep a bracket.
            Assert.Equal(simple.Text(_names), GeneSimplifier.Simple(simple).Text(_names));
            double before = Value(gene, seed);
            double after = Value(simple, seed);
            if (double.IsFinite(before) && Math.Abs(before) < 1e6)
            {
                // Numbers that are worked out are kept with four digits.
                double borne = 0.02 * Math.Max(1, Math.Abs(before));
                Assert.True(Math.Abs(before - after) <= borne, $"{said}: {before} {after}");
            }
        }
    }

    private static Gene Read(string code) => GeneReader.Of(
        CodeParser.ParseBody(SourceSlice.Verbatim($"return {code}", fileOffset: 0), new DiagnosticBag()), _names)!;

    private static double Value(Gene gene, ulong seed)
    {
        double Of(int part) => Value(gene.Parts[part], seed);
        return gene.Kind switch
        {
            GeneKind.Input => 3.5 + gene.Input + (seed % 7),
            GeneKind.Constant => gene.Value,
            GeneKind.Negate => -Of(0),
            GeneKind.Absolute => Math.Abs(Of(0)),
            GeneKind.Add => Of(0) + Of(1),
            GeneKind.Subtract => Of(0) - Of(1),
            GeneKind.Multiply => Of(0) * Of(1),
            GeneKind.Divide => Of(0) / Of(1),
            GeneKind.Least => Math.Min(Of(0), Of(1)),
            GeneKind.Greatest => Math.Max(Of(0), Of(1)),
            GeneKind.IfLess => Of(0) < Of(1) ? Of(2) : Of(3),
            _ => double.NaN,
        };
    }
}
