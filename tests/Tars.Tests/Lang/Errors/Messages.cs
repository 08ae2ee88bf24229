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

    /// <summary>A module finds itself as `./self.tars`, and nothing else.</summary>
    private sealed class Itself(SourceText source) : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) => path == "./self.tars" ? source : null;
    }
}
