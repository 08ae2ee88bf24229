using System.Collections.Immutable;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host.Files;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;

namespace Tars.Cli.Commands;

/// <summary>What became of one metascript: a bundle or none, and all that there is to say.</summary>
/// <param name="File">As the user named it.</param>
/// <param name="Bundle">Null when there is a mistake.</param>
internal sealed record Compilation(string File, ImmutableArray<PlacedDiagnostic> Diagnostics, byte[]? Bundle)
{
    /// <summary>What is declared and this version cannot run; empty when there is a mistake.</summary>
    public ImmutableArray<string> NotYetInForce { get; private init; } = [];

    /// <summary>What the compiler made of it; null when it was only checked.</summary>
    public CompileResult? Result { get; private init; }

    /// <summary>The files that it was read from.</summary>
    public required ModuleFiles Sources { get; init; }

    /// <summary>Every mistake, without a bundle.</summary>
    public static Compilation Check(string file, byte[] bytes, Terminal terminal)
    {
        var files = ModuleFiles.Of(terminal.FullPath(file), bytes);
        var result = ModuleChecker.Check(files.Source, files);
        var diagnostics = Place(file, files, result.Files);
        bool faulty = diagnostics.Any(one => one.IsError);
        return new Compilation(file, diagnostics, Bundle: null)
        {
            NotYetInForce = faulty ? [] : result.Module.NotYetInForce,
            Sources = files,
        };
    }

    /// <param name="code">Of an interface, the WebAssembly that was given for it.</param>
    /// <param name="standsAt">The file in whose place it is looked at, with the files beside that; null for its own.
    /// </param>
    public static Compilation Of(
        string file, byte[] bytes, Terminal terminal, bool includeTests, CodeFile? code = null, string? standsAt = null)
    {
        var files = ModuleFiles.Of(terminal.FullPath(standsAt ?? file), bytes);
        var result = Compiler.Compile(files.Source, files, new CompileOptions(includeTests, code));
        var diagnostics = Place(file, files, result.Files);
        bool faulty = diagnostics.Any(one => one.IsError);
        return new Compilation(file, diagnostics, faulty ? null : result.Bundle?.ToArray())
        {
            Result = result,
            Sources = files,
        };
    }

    /// <summary>The canonical text, or null when there are mistakes that stand in the way; they are added.</summary>
    public static string? Format(string file, byte[] bytes, Terminal terminal, List<PlacedDiagnostic> diagnostics)
    {
        var files = ModuleFiles.Of(terminal.FullPath(file), bytes);
        var bag = new DiagnosticBag();
        var text = Formatter.Format(files.Source, bag);
        var found = files.DiagnosticsOf(files.Source).Concat(bag.ToSorted())
            .Select(one => new PlacedDiagnostic(file, files.Source, one))
            .ToList();
        diagnostics.AddRange(found);
        return found.Exists(one => one.IsError) ? null : text;
    }

    /// <summary>Tells what is wrong: as text on standard error, or as the command's JSON answer.</summary>
    public static void ShowFaults(IReadOnlyCollection<PlacedDiagnostic> diagnostics, bool asJson, Terminal terminal)
    {
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => DiagnosticJson.Write(json, diagnostics)));
            return;
        }

        new DiagnosticText(terminal.Error, terminal.ErrorColors).Write(diagnostics);
        if (DiagnosticText.Count(diagnostics) is { Length: > 0 } count)
        {
            terminal.Error.WriteLine(count);
        }
    }

    private static ImmutableArray<PlacedDiagnostic> Place(
        string file, ModuleFiles files, ImmutableArray<CheckedFile> checkedFiles) =>
    [
        .. from one in checkedFiles
           let name = NameFor(file, files.Source, one.Source)
           from diagnostic in Told(files.DiagnosticsOf(one.Source), one)
           select new PlacedDiagnostic(name, one.Source, diagnostic),
    ];

    // Of a file that was not read there is nothing to say but why.
    private static IEnumerable<Diagnostic> Told(ImmutableArray<Diagnostic> ofBytes, CheckedFile file) =>
        file.Source.Text.Length == 0 && !ofBytes.IsEmpty ? ofBytes : ofBytes.Concat(file.Diagnostics);

    // Sources are named from the module's folder; the user named the module from somewhere else.
    private static string NameFor(string file, SourceText own, SourceText source) =>
        source == own
            ? file
            : Path.Combine(Path.GetDirectoryName(file) ?? "", source.Name).Replace('\\', '/');
}
