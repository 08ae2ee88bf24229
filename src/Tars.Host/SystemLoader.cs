using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Host.Granting;
using Tars.Host.Moving;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>From the bytes of bundles to one linked system, or every reason why not.</summary>
internal sealed class SystemLoader(IEngine engine, RunOptions options)
{
    private readonly List<string> _reasons = [];
    private readonly Dictionary<BundleHash, BundleFile> _offered = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>Null when there are reasons.</summary>
    public SystemImage? Load(IReadOnlyList<ReadOnlyMemory<byte>> bundles)
    {
        var images = ImmutableArray.CreateBuilder<ModuleImage>();
        foreach (var bytes in bundles)
        {
            if (Read(bytes) is { } bundle && LoadOne(bundle) is { } image)
            {
                images.Add(image);
            }
        }

        LoadImports(images);

        foreach (var (name, _) in options.Params.Where(pair => !_used.Contains(pair.Key)))
        {
            string list = string.Join(", ", images.SelectMany(image => image.Manifest.Params).Select(one => one.Name));
            string known = list == "" ? "" : $"; there is {list}";
            _reasons.Add($"--set {name}: no module has a parameter of that name{known}");
        }

        return _reasons.Count == 0 ? Link(images.ToImmutable(), numbered: []) : null;
    }

    /// <summary>The modules of a system that ran, each by itself; null when there are reasons.</summary>
    /// <param name="header">Which of them are there because others import them, and which numbers devices have.
    /// </param>
    public SystemImage? LoadAgain(IReadOnlyList<ReadOnlyMemory<byte>> bundles, JournalHeader header)
    {
        if (bundles.Count != header.Imported.Length)
        {
            _reasons.Add("its checkpoint is of other modules");
            return null;
        }

        var images = ImmutableArray.CreateBuilder<ModuleImage>();
        for (int index = 0; index < bundles.Count; index++)
        {
            if (LoadAlone(bundles[index]) is { } image)
            {
                images.Add(image with { IsImported = header.Imported[index] });
            }
        }

        return _reasons.Count == 0 ? Link(images.ToImmutable(), header.Numbered) : null;
    }

    /// <summary>One module for a system in which those that it needs run; null when there are reasons.</summary>
    public ModuleImage? LoadAlone(ReadOnlyMemory<byte> bytes) => Read(bytes) is { } bundle ? LoadOne(bundle) : null;

    /// <summary>One module and those that it needs, not yet joined; nothing when there are reasons.</summary>
    public ImmutableArray<ModuleImage> LoadWithImports(ReadOnlyMemory<byte> bytes)
    {
        var images = ImmutableArray.CreateBuilder<ModuleImage>();
        if (Read(bytes) is { } bundle && LoadOne(bundle) is { } image)
        {
            images.Add(image);
            LoadImports(images);
        }

        return _reasons.Count == 0 ? images.ToImmutable() : [];
    }

    private SystemImage? Link(ImmutableArray<ModuleImage> images, ImmutableArray<NumberedDevice> numbered)
    {
        var standIns = StandInNames.Of(
            [.. images.Select(image => image.Manifest)], options.StandIns, _reasons);
        if (_reasons.Count > 0)
        {
            return null;
        }

        switch (SystemImage.Link(images, standIns, numbered))
        {
            case LinkResult.Linked linked:
                return linked.System;
            case LinkResult.Refused refused:
                _reasons.AddRange(refused.Reasons);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private BundleFile? Read(ReadOnlyMemory<byte> bytes)
    {
        switch (BundleReader.Read(bytes))
        {
            case BundleReading.Read read:
                foreach (var inner in read.Bundle.Imports)
                {
                    Offer(read.Bundle, inner);
                }

                return read.Bundle;
            case BundleReading.Refused refused:
                _reasons.Add(refused.Reason);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Offer(BundleFile holder, ReadOnlyMemory<byte> inner)
    {
        switch (BundleReader.Read(inner))
        {
            case BundleReading.Read { Bundle: { Imports.IsEmpty: true } bundle }:
                _offered.TryAdd(bundle.Hash, bundle);
                break;
            case BundleReading.Read { Bundle: var bundle }:
                _reasons.Add($"{holder.Manifest.Name}: its import `{bundle.Manifest.Name}` holds bundles itself");
                break;
            case BundleReading.Refused refused:
                _reasons.Add($"{holder.Manifest.Name}: one of its imports: {refused.Reason}");
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // Those that are named by those that are there, and so on; what nobody names is not run.
    private void LoadImports(ImmutableArray<ModuleImage>.Builder images)
    {
        var there = images.Select(image => image.Hash).ToHashSet();
        for (int next = 0; next < images.Count; next++)
        {
            var importer = images[next].Manifest;
            foreach (var import in importer.Imports.Where(import => there.Add(import.Hash)))
            {
                if (!_offered.TryGetValue(import.Hash, out var bundle) || bundle.Manifest.Name != import.Module)
                {
                    _reasons.Add(
                        $"{importer.Name}: it needs module `{import.Module}` as of {import.Hash.ToString()[..8]}, "
                        + "which is not there; build it again");
                }
                else if (LoadOne(bundle) is { } image)
                {
                    images.Add(image with { IsImported = true });
                }
            }
        }
    }

    private ModuleImage? LoadOne(BundleFile bundle)
    {
        string name = bundle.Manifest.Name;
        if (ModuleDecoder.Decode(bundle.Bytes.Span) is not DecodeResult.Decoded { Module: var module })
        {
            _reasons.Add($"{name}: not a WebAssembly module");
            return null;
        }

        if (ModuleValidator.Validate(module) is not ValidationResult.Valid { Module: var valid })
        {
            _reasons.Add($"{name}: not a valid WebAssembly module");
            return null;
        }

        if (Floor.WhyNot(engine, bundle.Manifest, options) is { } why)
        {
            _reasons.Add($"{name}: {why}");
            return null;
        }

        bool isIsolated = Floor.IsIsolated(bundle.Manifest, options);
        switch (EngineDesk.Load(engine, valid, isIsolated))
        {
            case EngineLoad.Loaded loaded:
                var code = options.Engines?.Add(name, valid, loaded.Code, engine, isIsolated) ?? loaded.Code;
                return new ModuleImage(WithParams(bundle.Manifest), code, bundle.Debug, bundle.Hash)
                    .Narrowed(options.Narrowings);
            case EngineLoad.Refused no:
                _reasons.Add($"{name}: the engine {engine.Name} refuses the module: {no.Reason}");
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private BundleManifest WithParams(BundleManifest manifest)
    {
        var changed = manifest.Params.ToBuilder();
        foreach (var (name, text) in options.Params)
        {
            for (int at = 0; at < changed.Count; at++)
            {
                var param = changed[at];
                if (name == param.Name || name == $"{manifest.Name}.{param.Name}")
                {
                    _used.Add(name);
                    changed[at] = Set(param, name, text);
                }
            }
        }

        return manifest with { Params = changed.ToImmutable() };
    }

    private ParamSpec Set(ParamSpec param, string name, string text)
    {
        var value = new ByteWriter();
        if (ParamText.Read(param, text, value) is { } why)
        {
            _reasons.Add($"--set {name}={text}: {why}");
            return param;
        }

        return param with { Value = [.. value.Written] };
    }
}
