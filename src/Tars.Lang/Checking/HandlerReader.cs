using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads <c>handlers</c>: which events they handle and what each brings.</summary>
internal sealed class HandlerReader(CodeReader code, AgentScope agent)
{
    private readonly Dictionary<HandlerSymbol, Block> _bodies = new(ReferenceEqualityComparer.Instance);
    private readonly List<HandlerSymbol> _handlers = [];
    private readonly Dictionary<string, HandlerSymbol> _exact = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string[], HandlerSymbol>> _messages = [];

    private ModuleScope Module => code.Module;

    public Block BodyOf(HandlerSymbol handler) => _bodies[handler];

    public void Declare(YamlNode? handlers)
    {
        foreach (YamlEntry entry in handlers.Entries())
        {
            EventSyntax happening = EventParser.Parse(entry.Key.Slice, code.Bag);
            if (happening is EventSyntax.Missing || Read(entry, happening) is not HandlerSymbol handler)
            {
                Module.Complaints.Recovery.LostDeclarations(entry.Key.Span);
                Module.Complaints.Recovery.Mention(entry.Value.Span);
                continue;
            }

            CheckKeys(entry, handler.Kind);
            CheckCode(entry.Value);
            CheckOverlap(handler);
            _bodies[handler] = code.Body(entry.Value.Get("do"));
            _handlers.Add(handler);
            if (handler.Kind == HandlerKind.Ask)
            {
                agent.Asks[handler.Subject] = handler;
            }
            else if (handler.Kind == HandlerKind.Timer)
            {
                agent.Timers[handler.Subject] = handler;
            }
        }

        agent.Symbol.Handlers = [.. _handlers];
    }

    private HandlerSymbol? Read(YamlEntry entry, EventSyntax happening) => happening switch
    {
        EventSyntax.Start => Make(HandlerKind.Start, "", entry, []),
        EventSyntax.Stop => Make(HandlerKind.Stop, "", entry, []),
        EventSyntax.Timer timer => Make(HandlerKind.Timer, timer.Name.Text, entry, []),
        EventSyntax.Ask ask => ReadAsk(entry, ask),
        EventSyntax.Message message => ReadMessage(entry, message),
        EventSyntax.Exit exit => ReadExit(entry, exit),
        EventSyntax.Http http => ReadHttp(entry, http),
        EventSyntax.Device device => ReadDevice(entry, device),
        EventSyntax.Migrate migrate => ReadMigrate(entry, migrate),
        EventSyntax.Refused refused => Make(
            HandlerKind.Refused, "", entry, [Bound(refused.Bind, new LangType.Record(BuiltInSymbols.Refusal))]),
        _ => null,
    };

    private HandlerSymbol Make(
        HandlerKind kind, string subject, YamlEntry entry, ImmutableArray<LocalSymbol> parameters) =>
        new(kind, subject, _handlers.Count, entry.Key.Span) { Parameters = parameters };

    private static LocalSymbol Bound(Identifier name, LangType type) =>
        new(name.Text, type, mutable: false, name.Span);

    private static IEnumerable<LocalSymbol> Captures(PathPattern pattern) => pattern.Segments
        .OfType<PathSegment.Capture>()
        .Select(capture => Bound(capture.Name, CoreTypes.Text));

    private HandlerSymbol ReadAsk(YamlEntry entry, EventSyntax.Ask ask)
    {
        HandlerSymbol handler = Make(
            HandlerKind.Ask, ask.Name.Text, entry, code.Parameters(entry.Value.Get("with")));
        handler.Returns = code.Type(entry.Value.Get("returns"), TypePlace.Plain);
        return handler;
    }

    private HandlerSymbol ReadMessage(YamlEntry entry, EventSyntax.Message message)
    {
        string pattern = string.Join('/', message.Channel.Segments.Select(segment =>
            segment is PathSegment.Literal literal ? literal.Text : ChannelPattern.AnySegment));
        LangType type = CoreTypes.Error;
        if (ChannelPattern.Find(Module.Symbol.Subscribes, pattern) is int place)
        {
            ChannelSymbol channel = Module.Symbol.Subscribes[place];
            Module.Usage.Mark(channel);
            type = channel.Type;
        }
        else if (!Module.Complaints.Recovery.MayBeDeclared(pattern.Split('/')[^1]))
        {
            string nearest = NearestName.Of(pattern, Module.Symbol.Subscribes.Select(one => one.Pattern));
            Module.Complaints.Recovery.Mention(nearest);
            code.Report(Report.ChannelNotDeclared(
                entry.Key.Span, pattern, "subscribe", nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        return Make(HandlerKind.Message, pattern, entry, [Bound(message.Bind, type), .. Captures(message.Channel)]);
    }

    private HandlerSymbol ReadExit(YamlEntry entry, EventSyntax.Exit exit)
    {
        LangType type = CoreTypes.Error;
        AgentScope? child = Module.FindAgent(exit.Agent.Text);
        if (child is not null)
        {
            type = new LangType.Record(child.Exit);
        }
        else if (!Module.MayBeLost(exit.Agent.Text))
        {
            string nearest = NearestName.Of(exit.Agent.Text, Module.AgentNames);
            code.Report(Report.NoSuchTarget(
                exit.Agent.Span,
                $"no agent `{exit.Agent.Text}`",
                nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        string subject = child is null ? exit.Agent.Text : Module.NameOf(child.Symbol);
        return Make(HandlerKind.Exit, subject, entry, [Bound(exit.Bind, type)]);
    }

    private HandlerSymbol ReadHttp(YamlEntry entry, EventSyntax.Http http)
    {
        string path = string.Concat(http.Path.Segments.Select(segment =>
            segment is PathSegment.Capture capture
                ? $"/{{{capture.Name.Text}}}"
                : $"/{((PathSegment.Literal)segment).Text}"));
        path = path.Length == 0 ? "/" : path;
        if (!Module.Symbol.Serves.Any(prefix => IsServed(prefix, path))
            && !Module.Complaints.Recovery.MayBeDeclared("serve"))
        {
            code.Report(Report.PathNotServed(http.Path.Span, path));
        }

        var request = Bound(http.Bind, new LangType.Record(BuiltInSymbols.Request));
        HandlerSymbol handler = Make(
            HandlerKind.Http, $"{http.Method.Text} {path}", entry, [request, .. Captures(http.Path)]);
        handler.Returns = new LangType.Record(BuiltInSymbols.Response);
        return handler;
    }

    private static bool IsServed(string prefix, string path)
    {
        string whole = prefix.TrimEnd('/');
        return path == whole || path.StartsWith(whole + "/", StringComparison.Ordinal);
    }

    private HandlerSymbol ReadDevice(YamlEntry entry, EventSyntax.Device device)
    {
        LangType type = CoreTypes.Error;
        if (Module.Devices.TryGetValue(device.Name.Text, out DeviceScope? scope))
        {
            Module.Usage.Mark(scope.Symbol);
            type = scope.Event ?? CoreTypes.Error;
            if (scope.Event is null && !scope.Symbol.Kind.Reserved)
            {
                code.Report(Report.DeviceBringsNothing(
                    device.Name.Span, device.Name.Text, scope.Symbol.Kind.Name));
            }
        }
        else if (!Module.Complaints.Recovery.MayBeDeclared(device.Name.Text))
        {
            string nearest = NearestName.Of(device.Name.Text, Module.Devices.Keys);
            Module.Complaints.Recovery.Mention(nearest);
            code.Report(Report.DeviceNotDeclared(
                device.Name.Span, device.Name.Text, nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        return Make(HandlerKind.Device, device.Name.Text, entry, [Bound(device.Bind, type)]);
    }

    /// <summary>What the old version held, as one record.</summary>
    private HandlerSymbol ReadMigrate(YamlEntry entry, EventSyntax.Migrate migrate)
    {
        var old = new RecordSymbol(Module.Symbol.Name, $"the state of version {migrate.Version.Text}", entry.Key.Span)
        {
            Fields =
            [
                .. code.Parameters(entry.Value.Get("with")).Select(field =>
                    new FieldSymbol(field.Name, field.Type, Default: null, field.Span)),
            ],
        };
        return Make(
            HandlerKind.Migrate, migrate.Version.Text, entry, [Bound(migrate.Bind, new LangType.Record(old))]);
    }

    private void CheckKeys(YamlEntry entry, HandlerKind kind)
    {
        foreach (YamlEntry key in entry.Value.Entries())
        {
            bool belongs = key.Key.Value switch
            {
                "with" => kind is HandlerKind.Ask or HandlerKind.Migrate,
                "returns" => kind is HandlerKind.Ask,
                _ => true,
            };
            if (!belongs)
            {
                code.Report(Report.KeyNotHere(
                    key.Key.Span, key.Key.Value, $"a handler `{kind.ToString().ToLowerInvariant()}`"));
            }
        }
    }

    // Of an interface the code stands elsewhere; everywhere else a handler without code is a slip.
    private void CheckCode(YamlNode handler)
    {
        YamlEntry? body = handler.Entries().FirstOrDefault(entry => entry.Key.Value == "do");
        if (Module.Symbol.IsForeign && body is not null)
        {
            code.Report(Report.KeyNotHere(body.Key.Span, "do", "a module with `code: wasm`"));
        }
        else if (!Module.Symbol.IsForeign && body is null && handler is YamlNode.Mapping mapping
            && !Module.Complaints.Recovery.MayBeDeclared("do"))
        {
            TextSpan head = mapping.Entries.IsEmpty ? mapping.Span : mapping.Entries[0].Key.Span;
            code.Bag.Add(Report.MissingKey(head, "this handler", "do"));
        }
    }

    private void CheckOverlap(HandlerSymbol handler)
    {
        HandlerSymbol? twin;
        if (handler.Kind == HandlerKind.Message)
        {
            string[] segments = handler.Subject.Split('/');
            twin = _messages.Find(other => ChannelPattern.Overlap(other.Key, segments)).Value;
            _messages.Add(KeyValuePair.Create(segments, handler));
        }
        else if (!_exact.TryGetValue(ShapeOf(handler), out twin))
        {
            _exact.Add(ShapeOf(handler), handler);
        }

        if (twin is not null)
        {
            code.Report(Report.OverlappingPatterns(
                handler.Span, Module.Source.Text[twin.Span.Start..twin.Span.End], twin.Span));
        }
    }

    // Of HTTP a literal segment beats a capture, so only routes of one shape are in each other's way.
    private static string ShapeOf(HandlerSymbol handler)
    {
        string subject = handler.Kind != HandlerKind.Http
            ? handler.Subject
            : string.Join('/', handler.Subject.Split('/').Select(segment => segment.StartsWith('{') ? "{}" : segment));
        return $"{handler.Kind} {subject}";
    }
}
