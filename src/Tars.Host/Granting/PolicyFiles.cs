using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tars.Devices.Host;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>Files of grants on disk, and which of them their operator has accepted.</summary>
/// <remarks>
/// A tars.toml beside a program may have come with the program, so that it grants things is no word of the operator
/// yet. It becomes one when he accepts these very octets at this very path, with links that lead where they do now;
/// that is kept in his own state folder, a line for each: hash and path ([decision 074]). Who approves by the file is
/// another question, whose answers are kept beside those in the same form: a yes to one is none to the other
/// ([decision 139]).
/// </remarks>
public sealed class PolicyFiles
{
    private const string GrantsName = "accepted-policies";
    private const string ApproversName = "accepted-approvers";
    private const UnixFileMode OwnersFolder =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string? _folder;

    /// <param name="stateFolder">The operator's own, made when needed; null for none.</param>
    public PolicyFiles(string? stateFolder) => _folder = stateFolder;

    /// <summary>Reads a file of grants.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="IOException">It cannot be read; so for <see cref="UnauthorizedAccessException"/>.</exception>
    public static PolicyFile Read(string path, string name)
    {
        // What was read of nothing would withhold nothing.
        if (!FileContent.MayBeRead(path))
        {
            throw new IOException("the file is empty, or no regular file");
        }

        // Little more than the reader takes is read of a file without end.
        using var file = File.OpenRead(path);
        using var octets = new MemoryStream();
        byte[] part = new byte[1 << 16];
        for (int size = 1; 0 < size && octets.Length <= Limits.PolicyBytesMax;)
        {
            size = file.Read(part);
            octets.Write(part, 0, size);
        }

        byte[] whole = octets.ToArray();
        return new PolicyFile(path, Convert.ToHexStringLower(SHA256.HashData(whole)), GrantReader.Read(name, whole));
    }

    /// <summary>Whether the operator has accepted what the file grants, as it is and where its links lead.</summary>
    public bool IsAccepted(PolicyFile policy) => IsKept(GrantsName, policy.AcceptedHash, policy.Path);

    /// <summary>Remembers that the operator has accepted what the file grants, as it is.</summary>
    /// <returns>Null, or why it will be asked again.</returns>
    public string? Accept(PolicyFile policy) => Keep(GrantsName, policy.AcceptedHash, policy.Path);

    /// <summary>Whether the operator has accepted those who approve by the file, as it lists them.</summary>
    public bool AreApproversAccepted(PolicyFile policy) => IsKept(ApproversName, policy.ApproversHash, policy.Path);

    /// <summary>Remembers that the operator has accepted those who approve by the file, as it lists them.</summary>
    /// <returns>Null, or why it will be asked again.</returns>
    public string? AcceptApprovers(PolicyFile policy) => Keep(ApproversName, policy.ApproversHash, policy.Path);

    /// <summary>Adds answers to a file of grants, each to its module's table; the file is made when it is not
    /// there.</summary>
    /// <param name="policy">The file as it was shown; null when there was none.</param>
    /// <param name="hash">SHA-256 of what was written, as <see cref="PolicyFile.Hash"/> has it.</param>
    /// <returns>Null, or why they are not there.</returns>
    public static string? Add(
        string path, PolicyFile? policy, IEnumerable<(Demand Demand, string Line)> answers, out string hash)
    {
        hash = "";
        var grants = policy?.Grants;
        try
        {
            // Whoever answers takes as long as he likes, and what he has not seen he has not said yes to.
            byte[]? there = File.Exists(path) ? File.ReadAllBytes(path) : null;
            if ((there is null ? null : Convert.ToHexStringLower(SHA256.HashData(there))) != policy?.Hash)
            {
                return "it was changed in the meantime, and is as it was then; run again to see it";
            }

            string before = Encoding.UTF8.GetString(there ?? []).TrimStart('\uFEFF');
            var lines = before.TrimEnd('\n').Split('\n').ToList();

            // From below, so that what is put in moves no header that is still to be found.
            foreach (var module in answers.GroupBy(one => one.Demand.Module)
                .OrderByDescending(one => grants?.Find(one.Key)?.Line ?? int.MaxValue))
            {
                Insert(lines, grants?.Find(module.Key)?.Line, module.Key, [.. module.Select(one => one.Line)]);
            }

            byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines).TrimStart('\n') + "\n");
            if (!GrantReader.Read(path, text).Mistakes.IsEmpty)
            {
                return "its tables are written in a way that takes no further lines; it is as it was";
            }

            string next = $"{path}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
            File.WriteAllBytes(next, text);
            File.Move(next, path, overwrite: true);
            hash = Convert.ToHexStringLower(SHA256.HashData(text));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    // A table that has a header takes them below it; whatever else there is, they stand at the end of the file.
    private static void Insert(List<string> lines, int? header, string module, IReadOnlyList<string> added)
    {
        string title = GrantLines.Header(module);
        if (header is { } line && line <= lines.Count
            && lines[line - 1].TrimStart().StartsWith(title, StringComparison.Ordinal))
        {
            lines.InsertRange(line, added);
        }
        else
        {
            lines.AddRange(["", title, .. added]);
        }
    }

    private bool IsKept(string name, string hash, string path)
    {
        try
        {
            return _folder is not null && Path.Combine(_folder, name) is var accepted && File.Exists(accepted)
                && File.ReadLines(accepted).Contains($"{hash} {path}", StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // What cannot be looked up was not said.
        }
    }

    private string? Keep(string name, string hash, string path)
    {
        if (_folder is null)
        {
            return "there is no folder to remember it in";
        }

        if (path.AsSpan().ContainsAny('\n', '\r'))
        {
            return "its path has a line break, and would say more than itself in a list of lines";
        }

        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(_folder);
            }
            else
            {
                Directory.CreateDirectory(_folder, OwnersFolder);
            }

            // One line for each path: what was accepted before is not any more.
            string accepted = Path.Combine(_folder, name);
            string end = $" {path}";
            var lines = File.Exists(accepted)
                ? File.ReadAllLines(accepted).Where(line => !line.EndsWith(end, StringComparison.Ordinal))
                : [];
            string next = $"{accepted}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
            File.WriteAllLines(next, lines.Append($"{hash} {path}"));
            File.Move(next, accepted, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
