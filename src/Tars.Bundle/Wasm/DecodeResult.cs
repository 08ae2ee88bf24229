namespace Tars.Bundle.Wasm;

/// <summary>What decoding some bytes gave. The family is closed.</summary>
public abstract record DecodeResult
{
    private DecodeResult()
    {
    }

    public sealed record Decoded(WasmModule Module) : DecodeResult;

    public sealed record Malformed(WasmError Error) : DecodeResult;
}
