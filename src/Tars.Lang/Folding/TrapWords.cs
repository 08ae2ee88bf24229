using Tars.Bundle.Abi;

namespace Tars.Lang.Folding;

/// <summary>Why code that was run while a module is checked, or a run is judged, gave no value.</summary>
internal static class TrapWords
{
    private static readonly Dictionary<GuestTrap, string> _words = new()
    {
        [GuestTrap.Overflow] = "a number leaves its 64 bits",
        [GuestTrap.DivisionByZero] = "it divides by zero",
        [GuestTrap.IndexOutOfRange] = "an index is out of range",
        [GuestTrap.KeyAbsent] = "a map has no such key",
        [GuestTrap.ValueOutOfRange] = "a value is out of range",
        [GuestTrap.AssertionFailed] = "an `assert` does not hold",
        [GuestTrap.Failed] = "it ends in `fail`",
        [GuestTrap.OutOfMemory] = "it takes too much memory",
        [GuestTrap.StackExhausted] = "too many calls within each other",
    };

    /// <summary>In words, without a full stop.</summary>
    public static string Of(GuestTrap why) => _words.GetValueOrDefault(why, "it traps");
}
