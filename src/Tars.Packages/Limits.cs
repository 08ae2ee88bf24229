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

    /// <summary>Characters of the name of somebody who approves.</summary>
    public const int ApproverNameMax = 60;

    /// <summary>Characters of a public key.</summary>
    public const int ApproverKeyMax = 1_000;
}
