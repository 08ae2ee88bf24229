namespace Tars.Lang;

/// <summary>What a compilation may vary.</summary>
/// <param name="IncludeTests">True puts the module's own tests into the bundle.</param>
/// <param name="Code">Of a module that is an interface, the guest that it describes.</param>
public sealed record CompileOptions(bool IncludeTests = false, CodeFile? Code = null)
{
    /// <summary>True to have the module's own code count how often it comes to each of its branches; see
    /// <see cref="CompileResult.Branches"/>. Nothing else is done otherwise, but for the fuel that counting burns.
    /// </summary>
    public bool CountsBranches { get; init; }
}

/// <summary>A file of WebAssembly, by the name that messages give it.</summary>
public sealed record CodeFile(string Name, ReadOnlyMemory<byte> Bytes);
