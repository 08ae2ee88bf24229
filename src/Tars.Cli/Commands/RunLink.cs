using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host.Control;

namespace Tars.Cli.Commands;

/// <summary>What all commands share that operate a run: which one, the connection, how its answer is shown.</summary>
internal sealed class RunLink
{
    private readonly string _name;
    private readonly Terminal _terminal;
    private readonly Option<string?> _pid;
    private readonly Option<string?> _control;
    private readonly Option<bool> _json = CommonOptions.Json();

    /// <param name="command">Gets the options that say which run is meant.</param>
    /// <param name="name">What it is called in messages, where that is more than its own name.</param>
    public RunLink(Command command, Terminal terminal, string? name = null)
    {
        _name = name ?? command.Name;
        _terminal = terminal;
        _pid = new Option<string?>("--pid") { Description = "The run with this process number.", HelpName = "N" };
        _pid.Validators.Add(result => CheckNumber(result, "--pid"));
        _control = Control("The run whose socket is at this path.");
        command.Add(_pid);
        command.Add(_control);
        command.Add(_json);
    }

    public static Option<string?> Control(string about) => CommonOptions.Place("--control", about, "PATH");

    public static void CheckNumber(SymbolResult result, string name)
    {
        foreach (var token in result.Tokens.Where(token => Number(token.Value) is null))
        {
            result.AddError($"{name} wants a whole number from 1 on, not '{Printable.Of(token.Value)}'");
        }
    }

    /// <summary>A number of a run, process or letter; a process may have a # before it, as it is shown.</summary>
    public static long? Number(string text) =>
        long.TryParse(text.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        && 0 < number
            ? number
            : null;

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Asks one thing and shows what was done.</summary>
    /// <param name="members">Writes `op` and what belongs to it.</param>
    /// <param name="show">Shows a person what was done; null to show each member.</param>
    public int Do(
        ParseResult parsed, Action<Utf8JsonWriter> members, Action<JsonElement, TextWriter>? show = null)
    {
        using var link = Open(parsed);
        return link is null ? ExitStatus.Unusable : Do(link, parsed, members, ExitStatus.Unusable, show);
    }

    /// <param name="refused">The exit status when the run refuses.</param>
    public int Do(
        ControlLink link,
        ParseResult parsed,
        Action<Utf8JsonWriter> members,
        int refused,
        Action<JsonElement, TextWriter>? show = null)
    {
        if (Ask(link, parsed, members) is not { } answer)
        {
            return refused;
        }

        if (IsJson(parsed))
        {
            Write(answer);
        }
        else if (show is not null)
        {
            show(answer, _terminal.Output);
        }
        else
        {
            Show(answer);
        }

        return ExitStatus.Fine;
    }

    /// <summary>Asks for rows, page by page, and shows them all.</summary>
    /// <param name="op">The request.</param>
    /// <param name="rows">What the rows are called in the answer.</param>
    /// <param name="key">The member of a row that those of the next page follow.</param>
    public int List(
        ParseResult parsed, string op, string rows, string key, Action<IReadOnlyList<JsonElement>, TextWriter> show)
    {
        using var link = Open(parsed);
        if (link is null)
        {
            return ExitStatus.Unusable;
        }

        var all = new List<JsonElement>();
        long after = 0;
        bool more = true;
        while (more)
        {
            long from = after;
            var answer = Ask(link, parsed, json =>
            {
                json.WriteString("op", op);
                json.WriteNumber("after", from);
            });
            if (answer is not { } page)
            {
                return ExitStatus.Unusable;
            }

            all.AddRange(page.GetProperty(rows).EnumerateArray());
            after = all.Count == 0 ? 0 : all[^1].GetProperty(key).GetInt64();
            more = page.GetProperty("more").GetBoolean() && from < after;
        }

        if (IsJson(parsed))
        {
            _terminal.Output.WriteLine(JsonText.Indented(json => json.List(rows, all, (_, row) => row.WriteTo(json))));
        }
        else
        {
            show(all, _terminal.Output);
        }

        return ExitStatus.Fine;
    }

    /// <summary>The run that is meant; null when the user was told why there is none.</summary>
    public ControlLink? Open(ParseResult parsed)
    {
        string? named = parsed.GetValue(_control);
        string? path = named is null ? Choose(parsed) : _terminal.FullPath(named);
        if (path is null)
        {
            return null;
        }

        var link = ControlLink.Open(path, out string reason);
        if (link is null)
        {
            Tell(named is null ? reason : reason.Replace(path, named, StringComparison.Ordinal));
        }

        return link;
    }

    public void Tell(string reason) => _terminal.Error.WriteLine($"tarscli {_name}: {Printable.Of(reason)}");

    private string? Choose(ParseResult parsed)
    {
        var runs = ControlPlace.Runs();
        if (parsed.GetValue(_pid) is { } text)
        {
            var meant = runs.Where(run => run.Process == Number(text)).ToArray();
            if (meant.Length == 0)
            {
                Tell($"no run has the process number {text}");
                return null;
            }

            runs = meant;
        }

        switch (runs)
        {
            case [var only]:
                return only.Path;
            case []:
                Tell($"no run of yours can be operated; one that lasts opens a socket in {ControlPlace.Folder}");
                return null;
            default:
                Tell("several runs can be operated; say which one:");
                foreach (var run in runs)
                {
                    using var link = ControlLink.Open(run.Path, out _);
                    string modules = link is null ? "" : $"  ({string.Join(", ", link.Modules)})";
                    string which = runs.Count(one => one.Process == run.Process) == 1
                        ? string.Create(CultureInfo.InvariantCulture, $"--pid {run.Process}")
                        : $"--control {run.Path}";
                    _terminal.Error.WriteLine(Printable.Of($"  {which}{modules}"));
                }

                return null;
        }
    }

    // Null when the user was told why there is nothing to show.
    private JsonElement? Ask(ControlLink link, ParseResult parsed, Action<Utf8JsonWriter> members)
    {
        if (link.Ask(members, out string reason) is not { } answer)
        {
            Tell(reason);
            return null;
        }

        if (answer.GetProperty("ok").GetBoolean())
        {
            return answer;
        }

        if (IsJson(parsed))
        {
            Write(answer);
        }

        Tell(answer.GetProperty("reason").GetString() ?? "");
        return null;
    }

    private void Write(JsonElement answer) => _terminal.Output.WriteLine(JsonText.Indented(json =>
    {
        foreach (var member in answer.EnumerateObject().Where(one => one.Name != "id"))
        {
            member.WriteTo(json);
        }
    }));

    private void Show(JsonElement answer)
    {
        foreach (var member in answer.EnumerateObject().Where(one => one.Name is not ("id" or "ok")))
        {
            string[] texts = member.Value.ValueKind == JsonValueKind.Array
                ? [.. member.Value.EnumerateArray().Select(one => $"  {member.Name}: {one}")]
                : [member.Name == "done" ? member.Value.ToString() : $"{member.Name}: {member.Value}"];
            foreach (string text in texts)
            {
                _terminal.Output.WriteLine(Printable.Of(text));
            }
        }
    }
}
