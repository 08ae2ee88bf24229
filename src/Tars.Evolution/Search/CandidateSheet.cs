using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;

namespace Tars.Evolution.Search;

/// <summary>Many functions of one signature, compiled together, as a module that is never run.</summary>
/// <remarks>
/// What stands on a sheet is code of metascripts like any other. A function there can name its own parameters and the
/// language's own numbers, so what comes of it means the same in the module that it is tried in.
/// </remarks>
internal static class CandidateSheet
{
    private const string Module = "sheet";
    private const string Prefix = "candidate_";

    /// <param name="signature">What stands under `with`, in flow style.</param>
    /// <param name="bodies">Expressions, each the whole body of a function.</param>
    /// <param name="zeros">Arguments to call one with; nobody does.</param>
    /// <returns>The functions in the order of the expressions; none, with why.</returns>
    public static ImmutableArray<ValidatedFunction> Compile(
        string signature, string zeros, ImmutableArray<string> bodies, out string why)
    {
        var source = new SourceText("sheet.tars", TextOf(signature, zeros, bodies));
        var compiled = Compiler.Compile(source, new NoModules(), new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            var first = compiled.Check.Diagnostics.First(one => one.Severity == Severity.Error);
            why = $"a sheet of {bodies.Length} candidates does not compile: {first.Title}";
            return [];
        }

        var file = (Bundle.Container.BundleReading.Read)Bundle.Container.BundleReader.Read(bundle.AsMemory());
        var decoded = (DecodeResult.Decoded)ModuleDecoder.Decode(bundle.AsSpan());
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(decoded.Module)).Module; // Our own compiler's.
        var places = file.Bundle.Debug.Functions.Index().ToDictionary(one => one.Item, one => one.Index);
        why = "";
        return
        [
            .. bodies.Select((_, index) => valid.FunctionAt(new FuncIndex(places[$"{Module}.{NameOf(index)}"]))),
        ];
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}");

    // A function that nobody calls is not in the code, so one handler calls them all.
    private static string TextOf(string signature, string zeros, ImmutableArray<string> bodies)
    {
        var made = new StringBuilder(
            $"tars: 1\nmodule: {Module}\nversion: 1.0.0\nsummary: Candidates of a search.\nfunctions:\n",
            bodies.Length * 300);
        foreach (var (index, body) in bodies.Index())
        {
            var text = CultureInfo.InvariantCulture;
            made.Append(text, $"  {NameOf(index)}:\n    with: {{ {signature} }}\n    returns: float\n");
            made.Append(text, $"    do: |\n      return {body}\n");
        }

        made.Append("handlers:\n  start:\n    do: |\n      var sum = 0.0\n");
        for (int index = 0; index < bodies.Length; index++)
        {
            made.Append(CultureInfo.InvariantCulture, $"      sum += {NameOf(index)}({zeros})\n");
        }

        return made.Append("      assert sum == sum\n").ToString();
    }
}
