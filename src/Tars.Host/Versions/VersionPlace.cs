namespace Tars.Host.Versions;

/// <summary>Where the versions of modules are, when nobody says otherwise.</summary>
public static class VersionPlace
{
    /// <summary>Beside what a program puts out; a folder for each module.</summary>
    public const string Default = "output/versions";

    /// <param name="module">The name of a module; whatever else it holds cannot lead out of the store.</param>
    public static string Of(string store, string module) =>
        Path.Combine(store, string.Concat(module.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '-')));
}
