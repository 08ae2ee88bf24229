namespace Tars.Devices.Http;

/// <summary>A device of kind `http` as a guest sees it: `ask web.send(…)` sends one request of any method.</summary>
/// <remarks>
/// A request whose answer is lost may have been done: who repeats one gives it an `idempotency-key` of its own, if the
/// other side knows such a thing.
/// </remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "http";

    /// <summary>The number of `send` among the asks of the kind.</summary>
    public const int Send = 0;
}
