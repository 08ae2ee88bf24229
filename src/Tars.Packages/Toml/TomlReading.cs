using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>What was read of a file: a tree of what could be, and everything that is wrong with it.</summary>
public sealed record TomlReading(SourceText Source, TomlValue.Table Root, ImmutableArray<TomlMistake> Mistakes);

/// <summary>One thing that is wrong, where it stands, and the mend.</summary>
public sealed record TomlMistake(TextSpan At, string Title, string Hint)
{
    /// <summary>In one line, as it is told to whoever wrote the file.</summary>
    public string In(SourceText source) => $"{source.Name}:{source.PositionOf(At.Start)}: {Title}; {Hint}";
}
