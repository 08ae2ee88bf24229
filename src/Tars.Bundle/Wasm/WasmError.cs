namespace Tars.Bundle.Wasm;

/// <summary>Why a module was refused.</summary>
/// <param name="Message">Begins with the specification's words for it.</param>
/// <param name="Offset">
/// In bytes from the start of the module, or of the function's body when there is one; null when a declaration outside
/// of code is at fault, which the message then names.
/// </param>
/// <param name="Function">The function whose body is at fault.</param>
public sealed record WasmError(string Message, int? Offset, FuncIndex? Function = null)
{
    public override string ToString() =>
        Function is { } function ? $"function {function.Value}, byte {Offset}: {Message}"
        : Offset is { } offset ? $"byte {offset}: {Message}"
        : Message;
}
