using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;

namespace Tars.Engine.Vm.Loading;

/// <summary>Which function of a module can call which, and which can come back to themselves.</summary>
/// <remarks>Functions are counted from the first that is not imported. One node more stands for all indirect calls:
/// whoever makes one leads to it, and it leads to all functions that can be values.</remarks>
internal sealed class CallGraph
{
    private const int Unseen = -1;

    private readonly ValidatedModule _module;
    private readonly int[][] _callees;
    private readonly int[] _component;

    public CallGraph(ModuleFacts facts)
    {
        _module = facts.Module;
        int imported = _module.ImportedFunctionCount;
        int indirect = _module.Functions.Length;
        _callees = new int[indirect + 1][];
        for (int place = 0; place < indirect; place++)
        {
            _callees[place] = [.. CalleesIn(_module.Functions[place].Body.Span, imported, indirect)];
        }

        _callees[indirect] = [.. facts.Values.Where(index => imported <= index).Select(index => index - imported)];
        _component = new int[indirect + 1];
        Array.Fill(_component, Unseen);
    }

    public IReadOnlyList<int> Callees(int node) => _callees[node];

    /// <summary>The number of a node's component; only of those that have come.</summary>
    public int ComponentOf(int node) => _component[node];

    /// <summary>Slots of depth that a call of a function takes; null of the node of indirect calls.</summary>
    public int? SlotsOf(int node) => node < _module.Functions.Length ? _module.Functions[node].DepthSlots : null;

    /// <summary>The strongly connected components, each after all that it leads to, numbered as they come (Tarjan's
    /// algorithm, with a stack of its own: chains of calls can be as long as a module).</summary>
    public IEnumerable<(int Number, IReadOnlyList<int> Nodes, bool IsCycle)> Components()
    {
        int[] order = new int[_callees.Length];
        int[] lowest = new int[_callees.Length];
        Array.Fill(order, Unseen);
        var open = new Stack<int>();
        var path = new Stack<(int Node, int Next)>();
        int seen = 0;
        int count = 0;
        for (int root = 0; root < _callees.Length; root++)
        {
            if (order[root] != Unseen)
            {
                continue;
            }

            path.Push((root, 0));
            while (path.TryPop(out var step))
            {
                var (node, next) = step;
                if (next == 0)
                {
                    order[node] = lowest[node] = seen++;
                    open.Push(node);
                }
                else
                {
                    // Behind a callee that was gone into, or was known.
                    int callee = _callees[node][next - 1];
                    lowest[node] = _component[callee] == Unseen ? Math.Min(lowest[node], lowest[callee]) : lowest[node];
                }

                if (next < _callees[node].Length)
                {
                    path.Push((node, next + 1));
                    int callee = _callees[node][next];
                    if (order[callee] == Unseen)
                    {
                        path.Push((callee, 0));
                    }
                }
                else if (lowest[node] == order[node])
                {
                    var nodes = Close(open, node, count);
                    yield return (count++, nodes, 1 < nodes.Count || _callees[node].Contains(node));
                }
            }
        }
    }

    private List<int> Close(Stack<int> open, int root, int number)
    {
        var nodes = new List<int>();
        int node;
        do
        {
            node = open.Pop();
            _component[node] = number;
            nodes.Add(node);
        }
        while (node != root);
        return nodes;
    }

    private static HashSet<int> CalleesIn(ReadOnlySpan<byte> body, int imported, int indirect)
    {
        var callees = new HashSet<int>();
        var reader = new InstructionReader(body);
        while (reader.Next())
        {
            switch (reader.Opcode)
            {
                case Opcode.Call or Opcode.ReturnCall when imported <= reader.Index:
                    callees.Add(reader.Index - imported);
                    break;
                case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                    callees.Add(indirect);
                    break;
                default:
                    break;
            }
        }

        return callees;
    }
}
