using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>A file of grants as it was read, and where it stands: paths in it are meant from there.</summary>
/// <remarks>
/// Invariant: links on its paths are followed once, when it is read. So what is shown and accepted is what a device
/// gets, whatever the links say later.
/// </remarks>
/// <param name="Path">In full.</param>
/// <param name="Hash">SHA-256 of its octets, in hexadecimal digits.</param>
public sealed record PolicyFile(string Path, string Hash, GrantReading Reading)
{
    /// <summary>What it is called, beside a program and in messages.</summary>
    public const string FileName = "tars.toml";

    // In the order of the file, with the paths that devices get.
    private readonly ImmutableSortedDictionary<string, string> _real = RealPaths(Path, Reading.File);

    public GrantFile Grants => Reading.File;

    /// <summary>SHA-256 of what a yes to it is a yes to: of its octets, and of where its paths lead by links. Without
    /// links it is <see cref="Hash"/>.</summary>
    public string AcceptedHash
    {
        get
        {
            var linked = _real.Keys.Where(one => LinkedTo(one) is not null).ToArray();
            return linked.Length == 0 ? Hash : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
                string.Concat(linked.Select(Line).Prepend($"tars links 1\n{Hash}\n")))));
        }
    }

    /// <summary>True when it gives some device something that lies outside the system.</summary>
    public bool Reaches => Grants.Modules.Any(module => module.Devices.Any(one => one.Key.Length > 0));

    /// <summary>SHA-256 of who approves, and of nothing else in the file.</summary>
    /// <remarks>A name has no blank, and a key may hold anything: so its size stands before it.</remarks>
    public string ApproversHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
        Grants.Approvers.Select(one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Key.Length} {one.Key}\n"))
            .Prepend("tars approvers 1\n")))));

    /// <summary>Whether a path of the file leads elsewhere by a link.</summary>
    public bool HasLinks => _real.Keys.Any(one => LinkedTo(one) is not null);

    /// <summary>A path of the file in full, its links followed as they were when the file was read.</summary>
    public string RealOf(string path) => _real.GetValueOrDefault(path) ?? InFull(Path, path);

    /// <summary>Where links lead on a path of the file; null where none is.</summary>
    public string? LinkedTo(string path) => RealOf(path) is var real && real != InFull(Path, path) ? real : null;

    private string Line(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{path.Length} {path} {RealOf(path).Length} {RealOf(path)}\n");

    private static ImmutableSortedDictionary<string, string> RealPaths(string file, GrantFile grants) =>
        (from module in grants.Modules
         from device in module.Devices
         where GrantKinds.WithKey(device.Key)?.Form == GrantForm.Path
         from path in device.Given
         select path).Distinct(StringComparer.Ordinal).ToImmutableSortedDictionary(
            path => path, path => RealPath.Of(InFull(file, path)), StringComparer.Ordinal);

    private static string InFull(string file, string path) =>
        System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(file)!); // A full path of a file has one.
}
