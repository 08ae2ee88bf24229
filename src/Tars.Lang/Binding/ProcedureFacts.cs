using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>What each procedure of an agent does, itself or through the procedures that it calls.</summary>
internal sealed class ProcedureFacts
{
    private readonly Dictionary<string, CodeFacts> _own = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string[]> _called = new(StringComparer.Ordinal);

    // Worked out when somebody asks.
    private HashSet<string>? _recursive;

    private ProcedureFacts()
    {
    }

    public static ProcedureFacts None { get; } = new();

    public static ProcedureFacts Of(IEnumerable<KeyValuePair<string, Block>> procedures)
    {
        var facts = new ProcedureFacts();
        foreach (var (name, block) in procedures)
        {
            facts._own[name] = CodeFacts.Of(block);
        }

        foreach (var (name, own) in facts._own)
        {
            facts._called[name] = facts.CalledBy(own);
        }

        return facts;
    }

    /// <summary>Whether it asks. A call of what asks is written <c>ask</c>, so one look is enough.</summary>
    public bool Asks(string procedure) => _own.TryGetValue(procedure, out CodeFacts? facts) && facts.Asks;

    /// <summary>Whether a procedure comes back to itself.</summary>
    public bool IsRecursive(string procedure)
    {
        _recursive ??= Circles.In(_own.Keys, name => _called[name]);
        return _recursive.Contains(procedure);
    }

    /// <summary>The procedures that write one of these names, themselves or through others.</summary>
    public HashSet<string> WritersOf(IReadOnlyCollection<string> names)
    {
        var callers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (string name in _own.Keys)
        {
            foreach (string called in _called[name])
            {
                callers.TryAdd(called, []);
                callers[called].Add(name);
            }
        }

        var writers = _own.Where(one => one.Value.Writes.Any(path => names.Contains(path.Root)))
            .Select(one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
        var waiting = new Stack<string>(writers);
        while (waiting.TryPop(out string? writer))
        {
            foreach (string caller in callers.GetValueOrDefault(writer, []).Where(writers.Add))
            {
                waiting.Push(caller);
            }
        }

        return writers;
    }

    /// <summary>The names at the root of all that is written by the procedures which a piece of code calls.</summary>
    public IEnumerable<string> WrittenThrough(CodeFacts code) =>
        Reach(CalledBy(code)).SelectMany(name => _own[name].Writes).Select(path => path.Root);

    /// <summary>The first effect other than log, or empty.</summary>
    public string EffectOf(string procedure) => Reach(_called.GetValueOrDefault(procedure, []))
        .Order(StringComparer.Ordinal)
        .Prepend(procedure)
        .Select(name => Own(name)?.Effect ?? "")
        .FirstOrDefault(effect => effect.Length > 0, "");

    /// <summary>All procedures that a piece of code calls, directly or not.</summary>
    public IEnumerable<string> Reachable(CodeFacts code) => Reach(CalledBy(code));

    public CodeFacts? Own(string procedure) => _own.GetValueOrDefault(procedure);

    private string[] CalledBy(CodeFacts facts) =>
        [.. facts.Calls.Concat(facts.AskedProcedures).Where(_own.ContainsKey).Distinct()];

    private HashSet<string> Reach(string[] from)
    {
        var reached = new HashSet<string>(from, StringComparer.Ordinal);
        var waiting = new Stack<string>(from);
        while (waiting.TryPop(out string? name))
        {
            foreach (string called in _called[name].Where(reached.Add))
            {
                waiting.Push(called);
            }
        }

        return reached;
    }
}
