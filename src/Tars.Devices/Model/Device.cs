namespace Tars.Devices.Model;

/// <summary>A device of kind `model` as a guest sees it: `ask it.fill(returns = TYPE, prompt = …)` answers a TYPE.
/// </summary>
/// <remarks>It has a twin and no real part yet, so `run` refuses a module that declares one.</remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "model";
}
