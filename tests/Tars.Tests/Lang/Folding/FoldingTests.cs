using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Checking;
using Tars.Lang.Symbols;
using Xunit;

namespace Tars.Tests.Lang.Folding;

/// <summary>What is worked out when a module is checked, and what is left to the process.</summary>
public sealed class FoldingTests
{
    private const string Library =
        """
        tars: 1
        module: steps
        version: 1.0.0
        summary: A library with a param of its own.

        params:
          step: { type: int, value: 2, about: How far. }

        constants:
          base: int = 10 * 10

        functions:
          stepped:
            with: { n: int }
            returns: int
            do: |
              return n * step

        """;

    [Fact]
    public void A_param_of_an_imported_module_keeps_its_value()
    {
        var module = Check(
            """
            tars: 1
            module: m
            version: 1.0.0
            summary: What it takes from the library needs no param of its own.

            imports: { steps: steps.tars }

            constants:
              far: int = steps.base + steps.stepped(4)

            state:
              at: int = far

            handlers:
              ask go:
                do: |
                  at += far

            """);
        Assert.Equal(108, Assert.IsType<BoundExpr.IntLiteral>(module.Constants[0].Folded).Value);
        Assert.Equal(108, Assert.IsType<BoundExpr.IntLiteral>(module.Agents[0].State[0].Folded).Value);
    }

    [Fact]
    public void An_initial_value_that_reads_a_param_is_left_to_the_birth()
    {
        var module = Check(
            """
            tars: 1
            module: m
            version: 1.0.0
            summary: One field follows a param.

            params:
              size: { type: int, value: 3, about: How many. }

            functions:
              zeros:
                with: { n: int }
                returns: list<int>
                do: |
                  return list_of(if n < 0 { size } else { n }, 0)

            state:
              fixed: list<int> = zeros(2)
              free: list<int> = zeros(-1)

            handlers:
              ask swap:
                do: |
                  fixed = free
                  free = fixed

            """);
        Assert.Equal(2, Assert.IsType<BoundExpr.ListLiteral>(module.Agents[0].State[0].Folded).Items.Length);
        Assert.Null(module.Agents[0].State[1].Folded);
    }

    [Fact]
    public void A_literal_and_what_is_too_large_for_the_bundle_are_not_folded()
    {
        var module = Check(
            """
            tars: 1
            module: m
            version: 1.0.0
            summary: A library of constants.

            constants:
              plain: int = 42
              large: list<int> = list_of(20_000, 7)
              small: bytes = bytes_of(plain)

            """);
        Assert.Null(module.Constants[0].Folded);
        Assert.Null(module.Constants[1].Folded);
        Assert.Equal(new byte[42], Assert.IsType<BoundExpr.BytesLiteral>(module.Constants[2].Folded).Value.ToArray());
    }

    private static ModuleSymbol Check(string program)
    {
        var check = ModuleChecker.Check(new SourceText("m.tars", program), new Libraries());
        Assert.Empty(check.Files.SelectMany(file => file.Diagnostics).Select(one => $"{one.Code} {one.Title}"));
        return check.Module;
    }

    private sealed class Libraries : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) =>
            path == "steps.tars" ? new SourceText(path, Library) : null;
    }
}
