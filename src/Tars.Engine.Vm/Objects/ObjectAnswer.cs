namespace Tars.Engine.Vm.Objects;

/// <summary>What the compilation of a piece of code gave. The family is closed.</summary>
internal abstract record ObjectAnswer
{
    private ObjectAnswer()
    {
    }

    /// <summary>An object, which nobody has looked at yet.</summary>
    /// <param name="IsKept">It is not of now, and whoever can write to the cache can have made it.</param>
    public sealed record Made(ReadOnlyMemory<byte> Octets, bool IsKept = false) : ObjectAnswer;

    /// <summary>There is none, and why, in words for whoever gave the module.</summary>
    /// <param name="IsKilled">Somebody ended the process that compiled it, so the reason need not be the code.</param>
    public sealed record Refused(string Reason, bool IsKilled = false) : ObjectAnswer;
}
