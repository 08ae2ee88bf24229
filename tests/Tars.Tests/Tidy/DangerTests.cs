using System.Text.RegularExpressions;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>Unsafe code and native calls stand only where they may, and say above each use why it is safe.</summary>
public sealed partial class DangerTests
{
    // Adding a place here widens what a reviewer must read with care: say why in the commit.
    private static readonly string[] _allowed =
    [
        "src/Tars.Engine.Cil/Runtime/",   // Guest memory is unmanaged; generated code reaches it by pointer.
        "src/Tars.Devices/Wasi/Linux/",   // A granted folder is walked name by name, which .NET has no calls for.
        "src/Tars.Engine.Vm/Kvm/",        // KVM is called there, and the memory of machines is mapped.
        "src/Tars.Engine.Vm/Llvm/",       // LLVM is called there and nowhere else.
        "src/Tars.Engine.Vm/Objects/Linux/", // The process that compiles limits itself; kept code is asked whose it is.
    ];

    [Fact]
    public void Dangerous_words_stand_only_in_the_places_for_them() => Findings.None(
        from use in Uses()
        where !_allowed.Any(place => use.Path.StartsWith(place, StringComparison.Ordinal))
        select $"{use.Path}:{use.Line}: {use.Word}");

    [Fact]
    public void Every_dangerous_use_says_why_it_is_safe() => Findings.None(
        from use in Uses()
        where !HasSafetyAbove(use.Path, use.Line)
        select $"{use.Path}:{use.Line}: {use.Word} without `// SAFETY:` above it");

    private static IEnumerable<(string Path, int Line, string Word)> Uses() =>
        from path in TrackedFiles.CSharp
        let text = TrackedFiles.Text(path)
        where Dangerous().IsMatch(text)
        from line in CSharpBlanker.Blank(text).Split('\n').Index()
        let match = Dangerous().Match(line.Item)
        where match.Success
        select (path, line.Index + 1, match.Value);

    // The comment may have several lines, and attributes or the summary may stand between it and the use.
    private static bool HasSafetyAbove(string path, int line)
    {
        var lines = TrackedFiles.Lines(path);
        for (int at = line - 2; 0 <= at; at--)
        {
            var text = lines[at].TrimStart();
            if (text.StartsWith("// SAFETY:", StringComparison.Ordinal))
            {
                return true;
            }

            if (!text.StartsWith("//", StringComparison.Ordinal) && !text.StartsWith('['))
            {
                return false;
            }
        }

        return false;
    }

    [GeneratedRegex(@"\bunsafe\b|\[(Library|Dll)Import\b|\bNativeMemory\.|\bMarshal\.(Alloc|Free|Copy|Read|Write)"
        + @"|\bUnsafe\.|\bMemoryMarshal\.(GetReference|CreateSpan|CreateReadOnlySpan|GetArrayDataReference)")]
    private static partial Regex Dangerous();
}
