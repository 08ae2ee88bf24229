using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads the steps of one scenario: a stimulus, when it comes, and what is expected of its answer.</summary>
internal sealed class StepReader(
    CodeReader code, DataReader data, ExpectationScope scope, ModuleScope? beginsAs)
{
    private static readonly string[] _stimuli = ["publish", "device", "ask", "http", "set", "crash", "swap"];

    // What else may stand beside each stimulus.
    private static readonly Dictionary<string, string[]> _companions = new(StringComparer.Ordinal)
    {
        ["publish"] = ["value"],
        ["device"] = ["value"],
        ["ask"] = ["with", "expect", "fails"],
        ["http"] = ["headers", "body", "expect"],
        ["set"] = ["value"],
        ["crash"] = [],
        ["swap"] = [],
    };

    private ModuleScope Module => code.Module;

    /// <summary>Null where it does not say what is done, which is reported.</summary>
    public CheckedStep? Read(YamlNode node)
    {
        var keys = node.Entries().Where(entry => Array.IndexOf(_stimuli, entry.Key.Value) >= 0).ToList();
        if (keys.Count != 1)
        {
            ReportCount(node, keys);
            return null;
        }

        YamlEntry stimulus = keys[0];
        CheckCompanions(node, stimulus.Key.Value);
        LocalSymbol? answer = null;
        Stimulus? read = stimulus.Key.Value switch
        {
            "publish" => ReadPublish(stimulus.Value, node),
            "device" => ReadDevice(stimulus.Value, node),
            "ask" => ReadAsk(stimulus.Value, node, ref answer),
            "http" => ReadHttp(stimulus.Value, node, ref answer),
            "set" => ReadSet(stimulus.Value, node),
            "crash" => ReadCrash(stimulus.Value),
            _ => ReadSwap(stimulus.Key),
        };
        CheckedExpectation? expect = node.Get("expect") is YamlNode.Scalar condition
            ? Expect(condition, answer)
            : null;
        long at = node.Get("at").Duration() ?? 0;
        var (every, until) = ReadRepeat(node, at);
        return read is null
            ? null
            : new CheckedStep(at, every, until, read, expect, node.Get("fails").Text(), node.Span);
    }

    public CheckedExpectation Expect(YamlNode.Scalar condition, LocalSymbol? answer)
    {
        var binder = new BodyBinder(Module, agent: null, CodeKind.Expectation) { Expectation = scope };
        if (answer is not null)
        {
            binder.DeclareGiven(answer);
        }

        BoundExpr bound = binder.BindValue(code.Expression(condition), CoreTypes.Bool);
        return new CheckedExpectation(bound, answer, condition.Value, condition.Span);
    }

    private void ReportCount(YamlNode node, List<YamlEntry> keys)
    {
        if (node is YamlNode.Mapping { Entries: [var first, ..] } mapping
            && !mapping.Entries.Any(entry => entry.Value is YamlNode.Missing { IsReported: true })
            && !Module.Complaints.IsWrong(first.Key.Span))
        {
            code.Report(Report.StepForm(
                keys.Count == 0 ? first.Key.Span : keys[1].Key.Span,
                keys.Count == 0 ? "this step does nothing" : "this step does two things",
                $"write one of: {string.Join(", ", _stimuli)}"));
        }
    }

    private void CheckCompanions(YamlNode node, string stimulus)
    {
        string[] allowed = _companions[stimulus];
        foreach (YamlEntry entry in node.Entries())
        {
            string key = entry.Key.Value;
            bool isCommon = key is "at" or "every" or "until" || key == stimulus;
            if (!isCommon && Array.IndexOf(allowed, key) < 0)
            {
                code.Report(Report.KeyNotHere(entry.Key.Span, key, $"a step with `{stimulus}`"));
            }
        }

        if (allowed.Contains("value") && node.Get("value") is null
            && !Module.Complaints.Recovery.MayBeDeclared("value"))
        {
            code.Report(Report.MissingKey(node.Entries()[0].Key.Span, $"a step with `{stimulus}`", "value"));
        }

        if (node.Get("expect") is not null && node.Get("fails") is YamlNode fails)
        {
            code.Report(Report.KeyNotHere(fails.Span, "fails", "a step with `expect`"));
        }
    }

    private (long? Every, long Until) ReadRepeat(YamlNode node, long at)
    {
        YamlNode? every = node.Get("every");
        YamlNode? until = node.Get("until");
        if ((every is null) != (until is null))
        {
            YamlNode only = every ?? until!;
            code.Report(Report.StepForm(
                only.Span, "`every` and `until` belong together", "write both, or neither"));
            return (null, at);
        }

        if (every.Duration() == 0)
        {
            code.Report(Report.NotInRange(every!.Span, every.Text(), "above 0"));
            return (null, at);
        }

        if (until.Duration() is long end && end < at)
        {
            code.Report(Report.NotInRange(until!.Span, until.Text(), "from `at` on"));
            return (null, at);
        }

        return (every.Duration(), until.Duration() ?? at);
    }

    private Stimulus.Publish? ReadPublish(YamlNode channel, YamlNode node)
    {
        if (channel is not YamlNode.Scalar scalar)
        {
            return null;
        }

        // A version that the scenario begins with may listen to what this one no longer does.
        ModuleScope?[] listeners = [Module, beginsAs, .. scope.Environment.Values];
        ChannelSymbol? found = listeners
            .Where(module => module is not null)
            .Select(module => ChannelPattern.Find(module!.Symbol.Subscribes, scalar.Value) is int place
                ? module.Symbol.Subscribes[place]
                : null)
            .FirstOrDefault(symbol => symbol is not null);
        if (found is null || scalar.Value.Contains(ChannelPattern.AnySegment, StringComparison.Ordinal))
        {
            if (!Module.Complaints.Recovery.MayBeDeclared(scalar.Value.Split('/')[^1]))
            {
                code.Report(Report.NoSuchThing(
                    scalar.Span,
                    $"nobody here subscribes to `{scalar.Value}`",
                    NearestName.Mend(scalar.Value, Module.Symbol.Subscribes.Select(one => one.Pattern))));
            }

            return null;
        }

        return new Stimulus.Publish(scalar.Value, found.Type, Value(node, found.Type));
    }

    private BoundExpr Value(YamlNode node, LangType type) => node.Get("value") is YamlNode value
        ? data.Read(value, type)
        : new BoundExpr.Bad(node.Span);

    private Stimulus.Device? ReadDevice(YamlNode named, YamlNode node)
    {
        if (Find(named, Module.Devices, "device") is not DeviceScope device)
        {
            return null;
        }

        if (device.Event is LangType type)
        {
            return new Stimulus.Device(device.Symbol.Name, type, Value(node, type));
        }

        if (!device.Symbol.Kind.Reserved)
        {
            code.Report(Report.NoSuchThing(
                named.Span,
                $"a device of kind `{device.Symbol.Kind.Name}` brings nothing",
                "set the answers of its twin under `devices`"));
        }

        return null;
    }

    private Stimulus.Ask? ReadAsk(YamlNode named, YamlNode node, ref LocalSymbol? answer)
    {
        int cut = named.Text().IndexOf('.', StringComparison.Ordinal);
        string name = cut < 0 ? "" : named.Text()[..cut];
        string operation = named.Text()[(cut + 1)..];
        HandlerSymbol? handler = null;
        if (Module.Agents.TryGetValue(name, out AgentScope? agent))
        {
            agent.Asks.TryGetValue(operation, out handler);
        }

        if (agent is null || handler is null)
        {
            answer = new LocalSymbol("answer", CoreTypes.Error, mutable: false, named.Span);
            if (named is YamlNode.Scalar && !Module.Complaints.Recovery.MayBeDeclared(operation)
                && (cut < 0 || !Module.Complaints.Recovery.MayBeDeclared(name)))
            {
                var known = Module.Agents.Values.SelectMany(one =>
                    one.Asks.Keys.Select(ask => $"{one.Symbol.Name}.{ask}"));
                code.Report(Report.NoSuchThing(
                    named.Span,
                    $"no ask `{named.Text()}`",
                    cut < 0 ? "write `AGENT.NAME`" : NearestName.Mend(named.Text(), known)));
            }

            return null;
        }

        if (agent.Symbol.Starts != AgentStart.WithModule)
        {
            code.Report(Report.ManyProcesses(named.Span, name));
        }

        answer = new LocalSymbol("answer", handler.Returns, mutable: false, named.Span);
        return new Stimulus.Ask(agent.Symbol, handler, Arguments(node, handler));
    }

    private ImmutableArray<BoundExpr> Arguments(YamlNode node, HandlerSymbol handler)
    {
        YamlNode? with = node.Get("with");
        foreach (YamlEntry entry in with.Entries())
        {
            if (handler.Parameters.All(parameter => parameter.Name != entry.Key.Value))
            {
                code.Report(Report.NoSuchThing(
                    entry.Key.Span,
                    $"`ask {handler.Subject}` has no argument `{entry.Key.Value}`",
                    NearestName.Mend(entry.Key.Value, handler.Parameters.Select(one => one.Name))));
            }
        }

        var values = ImmutableArray.CreateBuilder<BoundExpr>();
        foreach (LocalSymbol parameter in handler.Parameters)
        {
            if (with.Get(parameter.Name) is YamlNode value)
            {
                values.Add(data.Read(value, parameter.Type));
                continue;
            }

            if (parameter.Type is LangType.Optional)
            {
                values.Add(new BoundExpr.None(parameter.Type, node.Span));
                continue;
            }

            YamlNode at = with ?? node;
            code.Report(at.Span, Report.MissingKey(
                node.Entries()[0].Key.Span, $"the ask of `{handler.Subject}`", parameter.Name));
            values.Add(new BoundExpr.Bad(node.Span));
        }

        return values.ToImmutable();
    }

    private Stimulus.Http? ReadHttp(YamlNode request, YamlNode node, ref LocalSymbol? answer)
    {
        answer = new LocalSymbol(
            "response", new LangType.Record(BuiltInSymbols.Response), mutable: false, request.Span);
        string[] words = request.Text().Split(' ');
        bool isRequest = words.Length == 2 && words[0].All(char.IsAsciiLetterUpper) && words[1].StartsWith('/');
        if (!isRequest)
        {
            if (request is YamlNode.Scalar)
            {
                code.Report(Report.StepForm(
                    request.Span, $"`{request.Text()}` is not a request", "write `METHOD /path`"));
            }

            return null;
        }

        if (Module.Symbol.Serves.IsEmpty && !Module.Complaints.Recovery.MayBeDeclared("serve"))
        {
            code.Report(Report.NoSuchThing(request.Span, "this module serves no requests", "add `capabilities.serve`"));
        }

        if (node.Get("headers") is { } headers and not (YamlNode.Mapping or YamlNode.Missing))
        {
            code.Report(Report.WrongKindOfValue(headers.Span, "headers", "a mapping of name to value"));
        }

        return new Stimulus.Http(
            words[0],
            words[1],
            [.. node.Get("headers").Entries().Select(one => KeyValuePair.Create(one.Key.Value, one.Value.Text()))],
            node.Get("body").Text());
    }

    private Stimulus.Set? ReadSet(YamlNode named, YamlNode node)
    {
        string[] parts = named.Text().Split('.');
        if (parts is [var alone] && Module.Params.ContainsKey(alone))
        {
            parts = [Module.Symbol.Name, alone]; // As in `params` of the scenario.
        }

        if (parts is [var module, var name] && module == Module.Symbol.Name
            && Module.Params.TryGetValue(name, out ParamSymbol? param))
        {
            Module.Usage.Mark(param);
            return new Stimulus.Set(Module.Symbol.Name, param, Value(node, param.Type));
        }

        if (scope.ParamOf(named.Text()) is var (world, weather))
        {
            return new Stimulus.Set(scope.Environment[world]!.Symbol.Name, weather, Value(node, weather.Type));
        }

        if (named is YamlNode.Scalar && !scope.MayBeParam(named.Text())
            && !Module.Complaints.Recovery.MayBeDeclared(parts[^1]))
        {
            var known = Module.Params.Keys.Select(one => $"{Module.Symbol.Name}.{one}").Concat(scope.Params);
            code.Report(Report.NoSuchThing(
                named.Span, $"no param `{named.Text()}`", NearestName.Mend(named.Text(), known)));
        }

        return null;
    }

    private Stimulus.Crash? ReadCrash(YamlNode named) =>
        Find(named, Module.Agents, "agent") is AgentScope agent ? new Stimulus.Crash(agent.Symbol) : null;

    private Stimulus.Swap? ReadSwap(YamlNode.Scalar key)
    {
        if (beginsAs is not null || Module.Complaints.Recovery.MayBeDeclared("begins_as"))
        {
            return new Stimulus.Swap();
        }

        code.Report(Report.StepForm(
            key.Span, "there is nothing to swap", "say with `begins_as` which version was there before"));
        return null;
    }

    private TScope? Find<TScope>(YamlNode named, Dictionary<string, TScope> known, string what)
        where TScope : class
    {
        if (named is not YamlNode.Scalar scalar)
        {
            return null;
        }

        if (known.TryGetValue(scalar.Value, out TScope? found))
        {
            return found;
        }

        if (!Module.Complaints.Recovery.MayBeDeclared(scalar.Value))
        {
            code.Report(Report.NoSuchThing(
                scalar.Span, $"no {what} `{scalar.Value}`", NearestName.Mend(scalar.Value, known.Keys)));
        }

        return null;
    }
}
