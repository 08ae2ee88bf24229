using System.Collections.Immutable;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>Whether a version changes code that nothing which judges it runs.</summary>
/// <remarks>
/// A handler counts as run when it committed in a `train` or `validation` scenario; a procedure, function or template
/// when what counts as run names it, or an initial value, a default, a test, an expectation or another judge does.
/// Rather too much counts than too little: that a branch is taken is not asked.
/// </remarks>
internal sealed class UntriedCode
{
    private const string HandlersKey = "handlers";

    private static readonly string[] _called = ["functions", "procedures"];

    // Where a person alone names functions.
    private static readonly string[] _judges = ["tests", "scenarios", "metrics", "invariants", "reflection"];

    private readonly YamlNode _root;
    private readonly Dictionary<string, Body> _bodies;
    private readonly List<YamlNode.Scalar> _asked = [];
    private readonly HashSet<string> _run;

    private UntriedCode(YamlNode root, Evaluation evaluation)
    {
        _root = root;
        _bodies = new Dictionary<string, Body>(StringComparer.Ordinal);
        Gather("", root, KeyTable.Root);
        var events = _bodies.Keys.ToLookup(Plain, StringComparer.Ordinal);
        _run = [.. evaluation.Runs.SelectMany(one => one.Outcome.Handled).Select(PathOf)
            .SelectMany(path => events[Plain(path)])];
        if (DocumentRules.Find(root, "scenarios") is YamlNode.Sequence scenarios
            && scenarios.Items.Any(one => DocumentRules.Find(one.Value, "begins_as") is not null))
        {
            // It ran, or the run is void.
            _run.UnionWith(_bodies.Keys.Where(IsMigrate));
        }

        Follow();
    }

    /// <summary>Empty when there is none; else the paths.</summary>
    /// <param name="frozen">Paths that stay; what ran of them before has to run still.</param>
    public static string WhyNot(
        YamlNode before, Evaluation was, YamlNode after, Evaluation now, ImmutableArray<string> frozen)
    {
        var old = new UntriedCode(before, was);
        var current = new UntriedCode(after, now);
        var untried = current._bodies
            .Where(one => !current._run.Contains(one.Key)
                && !(old._bodies.TryGetValue(one.Key, out var body)
                    && CodeForm.IsSame(body.Text, one.Value.Text, body.Reading)))
            .Select(one => $"{one.Key} is changed, and no scenario runs it");
        var lost = old._run
            .Where(path => current._bodies.ContainsKey(path) && !current._run.Contains(path)
                && frozen.Any(one => path == one || path.StartsWith(one + ".", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal).Select(path => $"{path} is frozen, and no scenario runs it any more");
        return string.Join("; ", untried.Concat(lost));
    }

    // Code that events and calls run, by its path, and what else may name a function: it is worked out without a call.
    private void Gather(string path, YamlNode node, KeyShape shape)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                foreach (var entry in mapping.Entries)
                {
                    Gather(
                        DocumentPath.Below(path, entry.Key.Value), entry.Value, Shapes.ValueOf(shape, mapping, entry));
                }

                break;
            case YamlNode.Sequence list:
                _asked.AddRange(list.Items.Select(one => one.Value).OfType<YamlNode.Scalar>()
                    .Where(_ => Shapes.ItemOf(shape, list) is KeyShape.Scalar { Reading: Reading.Expression }));
                break;
            case YamlNode.Scalar scalar
                when shape is KeyShape.Scalar { Reading: (Reading.Code or Reading.Template) and var reading }:
                _bodies.Add(path, new Body(scalar, reading));
                break;
            case YamlNode.Scalar scalar when shape is KeyShape.Scalar { Reading: Reading.Declaration }:
                _asked.Add(scalar);
                break;
        }
    }

    // Its version may hold points.
    private static bool IsMigrate(string path) =>
        $".{path}".Contains($".{HandlersKey}.migrate:", StringComparison.Ordinal);

    // As a run tells of it: `agent: event`.
    private string PathOf(string handled)
    {
        int end = handled.IndexOf(": ", StringComparison.Ordinal);
        string at = $"{HandlersKey}.{DocumentPath.Part(handled[(end + 2)..])}.do";
        return DocumentRules.Find(_root, HandlersKey) is null ? $"agentic.agents.{handled[..end]}.{at}" : at;
    }

    // A run tells of a segment that binds text without its name.
    private static string Plain(string path) => string.Join(
        '/', path.Split('/').Select(one => one.IndexOf('{', StringComparison.Ordinal) is >= 0 and var start
            && one.IndexOf('}', StringComparison.Ordinal) is var end && end > start
                ? $"{one[..start]}+{one[(end + 1)..]}"
                : one));

    // From what runs to what it calls, however many lie between.
    private void Follow()
    {
        var callable = _bodies.Keys.Where(path => PartsOf(path) is [.., var section, _, "do" or "text"]
            && Array.IndexOf(_called, section) >= 0).ToLookup(path => PartsOf(path)[^2]);
        var waiting = new Stack<string>(
            _judges.SelectMany(key => Words(DocumentRules.Find(_root, key)))
                .Concat(_asked.SelectMany(CodeForm.WordsOf))
                .Concat(_run.Where(_bodies.ContainsKey).SelectMany(path => _bodies[path].Names())));
        while (waiting.TryPop(out string? name))
        {
            foreach (string path in callable[name].Where(_run.Add))
            {
                foreach (string next in _bodies[path].Names())
                {
                    waiting.Push(next);
                }
            }
        }
    }

    private static string[] PartsOf(string path) => path.Split('.');

    private static IEnumerable<string> Words(YamlNode? node) => node switch
    {
        YamlNode.Scalar scalar => CodeForm.WordsOf(scalar),
        YamlNode.Mapping mapping => mapping.Entries.SelectMany(one => Words(one.Value)),
        YamlNode.Sequence list => list.Items.SelectMany(one => Words(one.Value)),
        _ => [],
    };

    private sealed record Body(YamlNode.Scalar Text, Reading Reading)
    {
        // Holes of texts are seen by the tree alone, and procedures that are asked by their word.
        public IEnumerable<string> Names() => Reading == Reading.Template
            ? CodeParser.ParseTemplate(Text.Slice, new DiagnosticBag()).Parts.OfType<TextPart.Hole>()
                .SelectMany(hole => DocumentRules.NamesIn(CodeTree.Of(hole.Value)))
            : CodeForm.WordsOf(Text)
                .Concat(DocumentRules.NamesIn(CodeTree.Of(CodeParser.ParseBody(Text.Slice, new DiagnosticBag()))));
    }
}
