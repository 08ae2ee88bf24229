using System.Globalization;
using System.Text;

namespace Tars.Engine.Vm.Compiling;

/// <summary>The metadata at the end of a module's text: what branches, aliases and lines are.</summary>
/// <remarks>
/// A line of the debugger is the place of an instruction in the code of all functions, one after the other, and one:
/// so it names the function too, whichever function the instruction was put in line into.
/// </remarks>
internal sealed class Metadata
{
    /// <summary>For a branch that is hardly ever taken.</summary>
    public const int Unlikely = 0;

    /// <summary>For accesses of linear memory.</summary>
    public const int Memory = 4;

    /// <summary>For accesses of globals, tables and cells, which linear memory never overlaps.</summary>
    public const int State = 5;

    private const int File = 6;
    private const int Unit = 7;
    private const int SubroutineType = 8;

    private readonly StringBuilder _text = new(
        """
        !0 = !{!"branch_weights", i32 1, i32 1000000}
        !1 = !{!"tars"}
        !2 = !{!"memory", !1}
        !3 = !{!"state", !1}
        !4 = !{!2, !2, i64 0}
        !5 = !{!3, !3, i64 0}
        !6 = !DIFile(filename: "module.wasm", directory: "")
        !7 = distinct !DICompileUnit(language: DW_LANG_C, file: !6, emissionKind: LineTablesOnly)
        !8 = !DISubroutineType(types: !{})
        !9 = !{i32 7, !"Dwarf Version", i32 4}
        !10 = !{i32 2, !"Debug Info Version", i32 3}
        !llvm.dbg.cu = !{!7}
        !llvm.module.flags = !{!9, !10}

        """);

    private int _next = 11;

    /// <summary>A function of the module.</summary>
    public int Function(string name) =>
        Add($"distinct !DISubprogram(name: \"{name}\", scope: !{File}, file: !{File}, type: !{SubroutineType}, "
            + $"spFlags: DISPFlagDefinition, unit: !{Unit})");

    /// <summary>A place in it.</summary>
    public int Location(int function, long line) =>
        Add($"!DILocation(line: {line.ToString(CultureInfo.InvariantCulture)}, scope: !{function})");

    /// <summary>For the accesses of each of so many ways through memory that never meet while a loop runs: what
    /// stands behind such an access.</summary>
    public string[] Apart(int count)
    {
        int domain = Add($"distinct !{{!{_next}}}");
        int[] scopes = [.. Enumerable.Range(0, count).Select(_ => Add($"distinct !{{!{_next}, !{domain}}}"))];
        return
        [
            .. scopes.Select(scope =>
                $", !alias.scope !{List([scope])}, !noalias !{List(scopes.Where(other => other != scope))}"),
        ];
    }

    public void CopyTo(StringBuilder to) => to.Append(_text);

    private int List(IEnumerable<int> nodes) => Add($"!{{{string.Join(", ", nodes.Select(node => $"!{node}"))}}}");

    private int Add(string node)
    {
        _text.Append('!').Append(_next.ToString(CultureInfo.InvariantCulture)).Append(" = ").Append(node).Append('\n');
        return _next++;
    }
}
