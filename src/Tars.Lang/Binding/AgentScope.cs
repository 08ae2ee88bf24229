using Tars.Bundle.Manifest;
using Tars.Lang.Symbols;

namespace Tars.Lang.Binding;

/// <summary>What the code of one agent can name, and what it turns out to use.</summary>
internal sealed class AgentScope(AgentSymbol symbol)
{
    private readonly List<SlotSpec> _slots = [];
    private readonly List<OperationSpec> _operations = [];

    public AgentSymbol Symbol { get; } = symbol;

    /// <summary>The type of what an exit of this agent brings.</summary>
    public RecordSymbol Exit { get; } = BuiltInSymbols.Exit(symbol);

    public Dictionary<string, StateSymbol> State { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ProcedureSymbol> Procedures { get; } = new(StringComparer.Ordinal);

    /// <summary>By subject, for <c>ask</c> handlers.</summary>
    public Dictionary<string, HandlerSymbol> Asks { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, HandlerSymbol> Timers { get; } = new(StringComparer.Ordinal);

    /// <summary>What each procedure does, itself or through others.</summary>
    public ProcedureFacts Facts { get; set; } = ProcedureFacts.None;

    public IReadOnlyList<SlotSpec> Slots => _slots;

    public IReadOnlyList<OperationSpec> Operations => _operations;

    /// <summary>Places are given out in the order of first use.</summary>
    public int SlotOf(SlotKind kind, string subject)
    {
        var slot = new SlotSpec(kind, subject);
        int place = _slots.IndexOf(slot);
        if (place < 0)
        {
            place = _slots.Count;
            _slots.Add(slot);
        }

        return place;
    }

    /// <summary>Numbers are given out in the order of first use; the same ask or tell has one number.</summary>
    public int NumberOf(OperationSpec operation)
    {
        int number = _operations.FindIndex(one => IsSame(one, operation));
        if (number < 0)
        {
            number = _operations.Count;
            _operations.Add(operation);
        }

        return number;
    }

    private static bool IsSame(OperationSpec one, OperationSpec other) =>
        one.Name == other.Name && one.Target == other.Target && one.TargetKind == other.TargetKind
        && one.IsAsk == other.IsAsk && one.Answer.Equals(other.Answer)
        && one.Arguments.AsSpan().SequenceEqual(other.Arguments.AsSpan());
}
