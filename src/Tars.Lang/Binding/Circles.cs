namespace Tars.Lang.Binding;

/// <summary>Finds which names of a graph lead back to themselves.</summary>
/// <remarks>
/// Gabow's path-based search for strongly connected components (Information Processing Letters 74, 2000): each name
/// and each edge is looked at once. Iterative, so that a long chain needs no deep stack.
/// </remarks>
internal sealed class Circles
{
    private readonly Func<string, string[]> _next;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _placed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    // Names not yet in a component, and those of them that may be the first of one.
    private readonly Stack<string> _open = new();
    private readonly Stack<string> _firsts = new();

    private Circles(Func<string, string[]> next) => _next = next;

    /// <param name="next">The names that one leads to; they are of the graph.</param>
    public static HashSet<string> In(IEnumerable<string> names, Func<string, string[]> next)
    {
        var search = new Circles(next);
        foreach (string name in names.Where(name => !search._numbers.ContainsKey(name)))
        {
            search.Visit(name);
        }

        return search._found;
    }

    private void Visit(string root)
    {
        var path = new Stack<(string Name, string[] Next, int At)>();
        path.Push(Enter(root));
        while (path.TryPop(out var step))
        {
            if (step.At == step.Next.Length)
            {
                Leave(step.Name);
                continue;
            }

            string next = step.Next[step.At];
            path.Push(step with { At = step.At + 1 });
            if (!_numbers.TryGetValue(next, out int number))
            {
                path.Push(Enter(next));
            }
            else if (!_placed.Contains(next))
            {
                Join(next, number);
            }
        }
    }

    private (string Name, string[] Next, int At) Enter(string name)
    {
        _numbers.Add(name, _numbers.Count);
        _open.Push(name);
        _firsts.Push(name);
        return (name, _next(name), 0);
    }

    // All names from this one on are on one circle.
    private void Join(string name, int number)
    {
        _found.Add(name);
        while (number < _numbers[_firsts.Peek()])
        {
            _firsts.Pop();
        }
    }

    private void Leave(string name)
    {
        if (_firsts.Peek() != name)
        {
            return;
        }

        _firsts.Pop();
        bool isCircle = _open.Peek() != name;
        string member;
        do
        {
            member = _open.Pop();
            _placed.Add(member);
            if (isCircle)
            {
                _found.Add(member);
            }
        }
        while (member != name);
    }
}
