using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Lang;
using Tars.Sim.Fuzz;

namespace Tars.Sim.Robustness;

/// <summary>All the ways in which one program is damaged, each found again by its kind and number.</summary>
internal sealed partial class Damage
{
    public const int MutationCount = 10_000;

    private readonly CorpusProgram _program;
    private readonly List<Match> _tokens;
    private readonly byte[] _bundle;

    public Damage(CorpusProgram program)
    {
        _program = program;
        _tokens = [.. Token().Matches(program.Text).Cast<Match>()];
        _bundle = [.. Compiler.Compile(program.Source, program, new CompileOptions()).Bundle ?? []];
    }

    public int CountOf(DamageKind kind) => kind switch
    {
        DamageKind.Prefix => _program.Text.Length,
        DamageKind.Deletion => _tokens.Count,
        DamageKind.Mutation => MutationCount,
        DamageKind.Module => _bundle.Length == 0 ? 0 : MutationCount,
    };

    public string TextOf(DamageKind kind, int number) => kind switch
    {
        DamageKind.Prefix => _program.Text[..number],
        DamageKind.Deletion => _program.Text.Remove(_tokens[number].Index, _tokens[number].Length),
        _ => TextMutation.Of(_program.Text, new Xoshiro256((ulong)number)),
    };

    public byte[] ModuleOf(int number) => WasmMutation.Of(_bundle, new Xoshiro256((ulong)number));

    // Blanks and line ends are tokens of a document too: without one, lines join and columns move.
    [GeneratedRegex("""
        "(\\.|[^"\\\n])*"|[A-Za-z0-9_]+|[ ]+|\n|.
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
