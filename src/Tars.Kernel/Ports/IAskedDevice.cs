using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>A device that answers when it is asked: the real one and its simulated twin alike.</summary>
/// <remarks>
/// Who calls it makes a <see cref="KernelEvent.Answer"/> of what it says; the kernel itself never waits for one. What a
/// guest asks is data: nothing in it makes a device throw.
/// </remarks>
public interface IAskedDevice
{
    /// <summary>The answer, or null when none will ever come; then the asker's own time runs out.</summary>
    DeviceAnswer? Ask(DeviceAsk asked);
}

/// <summary>One ask of a device.</summary>
/// <param name="Operation">Its number among the asks of the device's kind.</param>
/// <param name="Arguments">A valid value of the operation's arguments.</param>
/// <param name="Answer">The type that an answer must have.</param>
public sealed record DeviceAsk(int Operation, ImmutableArray<byte> Arguments, SchemaType Answer)
{
    /// <summary>What the ask is known by when it comes again after a crash; null in a run that is not kept.</summary>
    public EffectId? Id { get; init; }

    /// <summary>
    /// The folders that the capability it is asked through was narrowed to, from the outside in, as paths from the
    /// device's own folder on: each lies in the one before, and the ask in the last one. Empty for the whole device.
    /// </summary>
    public ImmutableArray<string> Within { get; init; } = [];
}

/// <summary>What a device answers. The family is closed.</summary>
public abstract record DeviceAnswer
{
    private DeviceAnswer()
    {
    }

    /// <param name="Octets">In the value encoding. What is no value of the ask's type fails as malformed.</param>
    public sealed record Value(ImmutableArray<byte> Octets) : DeviceAnswer;

    public sealed record Failed(AskFailure Why, string Detail) : DeviceAnswer;
}
