using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Checking;

/// <summary>Files of WebAssembly that another compiler made, as the code of an interface.</summary>
internal static class ForeignCode
{
    /// <summary>Why these bytes are no guest of ABI v1; null when they are one. They may be hostile.</summary>
    public static string? WhyNot(ReadOnlyMemory<byte> bytes)
    {
        if (WasmLimits.ModuleBytesMax < bytes.Length)
        {
            return "it is larger than a module may be";
        }

        if (ModuleDecoder.Decode(bytes.Span) is not DecodeResult.Decoded { Module: var module })
        {
            return bytes.IsEmpty ? "it is empty" : "it is not a WebAssembly module, or not a whole one";
        }

        if (ModuleValidator.Validate(module) is not ValidationResult.Valid { Module: var valid })
        {
            return "it is not a valid WebAssembly module";
        }

        return GuestShape.WhyNot(valid) is { } reason ? Short(reason)
            : BundleWriter.Stripped(bytes.Span) is null ? "its sections are broken"
            : null;
    }

    // It may hold names of the file's author.
    private static string Short(string reason) =>
        Printable.Shortened(reason, Limits.ReasonLengthMax);
}
