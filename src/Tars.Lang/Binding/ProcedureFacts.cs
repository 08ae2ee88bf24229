using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>What each procedure of an agent does, itself or through the procedures that it calls.</summary>
internal sealed class ProcedureFacts
{
    private readonly Dictionary<string, CodeFacts> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _reached = new(StringComparer.Ordinal);

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

        foreach (string name in facts._own.Keys)
        {
            facts._reached[name] = facts.Reach(facts._own[name]);
        }

        return facts;
    }

    /// <summary>
    /// Whether it asks. A call of a procedure that asks is written <c>ask</c>, so one look is enough.
    /// </summary>
    public bool Asks(string procedure) => _own.TryGetValue(procedure, out CodeFacts? facts) && facts.Asks;

    /// <summary>Whether a procedure comes back to itself.</summary>
    public bool IsRecursive(string procedure) =>
        _reached.TryGetValue(procedure, out HashSet<string>? reached) && reached.Contains(procedure);

    /// <summary>The names at the root of all that it writes; locals among them.</summary>
    public IEnumerable<string> WrittenBy(string procedure) =>
        WithReached(procedure).SelectMany(facts => facts.Writes).Select(path => path.Root).Distinct();

    /// <summary>The names that are written by the procedures which a piece of code calls.</summary>
    public IEnumerable<string> WrittenThrough(CodeFacts code) =>
        code.Calls.Concat(code.AskedProcedures).Where(_own.ContainsKey).SelectMany(WrittenBy);

    /// <summary>The first effect other than log, or empty.</summary>
    public string EffectOf(string procedure) =>
        WithReached(procedure).Select(facts => facts.Effect).FirstOrDefault(effect => effect.Length > 0, "");

    /// <summary>All that a piece of code calls, directly or not.</summary>
    public IEnumerable<string> Reachable(CodeFacts code) => Reach(code);

    public CodeFacts? Own(string procedure) => _own.GetValueOrDefault(procedure);

    private IEnumerable<CodeFacts> WithReached(string procedure) =>
        _own.TryGetValue(procedure, out CodeFacts? own)
            ? _reached[procedure].Order(StringComparer.Ordinal).Select(name => _own[name]).Prepend(own)
            : [];

    private HashSet<string> Reach(CodeFacts from)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<CodeFacts>([from]);
        while (waiting.TryPop(out CodeFacts? facts))
        {
            foreach (string name in facts.Calls.Concat(facts.AskedProcedures))
            {
                if (_own.TryGetValue(name, out CodeFacts? next) && reached.Add(name))
                {
                    waiting.Push(next);
                }
            }
        }

        return reached;
    }
}
