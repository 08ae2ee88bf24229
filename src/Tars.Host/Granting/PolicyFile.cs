using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>A file of grants as it was read, and where it stands: paths in it are meant from there.</summary>
/// <param name="Path">In full.</param>
/// <param name="Hash">SHA-256 of its octets, in hexadecimal digits.</param>
public sealed record PolicyFile(string Path, string Hash, GrantReading Reading)
{
    /// <summary>What it is called, beside a program and in messages.</summary>
    public const string FileName = "tars.toml";

    public GrantFile Grants => Reading.File;

    /// <summary>True when it gives some device something that lies outside the system.</summary>
    public bool Reaches => Grants.Modules.Any(module => module.Devices.Any(one => one.Key.Length > 0));

    /// <summary>SHA-256 of who approves, and of nothing else in the file.</summary>
    /// <remarks>A name has no blank, and a key may hold anything: so its size stands before it.</remarks>
    public string ApproversHash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
        Grants.Approvers.Select(one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Key.Length} {one.Key}\n"))
            .Prepend("tars approvers 1\n")))));

    /// <summary>A path of the file in full.</summary>
    public string InFull(string path) =>
        System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(Path)!); // A full path of a file has one.
}
