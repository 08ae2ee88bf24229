using Tars.Bundle.Wasm;

namespace Tars.Devices.Wasi.Calls;

/// <summary>Everything about one call of preview 1.</summary>
/// <param name="Name">As it is imported from <see cref="CallTable.ModuleName"/>.</param>
/// <param name="Rights">What the file or folder needs, in words; "" when it needs none.</param>
/// <param name="Body">Null for <c>proc_exit</c>, which answers nothing.</param>
internal sealed record CallRow(string Name, FuncType Type, string Rights, string Meaning, CallBody? Body);

/// <summary>Does what a call asks. It throws nothing, whatever the guest passed.</summary>
internal delegate Errno CallBody(WasiHost wasi, Frame call);
