namespace Tars.Kernel.Ports;

/// <summary>Something that a module declares and an operator may take away and give back.</summary>
/// <param name="Name">Of the device, or the pattern under `publish`, as the module declares it.</param>
public sealed record Right(RightKind Kind, string Name)
{
    public override string ToString() => Kind switch
    {
        RightKind.Device => $"device {Name}",
        RightKind.Publish => $"publish {Name}",
    };
}

/// <summary>What a <see cref="Right"/> is about.</summary>
public enum RightKind
{
    /// <summary>To tell and ask a device, and to hear of it.</summary>
    Device,

    /// <summary>To publish on the channels of a pattern.</summary>
    Publish,
}
