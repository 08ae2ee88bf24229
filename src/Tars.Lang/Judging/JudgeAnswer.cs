using System.Collections.Immutable;

namespace Tars.Lang.Judging;

/// <summary>What became of an expression over a run: its value, or why it has none.</summary>
public abstract record JudgeAnswer
{
    private JudgeAnswer()
    {
    }

    /// <param name="Octets">In the value encoding of the expression's type.</param>
    public sealed record Value(ImmutableArray<byte> Octets) : JudgeAnswer
    {
        /// <summary>True when the value is the bool `true`.</summary>
        public bool IsTrue => Octets is [1];
    }

    public sealed record Failed(string Reason) : JudgeAnswer;
}
