using System.Collections.Immutable;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads <c>capabilities</c> and <c>implements</c>.</summary>
internal sealed class CapabilityReader(CodeReader code)
{
    private ModuleScope Module => code.Module;

    /// <summary>The names of the devices alone: the names of other things are compared with them.</summary>
    public void Declare(YamlNode? capabilities)
    {
        Module.Symbol.Subscribes = Channels(capabilities.Get("subscribe"));
        Module.Symbol.Publishes = Channels(capabilities.Get("publish"));
        Module.Symbol.ShortestTimer = capabilities.Get("timers").Get("shortest").Duration();
        Module.Symbol.Serves = [.. capabilities.Get("serve").Items().Select(ServedPath)];
        foreach (YamlEntry entry in capabilities.Get("devices").Entries())
        {
            DeclareDevice(entry);
        }
    }

    /// <summary>Once the agents are known.</summary>
    public void DeclareSpawns(YamlNode? spawns)
    {
        foreach (YamlEntry entry in spawns.Entries())
        {
            string name = entry.Key.Value;
            AgentScope? agent = Module.FindAgent(name);
            if (agent is null && !Module.MayBeLost(name))
            {
                code.Report(Report.NoSuchTarget(
                    entry.Key.Span, $"no agent `{name}`", NearestName.Mend(name, Module.AgentNames)));
                continue;
            }

            int count = entry.Value.Count() ?? 1;
            if (count < 1)
            {
                code.Report(Report.NotInRange(entry.Value.Span, entry.Value.Text(), "1 and above"));
                count = 1;
            }

            name = agent is null ? name : Module.NameOf(agent.Symbol);
            if (!Module.Spawns.TryAdd(name, Module.Symbol.Spawns.Length))
            {
                code.Report(Report.NameTaken(entry.Key.Span, entry.Key.Value, "in this list, by its other name"));
                continue;
            }

            Module.Symbol.Spawns = Module.Symbol.Spawns.Add(new SpawnSpec(name, count));
        }
    }

    /// <summary>
    /// Declares the types of the interfaces that the module offers and uses, so that its own types can be compared
    /// with them.
    /// </summary>
    public void DeclareInterfaces(YamlNode? implements, YamlNode? devices)
    {
        var kinds = devices.Entries().Select(entry => KindOf(entry.Value)).Prepend(KindOf(implements))
            .Select(kind => InterfaceKinds.Find(kind));
        foreach (SchemaType type in kinds.SelectMany(kind => kind?.Types ?? []))
        {
            LangType symbol = BuiltInSymbols.FromSchema(type, marker: null, CoreTypes.Unit);
            Module.InterfaceTypes[TypeText.Of(symbol)] = symbol;
        }
    }

    /// <summary>
    /// The interface as code sees it, with the module's own type for <c>value:</c>; null without one.
    /// </summary>
    public DeviceScope? Interface(YamlNode? implements)
    {
        if (implements is null || ReadDevice(implements, KindOf(implements), "") is not DeviceSymbol symbol)
        {
            return null;
        }

        Module.Symbol.Implements = symbol.Kind;
        return DeviceScope.Of(symbol);
    }

    private static string KindOf(YamlNode? node) =>
        node is YamlNode.Scalar scalar ? scalar.Value : node.Get("kind").Text();

    private ImmutableArray<ChannelSymbol> Channels(YamlNode? node) =>
    [
        .. node.Entries().Select(entry => new ChannelSymbol(
            entry.Key.Value, code.Type(entry.Value, TypePlace.Plain), entry.Key.Span)),
    ];

    private string ServedPath(YamlNode node)
    {
        string path = node.Text();
        if (node is YamlNode.Scalar && !path.StartsWith('/'))
        {
            code.Report(Report.NotALiteral(node.Span, path, "path", "begin it with `/`"));
        }

        return path;
    }

    private void DeclareDevice(YamlEntry entry)
    {
        string name = entry.Key.Value;
        if (ReadDevice(entry.Value, KindOf(entry.Value), name) is not DeviceSymbol symbol)
        {
            Module.Complaints.Recovery.Declare(name);
            return;
        }

        symbol = symbol with { Span = entry.Key.Span };
        if (Module.WhatIs(name) is string what)
        {
            code.Report(Report.NameTaken(entry.Key.Span, name, what));
        }

        Module.Devices[name] = DeviceScope.Of(symbol);
        Module.Symbol.Devices = Module.Symbol.Devices.Add(symbol);
    }

    private DeviceSymbol? ReadDevice(YamlNode node, string kindName, string name)
    {
        if (InterfaceKinds.Find(kindName) is not InterfaceKind kind)
        {
            return null;
        }

        LangType? value = node.Get("value") is YamlNode written ? code.Type(written, TypePlace.Plain) : null;
        if (kind.TakesValue && value is null)
        {
            code.Report(Report.MissingKey(node.Span, $"a device of kind `{kindName}`", "value"));
            value = CoreTypes.Error;
        }

        var options = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (YamlEntry option in node.Entries().Where(one => one.Key.Value is not "kind"))
        {
            string key = option.Key.Value;
            if (key == "value" ? !kind.TakesValue : !kind.Options.Contains(key))
            {
                code.Report(Report.KeyNotHere(option.Key.Span, key, $"a device of kind `{kindName}`"));
            }
            else if (key != "value")
            {
                options.Add(KeyValuePair.Create(key, TextOf(option.Value)));
                CheckOrigins(key, option.Value);
            }
        }

        InterfaceKind whole = value is null || value.IsBad()
            ? kind
            : InterfaceKinds.Find(kindName, SchemaOf.Type(value))!;
        return new DeviceSymbol(name, whole, value, options.ToImmutable(), node.Span);
    }

    // What is no address could never be granted.
    private void CheckOrigins(string key, YamlNode value)
    {
        foreach (var host in key == "hosts" ? value.Items().Where(one => Origins.Of(one.Text()) is null) : [])
        {
            code.Report(Report.WrongKindOfValue(
                host.Span, host.Text(), "an address with its scheme, such as `https://example.com`"));
        }
    }

    private static string TextOf(YamlNode node) =>
        node is YamlNode.Sequence ? string.Join(' ', node.Items().Select(item => item.Text())) : node.Text();
}
