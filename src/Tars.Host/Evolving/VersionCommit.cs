using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Store;
using Tars.Host.Versions;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Yaml;

namespace Tars.Host.Evolving;

/// <summary>Puts what evolution made into the store of versions, as far as its people let it.</summary>
public static class VersionCommit
{
    /// <summary>Who commits, in the history.</summary>
    public const string By = "evolve";

    /// <summary>Why nothing more may be committed, or null. Asked before a search: it would be for nothing.</summary>
    /// <param name="place">The folder of the module's versions; it need not be there.</param>
    public static string? WhyNoMore(string place, EvolutionProblem problem)
    {
        if (!Directory.Exists(place))
        {
            return null;
        }

        using var folder = VersionFolder.Open(place, problem.Module, out string why);
        return folder is null ? why : Full(folder, problem) ?? Moved(folder.History, problem);
    }

    /// <summary>How many entries the history of a module has; 0 where there is none.</summary>
    public static int Entries(string place, string module)
    {
        using var folder = Directory.Exists(place) ? VersionFolder.OpenToRead(place, module, out _) : null;
        return folder?.History.Entries.Length ?? 0;
    }

    /// <summary>Whether a commit stands in the history of a module from some entry on.</summary>
    /// <returns>Null, with why, when that cannot be known.</returns>
    public static bool? IsThere(
        string place, string module, VersionId version, VersionId notes, int from, out string why)
    {
        why = "";
        if (!Directory.Exists(place))
        {
            return false;
        }

        using var folder = VersionFolder.OpenToRead(place, module, out why);
        return folder?.History.Entries.Skip(from)
            .Any(one => one.Event == VersionEvent.Commit && one.Version == version && one.Notes == notes);
    }

    /// <summary>The text that the head holds, or null where there is none.</summary>
    public static string? Head(string place, string module)
    {
        if (!Directory.Exists(place))
        {
            return null;
        }

        using var folder = VersionFolder.OpenToRead(place, module, out _);
        return folder is null || folder.History.Head.IsNone ? null : folder.Text(folder.History.Head, out _);
    }

    /// <summary>The versions before the one that a problem is about, oldest first; of one that is not in the store,
    /// the head and those before it.</summary>
    public static ImmutableArray<VersionEntry> Lineage(string place, EvolutionProblem problem)
    {
        if (!Directory.Exists(place))
        {
            return [];
        }

        using var folder = VersionFolder.OpenToRead(place, problem.Module, out _);
        var own = VersionId.Of(problem.Source.Text);
        return folder is null ? []
            : folder.History.Find(own) is null ? folder.History.Lineage(folder.History.Head)
            : [.. folder.History.Lineage(own).SkipLast(1)];
    }

    /// <summary>Who looked at what `evolve test` judges a module by, oldest first.</summary>
    public static ImmutableArray<VersionEntry> Looks(string place, EvolutionProblem problem)
    {
        if (!Directory.Exists(place))
        {
            return [];
        }

        using var folder = VersionFolder.OpenToRead(place, problem.Module, out _);
        return folder is null ? [] : [.. folder.History.Looks.Where(one => one.Shown == problem.TestJudge)];
    }

    /// <summary>Puts down that somebody looks how two versions fare in the test scenarios, before he does.</summary>
    /// <param name="place">The folder of the module's versions; it need not be there.</param>
    /// <returns>Who did before him, oldest first; null with why when it cannot be put down.</returns>
    public static ImmutableArray<VersionEntry>? Look(
        string place, EvolutionProblem before, EvolutionProblem after, string by, string at, out string why)
    {
        using var folder = VersionFolder.Open(place, before.Module, out why);
        if (folder is null)
        {
            return null;
        }

        var looks = folder.History.Looks.Where(one => one.Shown == before.TestJudge).ToImmutableArray();
        var look = VersionHistory.Entry(VersionEvent.Look, VersionId.Of(after.Source.Text), by, at) with
        {
            Parent = VersionId.Of(before.Source.Text),
            Shown = before.TestJudge,
        };
        return folder.Record(look, [], out why) ? looks : null;
    }

    /// <summary>Makes a text the head; what a person wrote since becomes a version too, and its parent.</summary>
    /// <param name="notes">What is known of it beside its text.</param>
    /// <param name="score">The objective's value.</param>
    /// <returns>Null with why not; nothing was written then.</returns>
    public static VersionId? Make(
        string place, EvolutionProblem problem, string text, string notes, double? score, string at, out string why)
    {
        using var folder = VersionFolder.Open(place, problem.Module, out why);
        if (folder is null)
        {
            return null;
        }

        why = Full(folder, problem) ?? Moved(folder.History, problem) ?? "";
        if (why.Length != 0)
        {
            return null;
        }

        var history = folder.History;
        var parent = VersionId.Of(problem.Source.Text);
        var commit = VersionHistory.Entry(VersionEvent.Commit, VersionId.Of(text), By, at) with
        {
            Parent = parent,
            Notes = VersionId.Of(notes),
            Score = score,
        };
        var kept = VersionHistory.Entry(VersionEvent.Keep, parent, By, at) with { Parent = history.Head };
        VersionEntry[] entries = history.Head == parent ? [commit] : [kept, commit];
        return folder.Record(entries, [problem.Source.Text, text, notes], out why) ? folder.History.Head : null;
    }

    // Who may write the file that evolves must not be able to let more through than a person did: the version that was
    // approved says how many, and before any was the oldest that is there. Where that one says nothing, the least that
    // any does: there is nothing else that a person took.
    private static int Most(VersionFolder folder, EvolutionProblem problem)
    {
        var history = folder.History;
        var says = history.Approved.IsNone ? history.Present.FirstOrDefault() : history.Approved;
        int? Said(VersionId version) => folder.Text(version, out _) is { } text ? CountIn(text) : null;
        int? most = says.IsNone ? null : Said(says) ?? history.Present.Select(Said).Min();
        return Math.Min(problem.Evolution.VersionsPerSession, most ?? int.MaxValue);
    }

    // As the language reads it: a cap that is written in another way is the same cap.
    private static int? CountIn(string text)
    {
        var root = YamlReader.Read(new SourceText("version", text), new DiagnosticBag());
        var said = (root as YamlNode.Mapping)?.Find("evolution") as YamlNode.Mapping;
        return (said?.Find("versions_per_session") as YamlNode.Scalar)?.Value is { Length: > 0 } count
            && NumberReader.Int(count) is { } most ? (int)Math.Clamp(most, 0, int.MaxValue) : null;
    }

    private static string? Full(VersionFolder folder, EvolutionProblem problem)
    {
        var history = folder.History;
        int most = Most(folder, problem);
        return most <= history.SinceApproval
            ? $"{most} versions since a person approved one, and no more; tarscli versions approve"
            : null;
    }

    private static string? Moved(VersionHistory history, EvolutionProblem problem)
    {
        var parent = VersionId.Of(problem.Source.Text);
        return history.Head != parent && history.Find(parent) is not null
            ? $"the file is {parent.Short}, and the head is {history.Head.Short} by now; "
                + "tarscli versions show, or rollback"
            : null;
    }
}
