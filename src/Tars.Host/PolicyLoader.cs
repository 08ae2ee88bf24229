using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>From what an operator or a journal says to a scheduling policy, or every reason why not.</summary>
internal static class PolicyLoader
{
    /// <param name="kind">Decides; where a module does, takes over from it.</param>
    /// <param name="module">The bundle of a module that is to decide; null for none.</param>
    /// <param name="isolated">Modules that their operator wants in a machine of their own.</param>
    /// <returns>Null with reasons. Whoever asks disposes of the module's code.</returns>
    public static PolicyChoice? Load(
        PolicyKind kind,
        ReadOnlyMemory<byte>? module,
        IEngine engine,
        ImmutableArray<string> isolated,
        List<string> reasons)
    {
        if (module is not { } bytes)
        {
            return new PolicyChoice(kind);
        }

        var loader = new SystemLoader(engine, new RunOptions { Isolated = isolated });
        if (loader.LoadAlone(bytes) is not { } image)
        {
            reasons.AddRange(loader.Reasons);
            return null;
        }

        if (PolicyModule.Of(image, reasons) is not { } policy)
        {
            image.Code.Dispose();
            return null;
        }

        return new PolicyChoice(kind) { Module = policy };
    }
}
