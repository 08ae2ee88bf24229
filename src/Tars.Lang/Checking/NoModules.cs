using Tars.Base;

namespace Tars.Lang.Checking;

/// <summary>For a text that stands alone: it finds nothing.</summary>
public sealed class NoModules : IModuleSource
{
    public SourceText? Open(SourceText from, string path) => null;
}
