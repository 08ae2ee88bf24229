namespace Tars.Engine.Vm.Objects;

/// <summary>What the compilation of a piece of code gave. The family is closed.</summary>
internal abstract record ObjectAnswer
{
    private ObjectAnswer()
    {
    }

    /// <summary>An object, which nobody has looked at yet.</summary>
    public sealed record Made(ReadOnlyMemory<byte> Octets) : ObjectAnswer;

    /// <summary>There is none, and why, in words for whoever gave the module.</summary>
    public sealed record Refused(string Reason) : ObjectAnswer;
}
