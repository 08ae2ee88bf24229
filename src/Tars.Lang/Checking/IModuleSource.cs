using Tars.Base;

namespace Tars.Lang.Checking;

/// <summary>Finds the files that a module names: imports, environments, earlier versions, recordings.</summary>
public interface IModuleSource
{
    /// <summary>
    /// The file at a path relative to the one that names it, or null. The same file has the same
    /// <see cref="SourceText.Name"/> by whatever path it is reached.
    /// </summary>
    SourceText? Open(SourceText from, string path);

    /// <summary>The octets of a file of WebAssembly, or null. They may be any.</summary>
    ReadOnlyMemory<byte>? OpenCode(SourceText from, string path) => null;

    /// <summary>The recorded run at a path, or null where there is none.</summary>
    LoadFile? OpenLoad(SourceText from, string path) => null;
}

/// <summary>What stands at the path of a recorded run. The family is closed.</summary>
public abstract record LoadFile
{
    private LoadFile()
    {
    }

    public sealed record Found(CheckedLoad Load) : LoadFile;

    /// <param name="Reason">Why it can be no recording, in words that follow its name.</param>
    public sealed record Refused(string Reason) : LoadFile;
}
