using System.CommandLine;
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

/// <summary><c>tarscli versions</c>: what a module was, is, and may become: its versions in a store.</summary>
internal static class VersionsCommand
{
    private const string Name = "versions";
    private const int CountDigitsMax = 30;

    private sealed record Options(string Module, string Store, bool Json);

    // To add one write its method and a row here.
    private static readonly (string Verb, string About, int Versions, Func<Call, int> Do)[] _verbs =
    [
        ("list", "List the versions of a module.", 0, List),
        ("show", "Show the text of a version.", 1, Show),
        ("diff", "Show what differs between two versions, or between one and the head.", 2, Diff),
        ("rollback", "Make an older version the head again; nothing is lost.", 1, Rollback),
        ("approve", "Take a version, after its differences were shown; asks at a terminal.", 1, Approve),
    ];

    private sealed record Call(Options Options, VersionFolder Folder, string[] Versions, Terminal Terminal)
    {
        public VersionHistory History => Folder.History;
    }

    public static Command Define(Terminal terminal)
    {
        var command = new Command(Name, "Keep the versions of a module, and go back to them.");
        foreach (var (verb, about, count, act) in _verbs)
        {
            var first = new Argument<string>("VERSION")
            {
                Description = "The first digits of its hash, `head` or `approved`.",
            };
            var second = new Argument<string>("OTHER")
            {
                Description = "Another; without it the head.",
                DefaultValueFactory = _ => "head",
            };
            var one = new Command(verb, about);
            var options = Common(one);
            Argument<string>[] versions = [.. new[] { first, second }.Take(count)];
            Array.ForEach(versions, one.Add);
            one.SetAction(parsed => With(
                options(parsed), [.. versions.Select(version => parsed.GetValue(version)!)], act, terminal));
            command.Add(one);
        }

        command.Add(DefineKeep(terminal));
        command.Add(DefinePrune(terminal));
        return command;
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
        var options = Common(prune);
        prune.SetAction(parsed => With(
            options(parsed),
            [],
            call => Prune(call, Count(parsed.GetRequiredValue(count))!.Value), // It was checked.
            terminal));
        return prune;
    }

    // More than there can be is all of them.
    private static int? Count(string text) => text.Length is 0 or > CountDigitsMax || !text.All(char.IsAsciiDigit)
        || !Int128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? null
        : (int)Int128.Min(number, int.MaxValue);

    private static Func<ParseResult, Options> Common(Command command)
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
        return parsed =>
            new Options(parsed.GetRequiredValue(module), parsed.GetValue(store)!, parsed.GetValue(json));
    }

    private static Option<string> Store() => new("--store")
    {
        Description = "Where the versions of all modules are.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => VersionPlace.Default,
    };

    private static int With(Options options, string[] versions, Func<Call, int> act, Terminal terminal)
    {
        string folder = VersionPlace.Of(terminal.FullPath(options.Store), options.Module);
        if (!Directory.Exists(folder))
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {Printable.Of(options.Module)}: no versions in {Printable.Of(options.Store)}");
            return ExitStatus.Unusable;
        }

        using var opened = VersionFolder.Open(folder, options.Module, out string why);
        return opened is null
            ? Fail(options.Module, why, terminal)
            : act(new Call(options, opened, versions, terminal));
    }

    private static int List(Call call)
    {
        if (call.Options.Json)
        {
            call.Terminal.Output.WriteLine(JsonText.Indented(json => VersionText.Write(json, call.History)));
        }
        else
        {
            VersionText.Write(call.Terminal.Output, call.History);
        }

        return ExitStatus.Fine;
    }

    private static int Show(Call call)
    {
        if (Meant(call, call.Versions[0]) is not { } version || Text(call, version) is not { } text)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Output.Write(text);
        return ExitStatus.Fine;
    }

    private static int Diff(Call call)
    {
        if (Meant(call, call.Versions[0]) is not { } before || Meant(call, call.Versions[1]) is not { } after
            || Changes(call, before, after) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Output.Write(changes);
        return ExitStatus.Fine;
    }

    private static int Rollback(Call call)
    {
        if (Meant(call, call.Versions[0]) is not { } version)
        {
            return ExitStatus.Unusable;
        }

        return Record(call, VersionHistory.Entry(VersionEvent.Rollback, version, User(), Now()));
    }

    // A person sees what differs and says its name; nothing that has no terminal can.
    private static int Approve(Call call)
    {
        if (!call.Terminal.IsInteractive)
        {
            return Fail(call.Options.Module, "an approval needs a person at a terminal", call.Terminal);
        }

        if (Meant(call, call.Versions[0]) is not { } version)
        {
            return ExitStatus.Unusable;
        }

        if (Shown(call, version) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        call.Terminal.Error.Write(changes);
        string? answer = call.Terminal.Ask($"approve {version.Short}? say its first digits: ");
        if (answer is null || !version.BeginsWith(answer))
        {
            return Fail(call.Options.Module, "not approved", call.Terminal);
        }

        return Record(call, VersionHistory.Entry(VersionEvent.Approve, version, User(), Now()) with
        {
            Shown = VersionId.Of(changes),
        });
    }

    private static string? Shown(Call call, VersionId version)
    {
        if (!call.History.Approved.IsNone)
        {
            return Changes(call, call.History.Approved, version);
        }

        return Text(call, version) is { } text ? $"nothing was approved before; it says:\n{text}" : null;
    }

    private static int Prune(Call call, int keep)
    {
        int before = call.History.Present.Length;
        if (!call.Folder.Prune(keep, User(), Now(), out string why))
        {
            return Fail(call.Options.Module, why, call.Terminal);
        }

        call.Terminal.Output.WriteLine(
            $"{before - call.History.Present.Length} dropped, {call.History.Present.Length} there");
        return ExitStatus.Fine;
    }

    private static int Keep(string file, string store, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, file, terminal) is not { } bytes)
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
        var entry = folder is null ? null : VersionHistory.Entry(VersionEvent.Keep, version, User(), Now()) with
        {
            Parent = folder.History.Head,
        };
        if (entry is null || !folder!.Record(entry, [text], out why))
        {
            return Fail(module, why, terminal);
        }

        terminal.Output.WriteLine($"{module} {version.Short}");
        return ExitStatus.Fine;
    }

    private static int Record(Call call, VersionEntry entry)
    {
        if (!call.Folder.Record(entry, [], out string why))
        {
            return Fail(call.Options.Module, why, call.Terminal);
        }

        call.Terminal.Output.WriteLine($"{call.Options.Module} {entry.Version.Short}");
        return ExitStatus.Fine;
    }

    private static VersionId? Meant(Call call, string digits)
    {
        var meant = call.History.Meant(digits);
        if (meant.Length == 1)
        {
            return meant[0];
        }

        _ = Fail(
            call.Options.Module,
            meant.IsEmpty ? $"no version '{digits}'; four digits of its hash are needed at least"
                : $"{digits} may mean {meant.Length} versions",
            call.Terminal);
        return null;
    }

    private static string? Text(Call call, VersionId version)
    {
        string? text = call.Folder.Text(version, out string why);
        if (text is null)
        {
            _ = Fail(call.Options.Module, why, call.Terminal);
        }

        return text;
    }

    private static string? Changes(Call call, VersionId before, VersionId after)
    {
        if (Text(call, before) is not { } first || Text(call, after) is not { } second)
        {
            return null;
        }

        using var told = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var changes = DocumentDiff.Between(Tree(first), Tree(second));
        if (call.Options.Json)
        {
            told.WriteLine(JsonText.Indented(json => ChangeText.Write(json, changes)));
        }
        else
        {
            ChangeText.Write(told, changes);
        }

        return told.ToString();
    }

    private static YamlNode Tree(string text) => YamlReader.Read(new SourceText("version", text), new DiagnosticBag());

    private static int Fail(string module, string why, Terminal terminal)
    {
        terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(module)}: {Printable.Of(why)}");
        return ExitStatus.Unusable;
    }

    private static string User() => Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(Environment.UserName));

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
