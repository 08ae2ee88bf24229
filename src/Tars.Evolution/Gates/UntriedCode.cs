using System.Collections.Immutable;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>Whether a version changes code that nothing which judges it runs.</summary>
/// <remarks>
/// A handler counts as run when it committed in a `train` or `validation` scenario; a procedure or function when what
/// counts as run names it, or a test, an expectation or another judge does. Rather too much counts than too little:
/// that a branch is taken is not asked.
/// </remarks>
internal sealed class UntriedCode
{
    private const string HandlersKey = "handlers";
    private const string Migrate = "migrate";

    private static readonly string[] _called = ["functions", "procedures"];

    // Where a person alone names functions.
    private static readonly string[] _judges = ["tests", "scenarios", "metrics", "invariants", "reflection"];

    private readonly YamlNode _root;
    private readonly Dictionary<string, YamlNode.Scalar> _bodies;
    private readonly HashSet<string> _run;

    private UntriedCode(YamlNode root, Evaluation evaluation)
    {
        _root = root;
        _bodies = DocumentRules.Bodies("", root, KeyTable.Root).ToDictionary(one => one.Path, one => one.Code);
        _run = [.. evaluation.Runs.SelectMany(one => one.Outcome.Handled).Select(PathOf)];
        if (DocumentRules.Find(root, "scenarios") is YamlNode.Sequence scenarios
            && scenarios.Items.Any(one => DocumentRules.Find(one.Value, "begins_as") is not null))
        {
            // It ran, or the run is void.
            _run.UnionWith(_bodies.Keys.Where(path => PartsOf(path) is [.., Migrate, _]));
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
                && !(old._bodies.TryGetValue(one.Key, out var code) && CodeForm.IsSame(code, one.Value, Reading.Code)))
            .Select(one => $"{one.Key} is changed, and no scenario runs it");
        var lost = old._run
            .Where(path => current._bodies.ContainsKey(path) && !current._run.Contains(path)
                && frozen.Any(one => path == one || path.StartsWith(one + ".", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal).Select(path => $"{path} is frozen, and no scenario runs it any more");
        return string.Join("; ", untried.Concat(lost));
    }

    // As a run tells of it: `agent: event`.
    private string PathOf(string handled)
    {
        int end = handled.IndexOf(": ", StringComparison.Ordinal);
        string at = $"{HandlersKey}.{DocumentPath.Part(handled[(end + 2)..])}.do";
        return DocumentRules.Find(_root, HandlersKey) is null ? $"agentic.agents.{handled[..end]}.{at}" : at;
    }

    // From what runs to what it calls, however many lie between.
    private void Follow()
    {
        var callable = _bodies.Keys.Where(path => PartsOf(path) is [.., var section, _, "do"]
            && Array.IndexOf(_called, section) >= 0).ToLookup(path => PartsOf(path)[^2]);
        var waiting = new Stack<string>(
            _judges.SelectMany(key => Words(DocumentRules.Find(_root, key)))
                .Concat(DocumentRules.Mapping(_root, "constants").SelectMany(one => Words(one.Value)))
                .Concat(_run.Where(_bodies.ContainsKey).SelectMany(path => Names(_bodies[path]))));
        while (waiting.TryPop(out string? name))
        {
            foreach (string path in callable[name].Where(_run.Add))
            {
                foreach (string next in Names(_bodies[path]))
                {
                    waiting.Push(next);
                }
            }
        }
    }

    private static string[] PartsOf(string path) => path.Split('.');

    // Holes of texts are seen by the tree alone, and procedures that are asked by their word.
    private static IEnumerable<string> Names(YamlNode.Scalar body) => CodeForm.WordsOf(body)
        .Concat(DocumentRules.NamesIn(CodeTree.Of(CodeParser.ParseBody(body.Slice, new DiagnosticBag()))));

    private static IEnumerable<string> Words(YamlNode? node) => node switch
    {
        YamlNode.Scalar scalar => CodeForm.WordsOf(scalar),
        YamlNode.Mapping mapping => mapping.Entries.SelectMany(one => Words(one.Value)),
        YamlNode.Sequence list => list.Items.SelectMany(one => Words(one.Value)),
        _ => [],
    };
}
