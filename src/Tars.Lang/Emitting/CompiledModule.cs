using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Lang.Emitting;

/// <summary>What the emitter makes of a module.</summary>
/// <param name="Sites">The statements; the index is what the control block holds. Index 0 is none.</param>
/// <param name="Functions">Names of the functions by index, imports counted.</param>
/// <param name="Counters">Where branches are counted; 0 where none is.</param>
internal sealed record CompiledModule(
    WasmModule Module, ImmutableArray<CompiledSite> Sites, ImmutableArray<string> Functions, int Counters);

/// <summary>A statement: the module that it stands in, and where.</summary>
internal readonly record struct CompiledSite(string Module, TextSpan Span);
