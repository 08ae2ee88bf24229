using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Wasm;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Emitting;
using Tars.Lang.Symbols;

namespace Tars.Lang;

/// <summary>Text in, bundle and diagnostics out. Equal texts and options give equal bytes.</summary>
public static class Compiler
{
    public static CompileResult Compile(SourceText source, IModuleSource modules, CompileOptions options)
    {
        var check = ModuleChecker.Check(source, modules);
        if (check.HasErrors)
        {
            return new CompileResult(check, Bundle: null);
        }

        var compiled = Emitter.Emit(check.Module, BuiltInSymbols.Failure, options.IncludeTests);
        if (FirstTooLarge(compiled) is { } name)
        {
            return new CompileResult(check.With(Report.CodeTooLarge(new TextSpan(0, 0), name)), Bundle: null);
        }

        byte[] bundle = BundleWriter.Write(
            ModuleEncoder.Encode(compiled.Module),
            ManifestBuilder.Build(check.Module, source, options.IncludeTests),
            DebugOf(compiled, check.Files),
            [.. check.Files.Select(file => new SourceFile(file.Source.Name, file.Source.Text))]);
        return new CompileResult(check, ImmutableCollectionsMarshal.AsImmutableArray(bundle));
    }

    /// <summary>What was written may be right and still be more than one function of WebAssembly can hold.</summary>
    private static string? FirstTooLarge(CompiledModule compiled)
    {
        int imports = compiled.Functions.Length - compiled.Module.Functions.Length;
        foreach (var (index, function) in compiled.Module.Functions.Index())
        {
            long locals = function.Locals.Sum(group => (long)group.Count);
            int room = WasmLimits.FunctionBytesMax - Limits.FunctionHeadBytes;
            if (WasmLimits.LocalCountMax < locals || room < function.Body.Length)
            {
                return compiled.Functions[imports + index];
            }
        }

        return null;
    }

    private static DebugInfo DebugOf(CompiledModule compiled, ImmutableArray<CheckedFile> files)
    {
        var sites = ImmutableArray.CreateBuilder<DebugSite>(compiled.Sites.Length);
        foreach (var site in compiled.Sites)
        {
            int file = Math.Max(0, files.IndexOf(files.FirstOrDefault(one => one.Module == site.Module) ?? files[0]));
            var text = files[file].Source;
            sites.Add(new DebugSite(file, text.PositionOf(site.Span.Start), text.PositionOf(site.Span.End)));
        }

        return new DebugInfo([.. files.Select(file => file.Source.Name)], sites.ToImmutable(), compiled.Functions);
    }
}
