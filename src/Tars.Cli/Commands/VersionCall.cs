using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Changes;
using Tars.Evolution.Store;
using Tars.Host.Versions;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Cli.Commands;

/// <summary>One call of <c>tarscli versions</c>: the store of a module, opened, and what the user said.</summary>
/// <param name="Place">Where the store is.</param>
/// <param name="Versions">As the user wrote them.</param>
internal sealed record VersionCall(
    string Module, bool Json, string Place, VersionFolder Folder, string[] Versions, Terminal Terminal)
{
    public const string Command = "versions";

    public VersionHistory History => Folder.History;

    /// <summary>Opens the store of a module and does something with it.</summary>
    public static int With(
        string module,
        string store,
        bool json,
        string[] versions,
        VersionAccess access,
        Func<VersionCall, int> act,
        Terminal terminal)
    {
        string folder = VersionPlace.Of(terminal.FullPath(store), module);
        if (!Directory.Exists(folder))
        {
            return Fail(module, $"no versions in {store}", terminal);
        }

        string why;
        using var opened = access == VersionAccess.Read
            ? VersionFolder.OpenToRead(folder, module, out why)
            : VersionFolder.Open(folder, module, out why);
        return opened is null
            ? Fail(module, why, terminal)
            : act(new VersionCall(module, json, folder, opened, versions, terminal));
    }

    /// <summary>Opens the store once more, now to write: what was only looked at may be another by then.</summary>
    public int ThenWrite(Func<VersionCall, int> act)
    {
        using var opened = VersionFolder.Open(Place, Module, out string why);
        return opened is null ? Fail(why) : act(this with { Folder = opened });
    }

    public static int Fail(string module, string why, Terminal terminal)
    {
        terminal.Error.WriteLine($"tarscli {Command}: {Printable.Of(module)}: {Printable.Of(why)}");
        return ExitStatus.Unusable;
    }

    public int Fail(string why) => Fail(Module, why, Terminal);

    /// <summary>The version that some digits mean; null after the user was told why there is none.</summary>
    public VersionId? Meant(string digits)
    {
        var meant = History.Meant(digits);
        if (meant.Length == 1)
        {
            return meant[0];
        }

        _ = Fail(meant.IsEmpty && History.Gone(digits) is [var (gone, by)]
            ? $"{gone.Short} was dropped by a {VersionText.Word(by.Event)} of {by.By} at {by.At}; its text is gone"
            : meant.IsEmpty && digits == "approved" ? "no version was approved"
            : meant.IsEmpty ? $"no version '{digits}'; four digits of its hash are needed at least"
            : $"{digits} may mean {meant.Length} versions");
        return null;
    }

    /// <summary>The text of a version; null after the user was told why there is none.</summary>
    public string? Text(VersionId version)
    {
        string? text = Folder.Text(version, out string why);
        if (text is null)
        {
            _ = Fail(why);
        }

        return text;
    }

    /// <summary>What differs between two versions, as it is shown.</summary>
    /// <param name="isWhole">Whether comments count too: no gate judges them, and who plans next reads them.</param>
    public string? Changes(VersionId before, VersionId after, bool isWhole = false)
    {
        if (Text(before) is not { } first || Text(after) is not { } second)
        {
            return null;
        }

        using var told = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var changes = DocumentDiff.Between(Tree(first), Tree(second));
        if (Json)
        {
            told.WriteLine(JsonText.Indented(json =>
            {
                ChangeText.Write(json, changes);
                if (isWhole)
                {
                    CommentText.Write(json, first, second);
                }
            }));
            return told.ToString();
        }

        ChangeText.Write(told, changes);
        if (isWhole)
        {
            CommentText.Write(told, first, second);
        }

        return told.ToString();
    }

    /// <summary>Adds an entry to the history, and says which version it is about.</summary>
    public int Record(VersionEntry entry, params string[] objects)
    {
        if (!Folder.Record(entry, objects, out string why))
        {
            return Fail(why);
        }

        Terminal.Output.WriteLine($"{Module} {entry.Version.Short}");
        return ExitStatus.Fine;
    }

    public static string User() => Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(Environment.UserName));

    public static string Now() =>
        DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static YamlNode Tree(string text) => YamlReader.Read(new SourceText("version", text), new DiagnosticBag());
}

/// <summary>What a call does with a store; what only looks at one needs no right to write.</summary>
internal enum VersionAccess
{
    Read,
    Write,
}
