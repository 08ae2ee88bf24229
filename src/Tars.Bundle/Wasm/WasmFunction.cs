using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A function of the module's own. The parameters are not among the local groups.</summary>
public sealed record WasmFunction(TypeIndex Type, ImmutableArray<LocalGroup> Locals, ReadOnlyMemory<byte> Body);
