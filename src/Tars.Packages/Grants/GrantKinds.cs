using System.Collections.Immutable;

namespace Tars.Packages.Grants;

/// <summary>The kinds of devices that reach something only when an operator gives it to them.</summary>
/// <remarks>To add one: a row. Kinds without a row need no grant: what they show or read is the operator's own terminal
/// and input.</remarks>
public static class GrantKinds
{
    private static readonly ImmutableArray<GrantKind> _rows =
    [
        new("store", "folder", GrantForm.Path, "FOLDER", "a folder where it keeps its values"),
        new("block", "file", GrantForm.Path, "FILE", "a file that it reads and writes as a disk"),
        new("directory", "folder", GrantForm.Path, "FOLDER", "a folder that it reads and writes"),
        new("fetch", "origins", GrantForm.Origins, "ORIGIN", "addresses that it may reach"),
        new("http", "origins", GrantForm.Origins, "ORIGIN", "addresses that it may reach"),
        new("tcp", "addresses", GrantForm.Addresses, "HOST:PORT", "addresses that it connects to or listens on"),
        new("udp", "addresses", GrantForm.Addresses, "HOST:PORT", "addresses that it sends to or listens on"),
    ];

    /// <summary>The row of a kind, or null where a device of it needs no grant.</summary>
    public static GrantKind? Find(string kind) => _rows.FirstOrDefault(row => row.Kind == kind);

    /// <summary>The row with that key, or null.</summary>
    public static GrantKind? WithKey(string key) => _rows.FirstOrDefault(row => row.Key == key);

    /// <summary>The kinds that reach addresses which their modules declare.</summary>
    public static IEnumerable<string> OfOrigins =>
        _rows.Where(row => row.Form == GrantForm.Origins).Select(row => row.Kind);

    /// <summary>The keys as they are listed in messages.</summary>
    public static string Keys => string.Join(", ", _rows.Select(row => $"`{row.Key}` ({row.Kind})"));
}

/// <param name="Key">Of what is given, under the device's name.</param>
/// <param name="Shape">What stands for it in the option of `run`.</param>
/// <param name="About">What is given, for a person.</param>
public sealed record GrantKind(string Kind, string Key, GrantForm Form, string Shape, string About);

/// <summary>What may be given to a device.</summary>
public enum GrantForm
{
    /// <summary>One file or folder, relative to the file that grants it.</summary>
    Path,

    /// <summary>Addresses such as `https://example.com`, of those that the module declares.</summary>
    Origins,

    /// <summary>Addresses such as `127.0.0.1:7` and `listen:7`, whatever the module declares.</summary>
    Addresses,
}
