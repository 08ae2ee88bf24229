using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Analysis;
using Tars.Evolution.Search;
using Tars.Lang;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>Whether a version changes or drops code that nothing which judges it runs.</summary>
/// <remarks>
/// A handler counts as run when it committed in a `train` or `validation` scenario; a procedure, function or template
/// when such a run, a test or a scenario without a split called it, or an initial value, a default, an expectation or
/// another judge does. Of what runs, each arm that is new or changed has to be come to, but those that do nothing of
/// their own (decision 255). What nothing came to in the version before stays (decision 268). Where branches cannot be
/// counted, whole bodies alone are asked, and one runs when what runs names it.
/// </remarks>
internal sealed class UntriedCode
{
    private const string HandlersKey = "handlers";
    private const string FunctionsKey = "functions";

    private static readonly string[] _called = [FunctionsKey, "procedures"];

    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    private readonly YamlNode _root;
    private readonly SourceText _source;
    private readonly Dictionary<string, Body> _bodies = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];
    private readonly List<string> _tested = [];
    private readonly HashSet<string> _handled;

    // Worked out without an event: by the compiler, or by whoever judges.
    private readonly HashSet<string> _worked;

    // What runs as far as names say.
    private readonly HashSet<string> _named;

    private UntriedCode(SourceText source, Evaluation evaluation)
    {
        _source = source;
        _root = YamlReader.Read(source, new DiagnosticBag());
        Gather("", _root, KeyTable.Root, isListed: false);
        var events = _bodies.Keys.ToLookup(Plain, StringComparer.Ordinal);
        _handled = [.. evaluation.Runs.SelectMany(one => one.Outcome.Handled).Select(PathOf)
            .SelectMany(path => events[Plain(path)])];
        foreach (string version in evaluation.BeginsAs)
        {
            _handled.UnionWith(_bodies.Keys.Where(path => IsMigrateOf(path, version))); // It ran, or the run is void.
        }

        _worked = Closure([], _asked);
        _named = Closure(_handled, _asked.Concat(_tested));
    }

    /// <summary>Empty when there is none; else the paths.</summary>
    /// <param name="frozen">Paths that stay; what ran of them before has to run still.</param>
    /// <param name="told">What could not be asked; mostly none.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string WhyNot(
        (SourceText Source, Evaluation Evaluation) before,
        (SourceText Source, Evaluation Evaluation) after,
        ImmutableArray<string> frozen,
        ISearchParts parts,
        CancellationToken stop,
        out ImmutableArray<string> told)
    {
        var old = new UntriedCode(before.Source, before.Evaluation);
        var current = new UntriedCode(after.Source, after.Evaluation);
        var changed = current._bodies.Where(one => !(old._bodies.TryGetValue(one.Key, out var body)
            && CodeForm.IsSame(body.Text, one.Value.Text, body.Reading))).ToList();
        BranchCoverage? counted = null;
        told = [];
        if (changed.Count != 0)
        {
            bool Wanted(Branch branch) => changed.Exists(one => one.Value.Holds(branch));
            counted = Count(after.Source, after.Evaluation, Wanted, parts, stop, out told);
        }

        var reasons = changed.SelectMany(one =>
            current.WhyNot(one.Key, one.Value, old._bodies.ContainsKey(one.Key) ? old : null, counted)).ToList();
        var dropped = changed.Select(one => one.Key).Where(old._bodies.ContainsKey)
            .Select(path => new Loss(path, old._bodies[path], old.LostArms(path, current, counted)))
            .Where(one => one.Arms is { Count: not 0 })
            .Concat(old._bodies.Where(one => !current._bodies.ContainsKey(one.Key))
                .Select(one => new Loss(one.Key, one.Value, Arms: null))).ToList();
        if (dropped.Count != 0)
        {
            bool Wanted(Branch branch) => dropped.Exists(one => one.IsOf(branch));
            var had = Count(before.Source, before.Evaluation, Wanted, parts, stop, out var toldOfBefore);
            told = [.. told.Union(toldOfBefore)];
            reasons.AddRange(dropped.SelectMany(one => old.WhyNotWithout(one, had)));
        }

        var lost = old._named
            .Where(path => current._bodies.ContainsKey(path) && !current._named.Contains(path)
                && frozen.Any(one => path == one || path.StartsWith(one + ".", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal).Select(path => $"{path} is frozen, and no scenario runs it any more");
        reasons.AddRange(lost);
        string more = reasons.Count <= Limits.UntriedMax ? "" : string.Create(
            CultureInfo.InvariantCulture, $"; {reasons.Count - Limits.UntriedMax} more");
        return string.Join("; ", reasons.Take(Limits.UntriedMax)) + more;
    }

    // Null where branches cannot be counted, which is told.
    private static BranchCoverage? Count(
        SourceText source,
        Evaluation evaluation,
        Func<Branch, bool> wanted,
        ISearchParts parts,
        CancellationToken stop,
        out ImmutableArray<string> told)
    {
        var order = new CoverageOrder(_splits, Evaluation.Options) { Wanted = wanted, WithTests = true };
        var counted = BranchCoverage.Of(source, evaluation.Runs, parts, order, out string why, stop);
        told = why.Length != 0 ? [$"branches were not asked: {why}"]
            : counted is not { Others.IsEmpty: false } ? []
            :
            [
                $"{counted.Others.Length} runs go another way when their branches are counted, so they say nothing of "
                    + $"them, the first being {counted.Others[0]}",
            ];
        return counted;
    }

    // Of a body that is new or changed.
    private IEnumerable<string> WhyNot(string path, Body body, UntriedCode? old, BranchCoverage? counted)
    {
        var branches = counted?.Branches.Index().Where(one => body.Holds(one.Item)).ToList() ?? [];
        if (branches.Exists(one => counted!.Reached.Length <= one.Index))
        {
            return [$"{path} is changed, and has more branches than can be counted"];
        }

        if (!IsRun(path, branches, counted))
        {
            return [$"{path} is changed, and no scenario runs it"];
        }

        var arms = ArmsOf(path, body);
        var known = old?.ArmsOf(path, old._bodies[path]).Select(one => one.Said).ToList() ?? [];
        var asked = arms.Where(one => !known.Remove(one.Said) && !one.IsHarmless).ToHashSet();
        return branches
            .Where(one => one.Item.Within >= 0 && !counted!.IsReached(one.Index) && counted.IsReached(one.Item.Within)
                && ArmAt(arms, one.Item.Code) is { } arm && asked.Contains(arm))
            .Select(one => $"{At(path, one.Item.Code)} is new or changed, and nothing comes to it: "
                + BranchText.Of(one.Item, _source));
    }

    // The arms of a body that are not in it any more, or are in it as another, and that somebody may miss. What leads
    // to one may be another where runs come to it now: so it is tried.
    private HashSet<CodeArm> LostArms(string path, UntriedCode current, BranchCoverage? counted)
    {
        var body = current._bodies[path];
        var arms = current.ArmsOf(path, body);
        var there = arms.Select(one => one.Said).ToList();
        var lost = ArmsOf(path, _bodies[path]).Where(one => !there.Remove(one.Said) && !one.MayGo).ToHashSet();
        if (lost.Count != 0 && counted is not null)
        {
            var tried = counted.Branches.Index()
                .Where(one => one.Item.Within >= 0 && body.Holds(one.Item) && counted.IsReached(one.Index))
                .Select(one => ArmAt(arms, one.Item.Code)?.Does).ToHashSet(StringComparer.Ordinal);
            lost.RemoveWhere(one => tried.Contains(one.Does));
        }

        return lost;
    }

    // Of the version before: what nothing came to is missed by nothing that judges.
    private IEnumerable<string> WhyNotWithout(Loss loss, BranchCoverage? counted)
    {
        var branches = counted?.Branches.Index().Where(one => loss.Body.Holds(one.Item)).ToList() ?? [];
        if (loss.Arms is null && !IsRun(loss.Path, branches, counted) && !IsIdle(loss.Path))
        {
            return [$"{At(loss.Path, loss.Body.Text.Span)} of the version before is gone, and no scenario runs it"];
        }

        var arms = ArmsOf(loss.Path, loss.Body);
        HashSet<CodeArm> missed = loss.Arms ?? [.. arms.Where(one => !one.MayGo)];
        return branches
            .Where(one => one.Item.Within >= 0 && !counted!.IsReached(one.Index)
                && (counted.Reached.Length <= one.Index || counted.IsReached(one.Item.Within))
                && ArmAt(arms, one.Item.Code) is { } arm && missed.Contains(arm))
            .Select(one => $"{At(loss.Path, one.Item.Code)} of the version before is gone or changed, and nothing "
                + $"comes to it: {BranchText.Of(one.Item, _source)}");
    }

    // A function that nothing names, wherever it stands: the last who called it was changed before.
    private bool IsIdle(string path) => PartsOf(path) is [.., FunctionsKey, var name, _]
        && !_asked.Concat(_tested).Concat(_bodies.Where(one => one.Key != path).SelectMany(one => one.Value.Names()))
            .Contains(name);

    private ImmutableArray<CodeArm> ArmsOf(string path, Body body) =>
        CodeArm.Of(body.Text, body.Reading, _source.Text, isPure: PartsOf(path) is [.., FunctionsKey, _, _]);

    private string At(string path, TextSpan code) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}:{_source.PositionOf(code.Start).Line}");

    private bool IsRun(string path, List<(int Index, Branch Item)> branches, BranchCoverage? counted)
    {
        var whole = branches.Find(one => one.Item.Kind == BranchKind.Body);
        return whole.Item is not { } body ? _named.Contains(path)
            : IsMigrate(path) ? counted!.IsReached(whole.Index)
            : 0 <= body.Handler ? _handled.Contains(path)
            : _worked.Contains(path) || (body.IsCounted && counted!.IsReached(whole.Index));
    }

    // A checked expression may begin behind the bracket round it.
    private static CodeArm? ArmAt(ImmutableArray<CodeArm> arms, TextSpan code) => arms
        .Where(one => one.Code.Start <= code.Start && code.Start < one.Code.End).MinBy(one => one.Code.Length);

    // Code that events and calls run, by its path, and what else may call a function.
    private void Gather(string path, YamlNode node, KeyShape shape, bool isListed)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                foreach (var entry in mapping.Entries)
                {
                    string at = DocumentPath.Below(path, entry.Key.Value);
                    Gather(at, entry.Value, Shapes.ValueOf(shape, mapping, entry), isListed);
                }

                break;
            case YamlNode.Sequence list:
                foreach (var item in list.Items)
                {
                    Gather(path, item.Value, Shapes.For(Shapes.ItemOf(shape, list), item.Value), isListed: true);
                }

                break;
            case YamlNode.Scalar scalar when shape is KeyShape.Scalar { Reading: var reading }:
                Gather(path, scalar, reading, isListed);
                break;
        }
    }

    private void Gather(string path, YamlNode.Scalar scalar, Reading reading, bool isListed)
    {
        switch (reading)
        {
            case Reading.Code when isListed:
                _tested.AddRange(new Body(scalar, reading).Names()); // Tests alone are a list with code.
                break;
            case Reading.Code or Reading.Template:
                _bodies.Add(path, new Body(scalar, reading));
                break;
            case Reading.Expression:
                _asked.AddRange(NamesIn(CodeParser.ParseExpression(scalar.Slice, new DiagnosticBag())));
                break;
            case Reading.Declaration
                when CodeParser.ParseDeclaration(scalar.Slice, new DiagnosticBag()).Value is { } value:
                _asked.AddRange(NamesIn(value));
                break;
            default:
                break; // Prose, names and types call nothing.
        }
    }

    // Its version may hold points.
    private static bool IsMigrate(string path) =>
        $".{path}".Contains($".{HandlersKey}.migrate:", StringComparison.Ordinal);

    // `migrate 1.4` takes over from 1.4.2.
    private static bool IsMigrateOf(string path, string version)
    {
        if (!IsMigrate(path))
        {
            return false;
        }

        string named = path[(path.LastIndexOf(':') + 1)..^".do".Length];
        return $"{version}.".StartsWith($"{named}.", StringComparison.Ordinal);
    }

    // As a run tells of it: `agent: event`.
    private string PathOf(string handled)
    {
        int end = handled.IndexOf(": ", StringComparison.Ordinal);
        string at = $"{HandlersKey}.{DocumentPath.Part(handled[(end + 2)..])}.do";
        return DocumentRules.Find(_root, HandlersKey) is null ? $"agentic.agents.{handled[..end]}.{at}" : at;
    }

    /// <summary>The path of a handler as a run tells of it: what binds a segment of a pattern has no name.</summary>
    public static string Plain(string path) => string.Join(
        '/', path.Split('/').Select(one => one.IndexOf('{', StringComparison.Ordinal) is >= 0 and var start
            && one.IndexOf('}', StringComparison.Ordinal) is var end && end > start
                ? $"{one[..start]}+{one[(end + 1)..]}"
                : one));

    // From what runs to what it calls, however many lie between.
    private HashSet<string> Closure(IEnumerable<string> handled, IEnumerable<string> names)
    {
        var run = handled.ToHashSet(StringComparer.Ordinal);
        var callable = _bodies.Keys.Where(path => PartsOf(path) is [.., var section, _, "do" or "text"]
            && Array.IndexOf(_called, section) >= 0).ToLookup(path => PartsOf(path)[^2]);
        var waiting = new Stack<string>(
            names.Concat(run.Where(_bodies.ContainsKey).SelectMany(path => _bodies[path].Names())));
        while (waiting.TryPop(out string? name))
        {
            foreach (string path in callable[name].Where(run.Add))
            {
                foreach (string next in _bodies[path].Names())
                {
                    waiting.Push(next);
                }
            }
        }

        return run;
    }

    private static string[] PartsOf(string path) => path.Split('.');

    private static IEnumerable<string> NamesIn(Expr value) => DocumentRules.NamesIn(CodeTree.Of(value));

    /// <summary>What a body of the version before had, and has no more.</summary>
    /// <param name="Arms">Null where the whole body is gone.</param>
    private sealed record Loss(string Path, Body Body, HashSet<CodeArm>? Arms)
    {
        public bool IsOf(Branch branch) => Body.Holds(branch) && (Arms is null || branch.Within >= 0);
    }

    private sealed record Body(YamlNode.Scalar Text, Reading Reading)
    {
        // An arm that is nothing, as that of an `if` without `else`, is nowhere.
        public bool Holds(Branch branch) =>
            branch.Kind != BranchKind.Passed
            && Text.Span.Start <= branch.Code.Start && branch.Code.Start < Text.Span.End;

        // Holes of texts are seen by the tree alone, and procedures that are asked by their word.
        public IEnumerable<string> Names() => Reading == Reading.Template
            ? CodeParser.ParseTemplate(Text.Slice, new DiagnosticBag()).Parts.OfType<TextPart.Hole>()
                .SelectMany(hole => NamesIn(hole.Value))
            : CodeForm.WordsOf(Text)
                .Concat(DocumentRules.NamesIn(CodeTree.Of(CodeParser.ParseBody(Text.Slice, new DiagnosticBag()))));
    }
}
