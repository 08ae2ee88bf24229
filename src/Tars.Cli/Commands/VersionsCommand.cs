using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Store;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli versions</c>: what a module was, is, and may become: its versions in a store.</summary>
internal static class VersionsCommand
{
    private const int CountDigitsMax = 30;
    private const string Between = "..";

    // To add one write its method and a row here; one with options of its own has a file of its own.
    private static readonly (
        string Verb, string About, int Versions, VersionAccess Access, Func<VersionCall, int> Do)[] _verbs =
    [
        ("list", "List the versions of a module.", 0, VersionAccess.Read, List),
        ("show", "Show the text of a version.", 1, VersionAccess.Read, Show),
        (
            "diff", "Show what differs between two versions, or between one and the head.", 2, VersionAccess.Read,
            Diff),
        ("rollback", "Make an older version the head again; nothing is lost.", 1, VersionAccess.Write, Rollback),
    ];

    public static Command Define(Terminal terminal)
    {
        var command = new Command(VersionCall.Command, "Keep the versions of a module, and go back to them.");
        foreach (var (verb, about, count, access, act) in _verbs)
        {
            var second = new Argument<string>("OTHER")
            {
                Description = "Another; without it the head.",
                DefaultValueFactory = _ => "head",
            };
            Argument<string>[] versions = [.. new[] { Version(), second }.Take(count)];
            command.Add(Verb(verb, about, versions, access, act, terminal));
        }

        command.Add(DefineSquash(terminal));
        command.Add(VersionApproveCommand.Define(terminal));
        command.Add(VersionKeyCommand.Define(terminal));
        command.Add(VersionBisectCommand.Define(terminal));
        command.Add(DefineKeep(terminal));
        command.Add(DefinePrune(terminal));
        return command;
    }

    /// <summary>The argument that names a version.</summary>
    public static Argument<string> Version() => new("VERSION")
    {
        Description = "The first digits of its hash, `head` or `approved`.",
    };

    /// <summary>Gives a command the module, the store and `--json`.</summary>
    /// <returns>Opens the store that was named, and acts.</returns>
    public static Func<ParseResult, string[], Func<VersionCall, int>, int> Common(
        Command command, VersionAccess access, Terminal terminal)
    {
        var module = new Argument<string>("MODULE") { Description = "The name of the module." };
        module.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("MODULE is the name of a module, and is empty");
            }
        });
        var store = Store();
        var json = CommonOptions.Json();
        command.Add(module);
        command.Add(store);
        command.Add(json);
        return (parsed, versions, act) => VersionCall.With(
            parsed.GetRequiredValue(module),
            parsed.GetValue(store)!,
            parsed.GetValue(json),
            versions,
            access,
            act,
            terminal);
    }

    public static Option<string> Store() => new("--store")
    {
        Description = "Where the versions of all modules are.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => VersionPlace.Default,
    };

    private static Command Verb(
        string verb,
        string about,
        Argument<string>[] versions,
        VersionAccess access,
        Func<VersionCall, int> act,
        Terminal terminal)
    {
        var command = new Command(verb, about);
        var with = Common(command, access, terminal);
        Array.ForEach(versions, command.Add);
        command.SetAction(parsed => with(parsed, [.. versions.Select(one => parsed.GetValue(one)!)], act));
        return command;
    }

    private static Command DefineSquash(Terminal terminal)
    {
        var range = new Argument<string>("A..B") { Description = "Two versions; what lies between them is dropped." };
        range.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Split(Between).Length != 2)
            {
                result.AddError("A..B is two versions with two points between them");
            }
        });
        return Verb(
            "squash",
            "Drop the texts between two versions; the ends and all entries stay.",
            [range],
            VersionAccess.Write,
            Squash,
            terminal);
    }

    private static Command DefineKeep(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript; it becomes the head." };
        var store = Store();
        var keep = new Command("keep", "Put a metascript into the store of its module.") { file, store };
        keep.SetAction(parsed => Keep(parsed.GetRequiredValue(file), parsed.GetValue(store)!, terminal));
        return keep;
    }

    private static Command DefinePrune(Terminal terminal)
    {
        var count = new Option<string>("--keep")
        {
            Description = "How many of the newest stay.",
            HelpName = "N",
            DefaultValueFactory = _ => "10",
        };
        count.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Count(token.Value) is null)
            {
                result.AddError($"--keep wants a whole number from 0 on, not '{Printable.Of(token.Value)}'");
            }
        });
        var prune = new Command("prune", "Drop texts but the newest, the head, the approved and the best.") { count };
        var with = Common(prune, VersionAccess.Write, terminal);
        prune.SetAction(parsed => with(
            parsed, [], call => Prune(call, Count(parsed.GetRequiredValue(count))!.Value))); // It was checked.
        return prune;
    }

    // More than there can be is all of them.
    private static int? Count(string text) => text.Length is 0 or > CountDigitsMax || !text.All(char.IsAsciiDigit)
        || !Int128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? null
        : (int)Int128.Min(number, int.MaxValue);

    private static int List(VersionCall call)
    {
        if (call.Json)
        {
            call.Terminal.Output.WriteLine(JsonText.Indented(json => VersionText.Write(json, call.Folder)));
        }
        else
        {
            VersionText.Write(call.Terminal.Output, call.Folder);
        }

        return ExitStatus.Fine;
    }

    private static int Show(VersionCall call)
    {
        if (call.Meant(call.Versions[0]) is not { } version || call.Text(version) is not { } text)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Output.Write(text);
        foreach (string look in VersionText.Looks(call.History.Looks.Where(one => one.Version == version)))
        {
            call.Terminal.Error.WriteLine($"looked at in the test scenarios: {Printable.Of(look)}"); // Not in the text.
        }

        return ExitStatus.Fine;
    }

    private static int Diff(VersionCall call)
    {
        if (call.Meant(call.Versions[0]) is not { } before || call.Meant(call.Versions[1]) is not { } after
            || call.Changes(before, after) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Output.Write(changes);
        return ExitStatus.Fine;
    }

    private static int Rollback(VersionCall call) => call.Meant(call.Versions[0]) is { } version
        ? call.Record(VersionHistory.Entry(VersionEvent.Rollback, version, VersionCall.User(), VersionCall.Now()))
        : ExitStatus.Unusable;

    private static int Squash(VersionCall call)
    {
        string[] ends = call.Versions[0].Split(Between);
        if (call.Meant(ends[0]) is not { } from || call.Meant(ends[1]) is not { } to)
        {
            return ExitStatus.Unusable;
        }

        int before = call.History.Present.Length;
        return call.Folder.Squash(from, to, VersionCall.User(), VersionCall.Now(), out string why)
            ? Dropped(call, before)
            : call.Fail(why);
    }

    private static int Prune(VersionCall call, int keep)
    {
        int before = call.History.Present.Length;
        return call.Folder.Prune(keep, VersionCall.User(), VersionCall.Now(), out string why)
            ? Dropped(call, before)
            : call.Fail(why);
    }

    private static int Dropped(VersionCall call, int before)
    {
        int there = call.History.Present.Length;
        call.Terminal.Output.WriteLine($"{before - there} dropped, {there} there");
        return ExitStatus.Fine;
    }

    private static int Keep(string file, string store, Terminal terminal)
    {
        if (InputFile.ReadSource(VersionCall.Command, file, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Of(file, bytes, terminal, includeTests: true);
        var wrong = new List<PlacedDiagnostic>();
        if (compilation.Diagnostics.Any(one => one.IsError)
            || Compilation.Format(file, bytes, terminal, wrong) is not { } text)
        {
            Compilation.ShowFaults([.. compilation.Diagnostics.Where(one => one.IsError)], asJson: false, terminal);
            return ExitStatus.Faulty;
        }

        string module = compilation.Result!.Check.Module.Name; // It was compiled.
        string place = VersionPlace.Of(terminal.FullPath(store), module);
        using var folder = VersionFolder.Open(place, module, out string why);
        var version = VersionId.Of(text);
        var kept = VersionHistory.Entry(VersionEvent.Keep, version, VersionCall.User(), VersionCall.Now());
        if (folder is null || !folder.Record(kept with { Parent = folder.History.Head }, [text], out why))
        {
            return VersionCall.Fail(module, why, terminal);
        }

        terminal.Output.WriteLine($"{module} {version.Short}");
        return ExitStatus.Fine;
    }
}
