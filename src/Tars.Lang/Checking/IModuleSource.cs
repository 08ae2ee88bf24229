using Tars.Base;

namespace Tars.Lang.Checking;

/// <summary>Finds the files that a module names: imports, environments, earlier versions.</summary>
public interface IModuleSource
{
    /// <summary>
    /// The file at a path relative to the one that names it, or null. The same file has the same
    /// <see cref="SourceText.Name"/> by whatever path it is reached.
    /// </summary>
    SourceText? Open(SourceText from, string path);

    /// <summary>The octets of a file of WebAssembly, or null. They may be any.</summary>
    ReadOnlyMemory<byte>? OpenCode(SourceText from, string path) => null;
}
