namespace Tars.Packages;

/// <summary>Every bound on what is read from files of packages and policies.</summary>
internal static class Limits
{
    /// <summary>Octets of one TOML file.</summary>
    public const int TomlBytesMax = 1 << 20;

    /// <summary>Tables and arrays inside each other, and so parts of a key.</summary>
    public const int TomlDepthMax = 64;

    /// <summary>Mistakes that are told of one file.</summary>
    public const int TomlMistakesMax = 20;
}
