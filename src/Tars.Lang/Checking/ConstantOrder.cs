using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;

namespace Tars.Lang.Checking;

/// <summary>Finds an order in which each constant comes after those that it needs, also through functions.</summary>
internal sealed class ConstantOrder(
    CodeReader code, Dictionary<string, Expr> values, Dictionary<string, CodeFacts> functions)
{
    private readonly Dictionary<string, bool> _isDone = new(StringComparer.Ordinal);
    private readonly List<ConstantSymbol> _order = [];

    public IReadOnlyList<ConstantSymbol> Find()
    {
        foreach (ConstantSymbol constant in code.Module.Symbol.Constants)
        {
            Visit(constant.Name);
        }

        return _order;
    }

    /// <summary>Iterative, so that a long chain of constants needs no deep stack.</summary>
    private void Visit(string first)
    {
        var waiting = new Stack<(string Name, bool IsLeaving)>([(first, false)]);
        while (waiting.TryPop(out var next))
        {
            if (next.IsLeaving)
            {
                _isDone[next.Name] = true;
                if (code.Module.Constants.TryGetValue(next.Name, out ConstantSymbol? constant))
                {
                    _order.Add(constant);
                }

                continue;
            }

            if (_isDone.TryGetValue(next.Name, out bool isDone))
            {
                ReportCircle(next.Name, isDone);
                continue;
            }

            _isDone[next.Name] = false;
            waiting.Push((next.Name, true));
            foreach (string need in NeedsOf(next.Name))
            {
                waiting.Push((need, false));
            }
        }
    }

    // A function may call itself; a constant may not need itself.
    private void ReportCircle(string name, bool isDone)
    {
        if (!isDone && code.Module.Constants.TryGetValue(name, out ConstantSymbol? constant))
        {
            code.Report(Report.RecursiveValue(constant.Span, name));
        }
    }

    private IEnumerable<string> NeedsOf(string name)
    {
        CodeFacts? facts = values.TryGetValue(name, out Expr? value) ? CodeFacts.Of(value)
            : functions.GetValueOrDefault(name);
        return facts is null
            ? []
            : facts.Names.Where(values.ContainsKey)
                .Concat(facts.Calls.Where(functions.ContainsKey))
                .Distinct()
                .Reverse();
    }
}
