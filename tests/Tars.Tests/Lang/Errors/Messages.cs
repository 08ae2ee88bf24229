using System.Text;
using Tars.Base;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;

namespace Tars.Tests.Lang.Errors;

/// <summary>What the author of a program is told, as text: the one place that knows how a program is checked.</summary>
internal static class Messages
{
    /// <summary>Each message with its place, the line that it is about, and the mend.</summary>
    public static string Of(string program)
    {
        var source = new SourceText("program.tars", program);
        var text = new StringBuilder();
        foreach (Diagnostic one in ModuleChecker.Check(source, new Itself(source)).Diagnostics)
        {
            LinePosition at = source.PositionOf(one.Span.Start);
            string kind = one.Severity == Severity.Warning ? " warning:" : "";
            text.Append(at).Append(' ').Append(one.Code).Append(kind).Append(' ').Append(one.Title).Append('\n');
            text.Append("  | ").Append(Short(source.LineText(at.Line).Trim())).Append('\n');
            text.Append("  = ").Append(one.Hint).Append('\n');
        }

        return text.Length == 0 ? "nothing to say\n" : text.ToString();
    }

    private static string Short(string line) => line.Length <= 100 ? line : $"{line[..100]}…";

    /// <summary>The version that scenarios of wrong programs begin with.</summary>
    private const string Old = """
        tars: 1
        module: m
        version: 1.0.0
        summary: An earlier version.
        state:
          n: int = 0
          total: int = 0
        handlers:
          timer tick:
            do: |
              n += 1
              total += n
          ask get:
            with: { id: int }
            returns: int
            do: |
              return total + id

        """;

    /// <summary>A module finds itself as `./self.tars`, an earlier version as `./old.tars`, and nothing else.</summary>
    private sealed class Itself(SourceText source) : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) => path switch
        {
            "./self.tars" => source,
            "./old.tars" => new SourceText("old.tars", Old),
            _ => null,
        };
    }
}
