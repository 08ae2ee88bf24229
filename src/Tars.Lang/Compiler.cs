using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Wasm;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Emitting;
using Tars.Lang.Lowering;
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

        if (WhyNotCode(check.Module, options.Code) is { } refusal)
        {
            return new CompileResult(check.With(refusal), Bundle: null);
        }

        long size = 0;
        var bundles = new List<ReadOnlyMemory<byte>>();
        var hashes = new Dictionary<ModuleSymbol, BundleHash>();
        var own = new NeededModule(check.Module, source, options.Code?.Bytes);
        var counted = options.CountsBranches && !check.Module.IsForeign ? BranchList.Of(check.Module) : null;
        BranchCounters? counters = null;
        foreach (var module in check.Needed.Append(own))
        {
            bool isOwn = module == own;
            var files = isOwn ? check.Files : FilesOf(module, check.Files);
            var code = CodeOf(
                module, isOwn && options.IncludeTests, isOwn ? counted : null, files, out var debug, out int countersAt,
                out string? tooLarge);
            if (tooLarge is not null)
            {
                return new CompileResult(check.With(Report.CodeTooLarge(new TextSpan(0, 0), tooLarge)), Bundle: null);
            }

            var manifest = ManifestBuilder.Build(
                module.Module, module.Source, isOwn && options.IncludeTests, symbol => hashes[symbol]);
            byte[] bundle = BundleWriter.Write(
                code,
                manifest,
                debug,
                [.. files.Select(file => new SourceFile(file.Source.Name, file.Source.Text))],
                isOwn ? [.. bundles] : []);
            counters = isOwn && counted is not null ? counted.CountersAt(countersAt) : null;
            bundles.Add(bundle);
            hashes[module.Module] = BundleWriter.Hash(code, manifest);
            size += bundle.Length;
            if (BundleLimits.FileSizeMax < size)
            {
                return new CompileResult(
                    check.With(Report.CodeTooLarge(new TextSpan(0, 0), module.Module.Name)), Bundle: null);
            }
        }

        return new CompileResult(check, [.. bundles[^1].Span]) { Branches = counters };
    }

    private static Diagnostic? WhyNotCode(ModuleSymbol module, CodeFile? code)
    {
        if (!module.IsForeign)
        {
            return code is null ? null : Report.NotAnInterface(module.CodePlace, module.Name);
        }

        return code is null ? Report.NoCode(module.CodePlace, module.Name)
            : ForeignCode.WhyNot(code.Bytes) is { } reason ? Report.NotAGuest(module.CodePlace, code.Name, reason)
            : null;
    }

    private static byte[] CodeOf(
        NeededModule module,
        bool includeTests,
        BranchList? counted,
        ImmutableArray<CheckedFile> files,
        out DebugInfo debug,
        out int countersAt,
        out string? tooLarge)
    {
        tooLarge = null;
        countersAt = 0;
        if (module.Code is { } code)
        {
            byte[]? plain = BundleWriter.Stripped(code.Span);
            Invariant.Holds(plain is not null); // The checker has looked at it.
            debug = DebugInfo.None;
            return plain;
        }

        var compiled = Emitter.Emit(module.Module, BuiltInSymbols.Failure, includeTests, counted);
        countersAt = compiled.Counters;
        tooLarge = FirstTooLarge(compiled);
        debug = tooLarge is null ? DebugOf(compiled, files) : DebugInfo.None;
        return tooLarge is null ? ModuleEncoder.Encode(compiled.Module) : [];
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

    // The module's own file, then those of all that it imports, in the order of the check.
    private static ImmutableArray<CheckedFile> FilesOf(NeededModule module, ImmutableArray<CheckedFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<ModuleSymbol>([module.Module]);
        while (next.TryPop(out var one))
        {
            if (names.Add(one.Name))
            {
                one.Imports.ToList().ForEach(import => next.Push(import.Value));
            }
        }

        return
        [
            .. files.Where(file => file.Source == module.Source),
            .. files.Where(file => file.Source != module.Source && names.Contains(file.Module)),
        ];
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
