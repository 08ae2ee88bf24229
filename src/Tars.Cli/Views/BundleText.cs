using System.Globalization;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Bundle.Wasm;

namespace Tars.Cli.Views;

/// <summary>A bundle for people: what it is, what it may touch, what it keeps, and what its parts take.</summary>
internal sealed class BundleText(TextWriter output, bool colors)
{
    private readonly Paint _paint = new(colors);

    public void Write(BundleAnswer answer)
    {
        var (bundle, module) = (answer.Bundle, answer.Module);
        (BundlePart Part, Action Write)[] parts =
        [
            (BundlePart.Summary, () => WriteSummary(bundle)),
            (BundlePart.Hash, () => output.WriteLine(bundle.Hash)),
            (BundlePart.Sizes, () => WriteSizes(bundle)),
            (BundlePart.Manifest, () => WriteJson(ManifestJson.WriteManifest(bundle.Manifest))),
            (BundlePart.State, () => WriteJson(ManifestJson.WriteState(bundle.Manifest))),
            (BundlePart.Imports, () => WriteList("imports", module.Imports.Select(import =>
                $"{import.Module}.{import.Name}  {WasmNames.Of(module, import.Type)}"))),
            (BundlePart.Exports, () => WriteList("exports", module.Exports.Select(export =>
                $"{export.Name}  {WasmNames.Of(module, export)}"))),
            (BundlePart.Sites, () => WriteSites(bundle)),
            (BundlePart.Source, () => WriteSources(bundle)),
        ];
        foreach (var (part, write) in parts)
        {
            if (answer.Shows(part))
            {
                write();
            }
        }

        if (answer.ShowsWasm)
        {
            output.Write(ModuleText.Of(module));
        }
    }

    private void WriteJson(byte[] canonical) => output.WriteLine(BundleJson.Spread(canonical));

    private void WriteSummary(BundleFile bundle)
    {
        var manifest = bundle.Manifest;
        output.WriteLine($"{_paint.Bold($"{manifest.Name} {manifest.Version}")}  {Printable.Of(manifest.Summary)}");
        output.WriteLine($"hash     {bundle.Hash}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"size     {bundle.Bytes.Length} bytes"));
        WriteList("modules", manifest.Imports.Select(import =>
            $"{import.Module}: {string.Join(", ", import.Agents.Select(agent => agent.Name))}"));
        WriteList("params", manifest.Params.Select(param => $"{param.Name}: {SchemaText.ForPeople(param.Type)}"));
        WriteList("devices", manifest.Devices.Select(device => $"{device.Name}: {device.Kind}"));
        WriteList("subscribes", manifest.Subscribes.Select(Channel));
        WriteList("publishes", manifest.Publishes.Select(Channel));
        foreach (var agent in manifest.Agents)
        {
            var name = Printable.Of(agent.Name);
            output.WriteLine($"{_paint.Cyan("agent")} {name}  {Printable.Of(agent.Role)}".TrimEnd());
            WriteList("  isolation", agent.Isolation == IsolationFloor.MicroVm ? ["microvm, no less"] : []);
            WriteList("  state", agent.State.Select(field => $"{field.Name}: {SchemaText.ForPeople(field.Type)}"));
            WriteList("  handlers", agent.Handlers.Select(handler =>
                string.Create(CultureInfo.InvariantCulture, $"{NameOf(handler)}  line {handler.Line}")));
        }

        WriteList("tests", manifest.Tests.Select(Printable.Of));
        WriteList("declared, not yet in force", manifest.NotYetInForce.Select(Printable.Of));
    }

    private static string NameOf(HandlerSpec handler) =>
        $"{handler.Kind.ToString().ToLowerInvariant()} {handler.Subject}".TrimEnd();

    private static string Channel(ChannelSpec channel) => $"{channel.Pattern}: {SchemaText.ForPeople(channel.Type)}";

    private void WriteSizes(BundleFile bundle)
    {
        foreach (var section in BundleSize.Of(bundle))
        {
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{section.Bytes,9}  {Printable.Of(section.Name)}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bundle.Bytes.Length,9}  in all"));
    }

    private void WriteSites(BundleFile bundle)
    {
        for (int number = 1; number < bundle.Debug.Sites.Length; number++)
        {
            var site = bundle.Debug.Sites[number];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{number,6}  {bundle.Debug.Files[site.File]}:{site.Start}"));
        }
    }

    private void WriteSources(BundleFile bundle)
    {
        foreach (var source in bundle.Sources)
        {
            output.WriteLine(_paint.Cyan($"# {Printable.Of(source.Name)}"));
            foreach (var line in source.Text.TrimEnd('\n').Split('\n'))
            {
                output.WriteLine(Printable.Of(line));
            }
        }
    }

    private void WriteList(string head, IEnumerable<string> items)
    {
        var all = items.ToList();
        if (all.Count == 0)
        {
            return;
        }

        var indent = head.Length - head.TrimStart().Length;
        output.WriteLine($"{head[..indent]}{_paint.Cyan(head[indent..])}");
        foreach (var item in all)
        {
            output.WriteLine($"{head[..indent]}  {item}");
        }
    }
}
