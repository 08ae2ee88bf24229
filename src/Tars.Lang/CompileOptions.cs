namespace Tars.Lang;

/// <summary>What a compilation may vary.</summary>
/// <param name="IncludeTests">True puts the module's own tests into the bundle.</param>
/// <param name="Code">Of a module that is an interface, the guest that it describes.</param>
public sealed record CompileOptions(bool IncludeTests = false, CodeFile? Code = null);

/// <summary>A file of WebAssembly, by the name that messages give it.</summary>
public sealed record CodeFile(string Name, ReadOnlyMemory<byte> Bytes);
