using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;

namespace Tars.Lang.Checking;

/// <summary>Which params, constants and functions of a module others of its functions and constants read, however
/// many lie between.</summary>
internal sealed class ValueReads
{
    private readonly ModuleScope _module;
    private readonly IReadOnlyDictionary<string, CodeFacts> _functions;
    private readonly Dictionary<string, CodeFacts> _constants;

    /// <param name="functions">What the code of each function does, by its name.</param>
    public ValueReads(
        ModuleScope module,
        IReadOnlyDictionary<string, CodeFacts> functions,
        IEnumerable<KeyValuePair<ConstantSymbol, Expr>> constants)
    {
        _module = module;
        _functions = functions;
        _constants = [];
        foreach (var (constant, value) in constants)
        {
            _ = _constants.TryAdd(constant.Name, CodeFacts.Of(value));
        }
    }

    /// <summary>Paths of what stands behind names: of params, constants and functions, those named too.</summary>
    /// <param name="names">Names of any kind; what is none of the three is passed over.</param>
    /// <param name="goesInto">Whether to look behind a function, by its path.</param>
    public IEnumerable<string> Behind(IEnumerable<string> names, Func<string, bool> goesInto)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>(names);
        while (waiting.TryPop(out string? name))
        {
            if (PathOf(name) is not string path || !seen.Add(name))
            {
                continue;
            }

            yield return path;
            foreach (string read in ReadBy(name, path, goesInto))
            {
                waiting.Push(read);
            }
        }
    }

    /// <summary>The params, constants and functions of this module that stand in an expression.</summary>
    public IEnumerable<string> NamesIn(BoundExpr expr)
    {
        string own = _module.Symbol.Name;
        var names = new List<string>();
        BoundWalk.Visit(expr, part =>
        {
            string? name = part switch
            {
                BoundExpr.Param { Symbol: var param } => param.Name,
                BoundExpr.Constant { Symbol: var constant } when constant.Module == own => constant.Name,
                BoundExpr.CallFunction { Function: var function } when function.Module == own => function.Name,
                _ => null,
            };
            names.AddRange(name is null ? [] : [name]);
        });
        return names;
    }

    private IEnumerable<string> ReadBy(string name, string path, Func<string, bool> goesInto)
    {
        if (_constants.TryGetValue(name, out CodeFacts? facts))
        {
            return facts.Names.Concat(facts.Calls);
        }

        if (!_module.Functions.TryGetValue(name, out FunctionSymbol? function) || !goesInto(path))
        {
            return [];
        }

        // A template has no code of its own.
        return _functions.TryGetValue(name, out facts) ? facts.Names.Concat(facts.Calls)
            : function.Body?.Statements is [BoundStmt.Return { Value: BoundExpr text }] ? NamesIn(text)
            : [];
    }

    private string? PathOf(string name) =>
        _module.Params.ContainsKey(name) ? $"params.{name}.value"
        : _module.Constants.ContainsKey(name) ? $"constants.{name}"
        : _functions.ContainsKey(name) ? $"functions.{name}.do"
        : _module.Functions.ContainsKey(name) ? $"functions.{name}.text"
        : null;
}
